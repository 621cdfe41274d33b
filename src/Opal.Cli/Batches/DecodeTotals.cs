using System.Globalization;

namespace Opal.Cli.Batches;

/// <summary>The sums over an inspection.</summary>
internal sealed class DecodeTotals(Inspection inspection)
{
    public int Transactions => inspection.Transactions.Count;

    /// <summary>Transactions that derivation takes no data from because of their sender, type or chain.</summary>
    public int Ignored => inspection.Transactions.Count(static transaction => transaction.Ignored is not null);

    public int Frames => inspection.Frames.Count;

    /// <summary>Frames that are not used.</summary>
    public int UnusedFrames => inspection.Frames.Count(static frame => !frame.IsUsed);

    public int Channels => inspection.Channels.Count;

    public int CompleteChannels => inspection.Channels.Count(static channel => channel.State == ChannelState.Complete);

    public int Batches => inspection.Channels.Sum(static channel => channel.Batches.Count);

    public int Blocks => inspection.Channels.Sum(static channel => channel.BlockCount);

    public int L2Transactions => inspection.Channels.Sum(static channel => channel.TransactionCount);

    /// <summary>The bytes of the channels that were read.</summary>
    public long CompressedBytes => Read.Sum(static channel => (long)channel.CompressedBytes);

    /// <summary>The bytes they decompress to.</summary>
    public long ContentBytes => Read.Sum(static channel => (long)channel.ContentBytes);

    private IEnumerable<ChannelView> Read => inspection.Channels.Where(static channel => channel.ContentBytes > 0);

    /// <summary>Prints them in a few lines.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(
            $"total: {Some(Transactions, "transaction")}{Less(Ignored, "not the batcher's")}, {Some(Frames, "frame")}{Less(UnusedFrames, "not used")}, " +
            $"{Some(Channels, "channel")}{(CompleteChannels == Channels ? "" : $" ({Count(CompleteChannels)} complete)")}, {Some(Batches, "batch", "es")}, " +
            $"{Some(Blocks, "L2 block")}, {Some(L2Transactions, "L2 transaction")}");
        if (CompressedBytes == 0) return;
        string ratio = ((double)ContentBytes / CompressedBytes).ToString("F2", CultureInfo.InvariantCulture);
        string each = Blocks == 0 ? "" : $", {Count(CompressedBytes / Blocks)} bytes a block";
        string most = L2Transactions == 0 ? "" : $", {Count(CompressedBytes / L2Transactions)} a transaction";
        output.WriteLine($"       {Count(CompressedBytes)} bytes hold {Count(ContentBytes)} (ratio {ratio}){each}{most}");
    }

    private static string Less(int number, string what) => number == 0 ? "" : $" ({Count(number)} {what})";

    private static string Some(int number, string what, string plural = "s") => $"{Count(number)} {what}{(number == 1 ? "" : plural)}";

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
