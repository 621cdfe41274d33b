using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Channels;

/// <summary>How full channels are, and what it takes to find out.</summary>
public sealed class ChannelFillTests
{
    private static readonly BatcherOptions Options = new() { BatchInbox = Address.FromNumber(0xff), BatchType = BatchType.Span, Compression = ChannelCompression.Brotli, BrotliQuality = 9 };

    /// <summary>Counts what is asked of an encoder.</summary>
    private sealed class Counting(IChannelCodec codec) : IChannelCodec, IChannelEncoder
    {
        private readonly IChannelEncoder _encoder = codec.Open();
        private bool _isKnown;

        public int Compressions { get; private set; }

        public int Estimates { get; private set; }

        public int ContentBytes => _encoder.ContentBytes;

        public int MaxContentBytes => _encoder.MaxContentBytes;

        public byte[] Encode(IReadOnlyList<Block> blocks) => codec.Encode(blocks);

        public IChannelEncoder Open() => this;

        public int Add(Block block)
        {
            _isKnown = false;
            return _encoder.Add(block);
        }

        public void RemoveLast()
        {
            _isKnown = false;
            _encoder.RemoveLast();
        }

        public int Estimate()
        {
            Estimates++;
            return _encoder.Estimate();
        }

        public byte[] Compress()
        {
            if (!_isKnown) Compressions++;
            _isKnown = true;
            return _encoder.Compress();
        }
    }

    private static ChannelBuilder Fill(RandomChain chain, IChannelCodec codec, BatcherOptions options, bool asBlobs)
    {
        var builder = new ChannelBuilder(new ChannelId(new byte[16]), codec, options, 1, asBlobs);
        while (!builder.IsFull)
        {
            chain.Build(count: 1, bytes: 3000);
            if (!builder.TryAdd(chain.Blocks[^1], 1)) break;
        }

        return builder;
    }

    [Theory]
    [InlineData(1, BatchType.Span, ChannelCompression.Brotli)]
    [InlineData(3, BatchType.Span, ChannelCompression.Zlib)]
    [InlineData(6, BatchType.Span, ChannelCompression.Brotli)]
    [InlineData(6, BatchType.Singular, ChannelCompression.Zlib)]
    public void Full_channels_fill_their_blobs_with_few_measurements(int blobs, BatchType type, ChannelCompression compression)
    {
        BatcherOptions options = Options with { TargetFrames = blobs, BatchType = type, Compression = compression };
        var chain = new RandomChain(OptimismFork.Karst, blobs);
        var codec = new Counting(new ChannelCodec(chain.Config, options));
        ClosedChannel channel = Fill(chain, codec, options, asBlobs: true).Close(ChannelCloseReason.Full);
        AssertFilled(channel, blobs);
        Assert.InRange(codec.Compressions, 1, 4 + (channel.FrameCount - blobs));
        Assert.InRange(codec.Estimates, 1, 20);
    }

    private static void AssertFilled(ClosedChannel channel, int blobs)
    {
        int bytes = ChannelRun.Carriers(channel, BatcherOptions.BlobDataBytes).Sum(static carrier => carrier.Length), frames = channel.FrameCount;
        Assert.InRange(frames, blobs, blobs + 5);
        Assert.True(bytes >= 0.98 * frames * BatcherOptions.BlobDataBytes, $"{bytes} bytes in {frames} blobs");
    }

    [Fact]
    public void Blocks_that_repeat_each_other_are_not_compressed_over_and_over()
    {
        var chain = new RandomChain(OptimismFork.Karst, 1);
        var codec = new Counting(new ChannelCodec(chain.Config, Options));
        var builder = new ChannelBuilder(new ChannelId(new byte[16]), codec, Options, 1, asBlobs: true);
        var data = new byte[700]; // nothing in it repeats, and every transaction has it
        new Random(3).NextBytes(data);
        for (int i = 0; !builder.IsFull; i++)
        {
            chain.Build([new Transaction { Type = TransactionType.DynamicFee, ChainId = 901, Nonce = (ulong)i, GasLimit = 100_000, To = Address.FromNumber(1), Data = data }.WithSignature(0, Random(i), Random(-i - 1))]);
            if (!builder.TryAdd(chain.Blocks[^1], 1)) break;
        }

        Assert.InRange(builder.Blocks.Count, 1000, 100_000);
        Assert.InRange(codec.Estimates, 1, 100);
        AssertFilled(builder.Close(ChannelCloseReason.Full), 1);

        static UInt256 Random(int seed)
        {
            var bytes = new byte[32];
            new Random(seed).NextBytes(bytes);
            bytes[0] &= 0x3f;
            return UInt256.FromBigEndian(bytes);
        }
    }

    [Fact]
    public void The_ratio_compressor_compresses_once_and_believes_its_ratio()
    {
        BatcherOptions options = Options with { Compressor = ChannelCompressor.Ratio, ApproxCompressionRatio = 0.5, MaxL1TransactionBytes = 10_000 };
        var chain = new RandomChain(OptimismFork.Karst, 1);
        var codec = new Counting(new ChannelCodec(chain.Config, options));
        ChannelBuilder builder = Fill(chain, codec, options, asBlobs: false);
        builder.Close(ChannelCloseReason.Full);
        Assert.Equal(1, codec.Compressions);
        Assert.Equal(0, codec.Estimates);
        Assert.InRange(codec.ContentBytes, 10_000, 2 * (10_000 - 24));
    }

    [Theory]
    [InlineData(OptimismFork.Regolith, 10_000_000, 4)]
    [InlineData(OptimismFork.Fjord, 32_000_000, 14)]
    public void Nothing_decompresses_to_more_than_a_verifier_reads(OptimismFork fork, int limit, int blocks)
    {
        BatcherOptions options = Options with { Compressor = ChannelCompressor.Shadow, Compression = ChannelCompression.Zlib };
        var chain = new RandomChain(fork, 1);
        var codec = new Counting(new ChannelCodec(chain.Config, options));
        var builder = new ChannelBuilder(new ChannelId(new byte[16]), codec, options, 1, asBlobs: true);
        do
        {
            chain.Build([new Transaction { Type = TransactionType.DynamicFee, ChainId = 901, GasLimit = 30_000_000, To = Address.FromNumber(1), Data = new byte[2_200_000] }.WithSignature(0, 1, 1)]);
        }
        while (builder.TryAdd(chain.Blocks[^1], 1));

        Assert.True(builder.IsFull);
        Assert.Equal(blocks, builder.Blocks.Count);
        Assert.InRange(codec.ContentBytes, limit - 2_300_000, limit);
        List<Block> taken = [.. builder.Blocks];
        ClosedChannel channel = builder.Close(ChannelCloseReason.Full);
        Assert.Equal(1, channel.FrameCount);
        ChannelRun.AssertSame(taken, ChannelRun.Read(ChannelRun.Carriers(channel, BatcherOptions.BlobDataBytes), chain.Config, chain.Blocks[^1].Header.Timestamp));
    }

    [Fact]
    public void A_first_block_is_taken_whatever_its_size_and_fills_the_channel()
    {
        BatcherOptions options = Options with { MaxL1TransactionBytes = 1000 };
        RandomChain chain = new RandomChain(OptimismFork.Karst, 1).Build(count: 2, bytes: 20_000);
        var builder = new ChannelBuilder(new ChannelId(new byte[16]), new ChannelCodec(chain.Config, options), options, 1, asBlobs: false);
        Assert.True(builder.TryAdd(chain.Blocks[0], 7));
        Assert.True(builder.IsFull);
        Assert.False(builder.TryAdd(chain.Blocks[1], 7));
        Assert.Equal(7, builder.EstimatedBytes);
        ClosedChannel channel = builder.Close(ChannelCloseReason.Full);
        Assert.InRange(channel.FrameCount, 2, 40);
        ChannelRun.AssertSame([chain.Blocks[0]], ChannelRun.Read(ChannelRun.Carriers(channel, 1000), chain.Config, chain.Blocks[0].Header.Timestamp));
    }
}
