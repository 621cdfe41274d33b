using Opal.Cli.Batches;
using Opal.TxManager;

namespace Opal.Cli.BatcherReports;

/// <summary>Prints what was posted for people.</summary>
internal sealed class PostedText(PostedRange range, TextWriter output)
{
    private const string Unknown = "unknown";

    public void Write()
    {
        output.WriteLine($"L1 blocks {range.From}..{range.To} ({Amounts.Time(range.Seconds)}), batcher {range.Inspection.Rollup.Batcher!.Value.ToChecksumString()}, inbox {range.Inspection.Rollup.Config.BatchInboxAddress}");
        output.WriteLine();
        WriteTransactions();
        WriteTotals();
    }

    private void WriteTransactions()
    {
        var table = new AlignedTable($"batcher transactions ({range.Transactions.Count})",
            ">L1 block", "transaction", "carrier", ">bytes", ">fill", ">gas", ">gwei", ">blob gwei", ">ETH", ">L2 blocks", ">txs", ">delay", "channel");
        var named = new HashSet<ChannelView>();
        foreach (PostedTransaction transaction in range.Transactions)
        {
            ChannelView[] channels = [.. range.Inspection.Channels.Where(channel => channel.Frames.Exists(frame => ReferenceEquals(frame.Transaction, transaction.Source)))];
            // a channel is told of with the transaction that completed it
            ChannelView[] completed = [.. channels.Where(channel => channel.State == ChannelState.Complete && ReferenceEquals(channel.Frames.FindLast(static frame => frame.IsUsed)!.Transaction, transaction.Source))];
            table.Add(
                $"{transaction.Source.Block!.Value.Number}",
                Short($"{transaction.Source.Hash}"),
                transaction.Blobs == 0 ? "calldata" : $"{transaction.Blobs} blob{(transaction.Blobs == 1 ? "" : "s")}",
                transaction.Bytes is { } bytes ? Amounts.Count(bytes) : Unknown,
                transaction.FillPercent is { } fill ? $"{Amounts.Number(fill, 1)} %" : transaction.Blobs == 0 ? "" : Unknown,
                Amounts.Count((long)transaction.Gas),
                EtherText.Gwei(transaction.Result.Receipt.EffectiveGasPrice),
                transaction.Result.Receipt.BlobGasPrice is { } price ? EtherText.Gwei(price) : "",
                EtherText.Of(transaction.Fee),
                completed.Length == 0 ? "" : Amounts.Count(completed.Sum(static channel => (long)channel.BlockCount)),
                completed.Length == 0 ? "" : Amounts.Count(completed.Sum(static channel => (long)channel.TransactionCount)),
                new CarriedBlocks(completed) is { AverageDelay: { } delay } ? $"{Amounts.Number(delay, 0)} s" : "",
                string.Join(", ", channels.Select(channel => NameOf(channel, named.Add(channel)))));
        }

        table.Write(output);
    }

    private static string NameOf(ChannelView channel, bool isNew)
    {
        string id = Short($"{channel.Id}");
        return channel.State == ChannelState.Complete ? id : isNew ? $"{id} {channel.StateText}" : id;
    }

    private void WriteTotals()
    {
        CarriedBlocks carried = range.Carried;
        (long compressed, long content) = range.Compression;
        string strangers = range.Strangers == 0 ? "" : $"; {range.Strangers} to the inbox from others, which cost them and change nothing";
        Line("transactions", $"{Amounts.Count(range.Transactions.Count)}{(range.Blobs == 0 ? "" : $" with {Amounts.Count(range.Blobs)} blob{(range.Blobs == 1 ? "" : "s")}")}{strangers}");
        if (range.Blobs > 0) Line("blob fill", range.FillPercent is { } fill ? $"{Amounts.Number(fill, 2)} %" : range.HasBeacon ? Unknown : $"{Unknown}: give --l1-beacon; it keeps blobs for 18 days");
        Line("data", range.Bytes is { } bytes ? $"{Amounts.Count(bytes)} bytes in frames" : Unknown);
        if (compressed > 0) Line("compression", $"{Amounts.Count(content)} bytes of batches in {Amounts.Count(compressed)} (ratio {Amounts.Number((double)content / compressed, 2)})");
        Line("fees", $"{EtherText.Of(range.Fee)} ETH: {EtherText.Of(range.ExecutionFee)} for {Amounts.Count((long)range.Gas)} gas, {EtherText.Of(range.BlobFee)} for blobs");
        if (range.FeePerDay is { } day) Line("", $"{EtherText.Of(day)} ETH a day at this rate");
        Line("cost per MB", range.FeePerMegabyte is { } megabyte ? $"{EtherText.Of(megabyte)} ETH" : Unknown);
        bool nothingRead = range.Bytes is null && carried.Blocks == 0;
        Line("L2 blocks", nothingRead ? Unknown : $"{Amounts.Count(carried.Blocks)}{(range.FeePerBlock is { } block ? $", {EtherText.Gwei(block)} gwei each" : "")}");
        Line("L2 transactions", nothingRead ? Unknown : $"{Amounts.Count(carried.Transactions)}{(range.FeePerTransaction is { } each ? $", {EtherText.Gwei(each)} gwei each" : "")}");
        if (carried.AverageDelay is { } delay) Line("delay", $"{Amounts.Number(delay, 1)} s from an L2 block to its inclusion on average, {Amounts.Count((long)carried.MostDelay)} s at most");
        Line("channels", nothingRead ? Unknown : $"{Amounts.Count(range.CompleteChannels)} complete, {Amounts.Count(range.OpenChannels)} reaching beyond the range or still open, {Amounts.Count(range.LostChannels.Count)} lost");
        Line("duplicates", nothingRead ? Unknown : $"{Amounts.Count(carried.DuplicateChannels)} channels, {Amounts.Count(carried.DuplicateBlocks)} L2 blocks");
        foreach ((ChannelView channel, string reason) in range.LostChannels) Line("lost channel", $"{channel.Id}: {reason}");
        foreach (string problem in range.Inspection.Problems.Where(problem => range.HasBeacon || !problem.Contains("l1.beacon", StringComparison.Ordinal))) Line("not decoded", problem);
    }

    private void Line(string name, string text) => output.WriteLine($"{name,-16}{text}");

    private static string Short(string hash) => hash.Length < 20 ? hash : $"{hash[..10]}…{hash[^4..]}";
}
