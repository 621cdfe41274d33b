using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Reliability.Tests;

/// <summary>Reads what a batcher posted in calldata out of an L1.</summary>
internal static class PostedChannels
{
    /// <summary>How many whole channels there are, and how many of them hold a block that an earlier one held.</summary>
    public static async Task<(int Channels, int Duplicates)> CountAsync(EthClient l1, RollupConfig config)
    {
        var collector = new ChannelCollector(config, SilentObserver.Instance);
        var decoder = new ChannelDecoder(config);
        var seen = new HashSet<(ulong Time, Hash256 Content)>();
        int channels = 0, duplicates = 0;
        ulong head = await l1.BlockNumberAsync();
        for (ulong number = 0; number <= head; number++)
        {
            Block block = (await l1.FindBlockAsync(BlockParameter.At(number)))!;
            collector.Enter(new L1BlockRef(block.Hash, number, block.Header.ParentHash, block.Header.Timestamp));
            foreach (Transaction transaction in block.Transactions.Where(t => t.To == config.BatchInboxAddress)) collector.Add(transaction.Data);
            while (collector.TryTake(out RawChannel channel))
            {
                channels++;
                bool isSeen = false;
                var time = new L1InclusionTime(block.Header.Timestamp);
                Assert.Equal(ChannelRule.None, decoder.Open(channel.Data.Span, time));
                while (decoder.TryRead(time, out ChannelItem item))
                {
                    Assert.Equal(BatchRule.None, item.Rule);
                    if (item.Singular is { } singular) isSeen |= !seen.Add((singular.Timestamp, Content(singular.Transactions)));
                    for (int i = 0; item.Span is { } span && i < span.BlockCount; i++) isSeen |= !seen.Add((span.TimestampOf(i), Content(span.TransactionsOf(i).ToArray())));
                }

                if (isSeen) duplicates++;
            }
        }

        return (channels, duplicates);
    }

    private static Hash256 Content(IEnumerable<byte[]> transactions) => Keccak256.Hash([.. transactions.SelectMany(static t => t)]);
}
