using Opal.Batcher;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Reads channels back and compares them with the blocks that went in.</summary>
internal static class ChannelCheck
{
    /// <summary>What is wrong; null when all blocks came back, in order.</summary>
    public static string? Compare(RollupConfig config, IEnumerable<ReadOnlyMemory<byte>> channels, IReadOnlyList<ChannelBlock> blocks)
    {
        var decoder = new ChannelDecoder(config);
        var time = new L1InclusionTime(ulong.MaxValue);
        int at = 0;
        foreach (ReadOnlyMemory<byte> channel in channels)
        {
            if (decoder.Open(channel.Span, time) is var rule and not ChannelRule.None) return $"a channel does not decode: {rule}";
            while (decoder.TryRead(time, out ChannelItem item))
            {
                if (item.Rule != BatchRule.None) return $"a batch is lost: {item.Rule}";
                if (item.Singular is { } singular && !IsSame(blocks, at++, singular.Timestamp, singular.EpochNumber, [.. singular.Transactions])) return $"block {at - 1} came back different";
                for (int i = 0; i < (item.Span?.BlockCount ?? 0); i++)
                {
                    if (!IsSame(blocks, at++, item.Span!.TimestampOf(i), item.Span.EpochOf(i), item.Span.TransactionsOf(i))) return $"block {at - 1} came back different";
                }
            }

            if (decoder.End != ChannelRule.None) return $"a channel ends early: {decoder.End}";
        }

        return at == blocks.Count ? null : $"{at} of {blocks.Count} blocks came back";
    }

    private static bool IsSame(IReadOnlyList<ChannelBlock> blocks, int index, ulong timestamp, ulong epoch, ReadOnlySpan<byte[]> transactions)
    {
        if (index >= blocks.Count) return false;
        SingularBatch expected = blocks[index].Batch;
        if (expected.Timestamp != timestamp || expected.EpochNumber != epoch || expected.Transactions.Count != transactions.Length) return false;
        for (int i = 0; i < transactions.Length; i++)
        {
            if (!expected.Transactions[i].AsSpan().SequenceEqual(transactions[i])) return false;
        }

        return true;
    }
}
