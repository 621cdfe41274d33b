using Opal.Batcher;
using Opal.Cli.Batches;
using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>What a batcher posted in a range of L1 blocks, and what it cost.</summary>
/// <param name="inspection">The transactions to the inbox, taken apart.</param>
/// <param name="posted">The batcher's own, with their receipts.</param>
/// <param name="from">The first L1 block.</param>
/// <param name="to">The last L1 block.</param>
/// <param name="seconds">The time between the two.</param>
/// <param name="hasBeacon">Whether there was a Beacon API to ask for blobs.</param>
internal sealed class PostedRange(Inspection inspection, IReadOnlyList<PostedTransaction> posted, ulong from, ulong to, ulong seconds, bool hasBeacon)
{
    private const ulong Megabyte = 1_000_000;

    public Inspection Inspection => inspection;

    public ulong From => from;

    public ulong To => to;

    /// <summary>Seconds from the first L1 block to the last.</summary>
    public ulong Seconds => seconds;

    /// <summary>Whether there was a Beacon API to ask for blobs.</summary>
    public bool HasBeacon => hasBeacon;

    /// <summary>The batcher's transactions, in L1's order.</summary>
    public IReadOnlyList<PostedTransaction> Transactions => posted;

    /// <summary>Transactions to the inbox that derivation does not look at: they are somebody else's.</summary>
    public int Strangers => inspection.Transactions.Count - posted.Count;

    public int Blobs => posted.Sum(static transaction => transaction.Blobs);

    /// <summary>How full the blobs that were read are, percent; null when none was.</summary>
    public double? FillPercent
    {
        get
        {
            PostedTransaction[] read = [.. posted.Where(static transaction => transaction.FillPercent is not null)];
            return read.Length == 0 ? null : 100.0 * read.Sum(static transaction => transaction.Bytes!.Value) / (read.Sum(static transaction => (long)transaction.Blobs) * BatcherOptions.BlobDataBytes);
        }
    }

    /// <summary>The bytes of batcher data; null when not all was read.</summary>
    public long? Bytes => posted.All(static transaction => transaction.IsRead) ? posted.Sum(static transaction => transaction.Bytes!.Value) : null;

    public ulong Gas => posted.Aggregate(0UL, static (sum, transaction) => sum + transaction.Gas);

    public UInt256 ExecutionFee => posted.Aggregate(UInt256.Zero, static (sum, transaction) => sum + transaction.ExecutionFee);

    public UInt256 BlobFee => posted.Aggregate(UInt256.Zero, static (sum, transaction) => sum + transaction.BlobFee);

    public UInt256 Fee => ExecutionFee + BlobFee;

    /// <summary>Wei for a megabyte of batcher data; null when not all was read.</summary>
    public UInt256? FeePerMegabyte => Bytes is > 0 and var bytes ? Amounts.Divide(Fee * Megabyte, (ulong)bytes) : null;

    /// <summary>Wei for an L2 transaction; null when not all was read, or there was none.</summary>
    public UInt256? FeePerTransaction => Bytes is not null && Carried.Transactions > 0 ? Amounts.Divide(Fee, (ulong)Carried.Transactions) : null;

    /// <summary>Wei for an L2 block; null when not all was read, or there was none.</summary>
    public UInt256? FeePerBlock => Bytes is not null && Carried.Blocks > 0 ? Amounts.Divide(Fee, (ulong)Carried.Blocks) : null;

    /// <summary>Wei a day at this range's rate; null for a range of one block.</summary>
    /// <remarks>From the first block to the last there is one interval less than there are blocks.</remarks>
    public UInt256? FeePerDay => seconds == 0 ? null : Amounts.Divide(Fee * SettingCost.Day * (to - from), seconds * (to - from + 1));

    /// <summary>What the channels brought.</summary>
    public CarriedBlocks Carried { get; } = new(inspection.Channels);

    /// <summary>The bytes of the channels that were read, and what they decompress to.</summary>
    public (long Compressed, long Content) Compression => new DecodeTotals(inspection) is var totals ? (totals.CompressedBytes, totals.ContentBytes) : default;

    public int CompleteChannels => inspection.Channels.Count(static channel => channel.State == ChannelState.Complete);

    /// <summary>Channels that were dropped, or cannot be read, with the reason in words.</summary>
    public IReadOnlyList<(ChannelView Channel, string Reason)> LostChannels =>
        [.. inspection.Channels.Where(static channel => channel.State is ChannelState.Dropped or ChannelState.Invalid).Select(static channel => (channel, channel.StateText))];

    /// <summary>Channels that lack frames: they began before the range, or end after it.</summary>
    public int OpenChannels => inspection.Channels.Count(static channel => channel.State == ChannelState.Incomplete);
}
