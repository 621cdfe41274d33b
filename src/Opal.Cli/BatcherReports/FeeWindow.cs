using Opal.Batcher;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.BatcherReports;

/// <summary>The prices of recent L1 blocks.</summary>
/// <param name="From">The first block.</param>
/// <param name="To">The last block.</param>
/// <param name="BlockSeconds">Seconds between two blocks, on average and rounded.</param>
/// <param name="Median">The prices that half of the blocks did not exceed.</param>
/// <param name="High">The prices that 95 of 100 blocks did not exceed.</param>
/// <param name="KnowsBlobs">Whether L1 tells the blob base fee.</param>
internal sealed record FeeWindow(ulong From, ulong To, ulong BlockSeconds, L1Prices Median, L1Prices High, bool KnowsBlobs)
{
    private const int HighPercent = 95;

    /// <summary>The most blocks that one request gives.</summary>
    public const ulong MostBlocks = 1024;

    /// <summary>Reads the newest blocks' prices.</summary>
    /// <param name="l1">L1.</param>
    /// <param name="blocks">How many, up to <see cref="MostBlocks"/>.</param>
    /// <param name="leastTip">The least tip that the batcher offers, wei (<c>txmgr.min-tip-cap</c>).</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ReportException">L1 tells no prices.</exception>
    public static async Task<FeeWindow> ReadAsync(EthClient l1, ulong blocks, UInt256 leastTip, CancellationToken cancellation)
    {
        History history = await l1.Rpc.CallAsync("eth_feeHistory", writer =>
        {
            writer.WriteQuantityValue(blocks);
            writer.WriteStringValue("latest");
            writer.WriteStartArray();
            writer.WriteNumberValue(50);
            writer.WriteEndArray();
        }, History.Read, cancellation);
        int count = history.Tips.Length;
        if (count == 0 || history.BaseFees.Length < count) throw new ReportException($"{l1.Rpc.Endpoint} tells no fees of recent blocks (eth_feeHistory); give an L1 that does");
        ulong to = history.Oldest + (ulong)count - 1;
        UInt256[] gas = [.. history.Tips.Select((tip, i) => history.BaseFees[i] + UInt256.Max(tip, leastTip))];
        UInt256[]? blob = history.BlobFees.Length >= count ? [.. history.BlobFees.Take(count)] : null;
        return new FeeWindow(history.Oldest, to, await BlockSecondsAsync(l1, history.Oldest, to, cancellation), At(50), At(HighPercent), blob is not null);

        L1Prices At(int percent) => new(Percentile(gas, percent), blob is null ? UInt256.Zero : Percentile(blob, percent));
    }

    /// <summary>The least value that this share of the values does not exceed.</summary>
    internal static UInt256 Percentile(IReadOnlyList<UInt256> values, int percent)
    {
        UInt256[] sorted = [.. values.Order()];
        return sorted[Math.Max(0, ((sorted.Length * percent) + 99) / 100 - 1)];
    }

    private static async Task<ulong> BlockSecondsAsync(EthClient l1, ulong from, ulong to, CancellationToken cancellation)
    {
        if (to == from) throw new ReportException($"{l1.Rpc.Endpoint} has one block only: the time between its blocks is not known yet");
        BlockHeader first = await HeaderAsync(from), last = await HeaderAsync(to);
        ulong blocks = to - from, seconds = last.Timestamp - first.Timestamp;
        return Math.Max(1, (seconds + (blocks / 2)) / blocks);

        async Task<BlockHeader> HeaderAsync(ulong number) =>
            await l1.FindHeaderAsync(BlockParameter.At(number), cancellation) ?? throw new ReportException($"{l1.Rpc.Endpoint} has no block {number} any more; ask again");
    }

    private sealed record History(ulong Oldest, UInt256[] BaseFees, UInt256[] BlobFees, UInt256[] Tips)
    {
        public static History Read(JsonValue value) => new(
            value["oldestBlock"].AsQuantity(),
            value.OrNone("baseFeePerGas", static v => v.AsArray(static fee => fee.AsUInt256())) ?? [],
            value.OrNone("baseFeePerBlobGas", static v => v.AsArray(static fee => fee.AsUInt256())) ?? [],
            value.OrNone("reward", static v => v.AsArray(static tips => tips.AsArray(static tip => tip.AsUInt256()))) is { } rewards ? [.. rewards.Select(static tips => tips.FirstOrDefault())] : []);
    }
}
