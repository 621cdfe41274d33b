using Microsoft.Extensions.Logging.Abstractions;
using Opal.Derivation;
using Opal.Devnet;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Reliability.Tests;

/// <summary>Reads what a batcher posted, in calldata and blobs, out of an L1.</summary>
internal static class PostedChannels
{
    /// <summary>How many whole channels there are, and how many of them hold a block that an earlier one held.</summary>
    /// <param name="l1">L1's JSON-RPC.</param>
    /// <param name="beacon">L1's Beacon API.</param>
    /// <param name="config">The rollup.</param>
    public static async Task<(int Channels, int Duplicates)> CountAsync(EthClient l1, Uri beacon, RollupConfig config)
    {
        using var beacons = new BeaconNodes([new BeaconClient(beacon)], NativeBlobCommitments.Instance, config.L1ChainId, TimeProvider.System, NullLogger.Instance);
        var blobs = new BlobSource(beacons, archive: null, NullLogger.Instance);
        var collector = new ChannelCollector(config, SilentObserver.Instance);
        var decoder = new ChannelDecoder(config);
        var seen = new HashSet<(ulong Time, Hash256 Content)>();
        int channels = 0, duplicates = 0;
        ulong head = await l1.BlockNumberAsync();
        for (ulong number = 0; number <= head; number++)
        {
            Block block = (await l1.FindBlockAsync(BlockParameter.At(number)))!;
            var origin = new L1BlockRef(block.Hash, number, block.Header.ParentHash, block.Header.Timestamp);
            collector.Enter(origin);
            foreach (ReadOnlyMemory<byte> data in await DataAsync(block, origin, blobs, config)) collector.Add(data);
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

    private static async Task<List<ReadOnlyMemory<byte>>> DataAsync(Block block, L1BlockRef origin, BlobSource source, RollupConfig config)
    {
        var data = new List<ReadOnlyMemory<byte>>();
        int before = 0;
        foreach (Transaction transaction in block.Transactions)
        {
            Hash256[] hashes = transaction.BlobVersionedHashes;
            int first = before;
            before += hashes.Length;
            if (transaction.To != config.BatchInboxAddress) continue;
            if (!BatcherTransactions.UsesBlobs(transaction, config, new L1InclusionTime(block.Header.Timestamp)))
            {
                data.Add(transaction.Data);
                continue;
            }

            L1Blobs found = await source.BlobsAsync(new NeedBlobs(origin, hashes, [.. Enumerable.Range(first, hashes.Length)]), default) ?? throw new InvalidOperationException($"L1 does not have the blobs of block {origin.Number}");
            foreach (ReadOnlyMemory<byte> blob in found.Blobs)
            {
                Assert.True(BlobCodec.TryDecode(blob.Span, out byte[] decoded, out DataRule rule), $"{rule}: a blob of block {origin.Number} is not the batcher's");
                data.Add(decoded);
            }
        }

        return data;
    }

    private static Hash256 Content(IEnumerable<byte[]> transactions) => Keccak256.Hash([.. transactions.SelectMany(static t => t)]);
}
