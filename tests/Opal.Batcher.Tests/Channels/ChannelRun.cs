using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Channels;

/// <summary>Puts blocks into channels as the batcher does, and reads them back by the pipeline's own stages.</summary>
internal static class ChannelRun
{
    /// <summary>Channels of all blocks; the last is closed by a flush.</summary>
    public static List<ClosedChannel> Build(IEnumerable<Block> blocks, RollupConfig config, BatcherOptions options, bool asBlobs)
    {
        var codec = new ChannelCodec(config, options);
        var closed = new List<ClosedChannel>();
        ChannelBuilder open = Open();
        foreach (Block block in blocks)
        {
            if (!open.TryAdd(block, 100))
            {
                Assert.True(open.IsFull);
                closed.Add(open.Close(ChannelCloseReason.Full));
                open = Open();
                Assert.True(open.TryAdd(block, 100), "a first block is always taken");
            }
        }

        closed.Add(open.Close(ChannelCloseReason.Flush));
        return closed;

        ChannelBuilder Open()
        {
            var id = new byte[ChannelId.Size];
            id[0] = (byte)closed.Count;
            id[1] = (byte)(closed.Count >> 8);
            return new ChannelBuilder(new ChannelId(id), codec, options, 100, asBlobs);
        }
    }

    /// <summary>The frames of a channel as they lie in carriers of a size: all full but the last, numbered, the last one marked.</summary>
    public static List<byte[]> Carriers(ClosedChannel channel, int carrierBytes)
    {
        var carriers = new List<byte[]>();
        foreach (Frame frame in channel.Frames)
        {
            Assert.Equal(carriers.Count, frame.Number);
            Assert.Equal(carriers.Count == channel.FrameCount - 1, frame.IsLast);
            byte[] carrier = FrameCodec.Encode([frame]);
            if (frame.IsLast) Assert.InRange(carrier.Length, 1, carrierBytes);
            else Assert.Equal(carrierBytes, carrier.Length);
            carriers.Add(carrier);
        }

        return carriers;
    }

    /// <summary>Reads the batches out of carriers, each in an L1 block of its own.</summary>
    public static List<ChannelItem> Read(IEnumerable<byte[]> carriers, RollupConfig config, ulong l1Time)
    {
        var collector = new ChannelCollector(config, SilentObserver.Instance);
        var decoder = new ChannelDecoder(config);
        var items = new List<ChannelItem>();
        ulong number = 1000;
        foreach (byte[] carrier in carriers)
        {
            collector.Enter(new L1BlockRef(Hash256.FromUInt256(number), number, Hash256.FromUInt256(number - 1), l1Time));
            number++;
            collector.Add(carrier);
            while (collector.TryTake(out RawChannel channel))
            {
                Assert.Equal(ChannelRule.None, decoder.Open(channel.Data.Span, new L1InclusionTime(l1Time)));
                while (decoder.TryRead(new L1InclusionTime(l1Time), out ChannelItem item))
                {
                    Assert.Equal(BatchRule.None, item.Rule);
                    items.Add(item);
                }

                Assert.Equal(ChannelRule.None, decoder.End);
                Assert.Equal(0, decoder.Rest);
            }
        }

        return items;
    }

    /// <summary>That the batches are those blocks, in order.</summary>
    public static void AssertSame(IReadOnlyList<Block> blocks, IEnumerable<ChannelItem> items)
    {
        int at = 0;
        foreach (ChannelItem item in items)
        {
            if (item.Singular is { } singular)
            {
                ChannelBlock expected = ChannelBlock.Of(blocks[at++]);
                Assert.Equal(expected.Batch.ParentHash, singular.ParentHash);
                Assert.Equal(expected.Batch.Epoch, singular.Epoch);
                AssertBlock(expected, singular.Timestamp, singular.EpochNumber, [.. singular.Transactions]);
                continue;
            }

            SpanBatch span = item.Span!;
            Assert.True(span.ParentCheck.Matches(blocks[at].Header.ParentHash));
            for (int i = 0; i < span.BlockCount; i++)
            {
                ChannelBlock expected = ChannelBlock.Of(blocks[at++]);
                AssertBlock(expected, span.TimestampOf(i), span.EpochOf(i), span.TransactionsOf(i));
                if (i == span.BlockCount - 1) Assert.True(span.OriginCheck.Matches(expected.Batch.EpochHash));
            }
        }

        Assert.Equal(blocks.Count, at);
    }

    private static void AssertBlock(in ChannelBlock expected, ulong timestamp, ulong epoch, ReadOnlySpan<byte[]> transactions)
    {
        Assert.Equal(expected.Batch.Timestamp, timestamp);
        Assert.Equal(expected.Batch.EpochNumber, epoch);
        Assert.Equal(expected.Batch.Transactions.Count, transactions.Length);
        for (int i = 0; i < transactions.Length; i++) Assert.True(transactions[i].AsSpan().SequenceEqual(expected.Batch.Transactions[i]));
    }
}
