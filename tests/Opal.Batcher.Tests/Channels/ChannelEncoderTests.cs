using System.IO.Compression;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Channels;

public sealed class ChannelEncoderTests
{
    private static readonly BatcherOptions Options = new() { BatchInbox = Address.FromNumber(0xff), BatchType = BatchType.Span };

    [Theory]
    [InlineData(BatchType.Singular, 0)]
    [InlineData(BatchType.Span, 0)]
    [InlineData(BatchType.Span, 3)]
    [InlineData(BatchType.Span, 1)]
    public void What_is_taken_out_leaves_no_trace(BatchType type, int maxBlocks)
    {
        RandomChain chain = new RandomChain(OptimismFork.Karst, 4).Build(count: 30, bytes: 300);
        BatcherOptions options = Options with { BatchType = type, MaxBlocksPerSpanBatch = maxBlocks };
        var encoder = new ChannelEncoder(chain.Config, options);
        for (int i = 0; i < chain.Blocks.Count; i++)
        {
            encoder.Add(chain.Blocks[i]);
            int length = encoder.ContentBytes;
            byte[] with = encoder.Compress();
            encoder.RemoveLast();
            Assert.Equal(new ChannelCodec(chain.Config, options).Encode([.. chain.Blocks.Take(i)]), encoder.Compress());
            encoder.Add(chain.Blocks[i]);
            Assert.Equal(length, encoder.ContentBytes);
            Assert.Equal(length, Unpack(with).Length);
            Assert.Equal(with, encoder.Compress());
        }
    }

    [Fact]
    public void A_growth_is_never_more_than_was_said()
    {
        RandomChain chain = new RandomChain(OptimismFork.Karst, 5).Build(count: 60, bytes: 2000);
        foreach (BatchType type in Enum.GetValues<BatchType>())
        {
            foreach (ChannelCompression compression in Enum.GetValues<ChannelCompression>())
            {
                var encoder = new ChannelEncoder(chain.Config, Options with { BatchType = type, Compression = compression, BrotliQuality = 9 });
                int before = 0;
                foreach (Block block in chain.Blocks)
                {
                    int bound = encoder.Add(block), size = encoder.Compress().Length;
                    Assert.InRange(size, 0, before + bound + 6);
                    before = size;
                }
            }
        }
    }

    [Fact]
    public void A_block_that_no_span_carries_goes_between_two_as_a_singular_batch()
    {
        RandomChain chain = new RandomChain(OptimismFork.Karst, 6).Build(count: 3, bytes: 300);
        var foreign = new Transaction { Type = TransactionType.DynamicFee, ChainId = 5, GasLimit = 21_000, To = Address.FromNumber(1) };
        chain.Build([foreign.WithSignature(0, 1, 1)]);
        chain.Build(count: 4, bytes: 300);
        byte[] channel = new ChannelCodec(chain.Config, Options).Encode(chain.Blocks);
        var frame = new Frame(new ChannelId(new byte[16]), 0, channel, true);
        List<ChannelItem> items = ChannelRun.Read([FrameCodec.Encode([frame])], chain.Config, chain.Blocks[^1].Header.Timestamp);
        Assert.Equal([BatchKind.Span, BatchKind.Singular, BatchKind.Span], items.Select(static item => item.Kind));
        ChannelRun.AssertSame(chain.Blocks, items);
    }

    [Fact]
    public void A_form_begins_with_the_origin_at_which_every_verifier_knows_it()
    {
        RandomChain chain = new RandomChain(OptimismFork.Karst, 7).Build(count: 12, bytes: 200);
        ulong originTime = ChannelBlock.Of(chain.Blocks[5]).OriginTime;
        Assert.True(originTime < chain.Blocks[5].Header.Timestamp);
        RollupConfig after = chain.Config with { Forks = chain.Config.Forks with { Fjord = originTime + 1, Delta = originTime + 1 } };
        RollupConfig at = chain.Config with { Forks = chain.Config.Forks with { Fjord = originTime, Delta = originTime } };
        BatcherOptions options = Options with { Compression = ChannelCompression.Brotli };
        byte[] early = new ChannelCodec(after, options).Encode([chain.Blocks[5]]), late = new ChannelCodec(at, options).Encode([chain.Blocks[5]]);
        Assert.Equal(0x78, early[0]);
        Assert.Equal(1, late[0]);
        Assert.Equal(SingularBatch.Version, BatchOf(Unpack(early))[0]);
        Assert.Equal(SpanBatch.Version, BatchOf(Unpack(late))[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(300_000)]
    public void A_stored_stream_is_zlib(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        byte[] stored = ChannelContent.Store(content);
        Assert.Equal(content, Unpack(stored));
        Assert.InRange(stored.Length, length, ChannelContent.StoredBound(length) + 6);
        if (length == 0) return;
        stored[^1] ^= 1; // the checksum is looked at
        Assert.Throws<InvalidDataException>(() => Unpack(stored));
    }

    private static byte[] BatchOf(byte[] content)
    {
        Assert.True(new RlpReader(content).TryReadBytes(out ReadOnlySpan<byte> batch));
        return batch.ToArray();
    }

    private static byte[] Unpack(byte[] channel)
    {
        using var packed = new MemoryStream(channel[0] == 1 ? channel[1..] : channel);
        using Stream unpacking = channel[0] == 1 ? new BrotliStream(packed, CompressionMode.Decompress) : new ZLibStream(packed, CompressionMode.Decompress);
        using var content = new MemoryStream();
        unpacking.CopyTo(content);
        return content.ToArray();
    }
}
