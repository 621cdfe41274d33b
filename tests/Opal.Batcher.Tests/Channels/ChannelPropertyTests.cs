using System.Globalization;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Channels;

/// <summary>Random blocks in channels of every form come back as they were.</summary>
public sealed class ChannelPropertyTests
{
    private static readonly (ChannelCompression Compression, int Quality)[] Compressions = [(ChannelCompression.Zlib, 0), (ChannelCompression.Brotli, 9), (ChannelCompression.Brotli, 10), (ChannelCompression.Brotli, 11)];

    private static readonly OptimismFork[] Forks = [OptimismFork.Regolith, OptimismFork.Delta, OptimismFork.Fjord, OptimismFork.Holocene, OptimismFork.Karst];

    public static TheoryData<OptimismFork, BatchType, ChannelCompressor> Forms()
    {
        var forms = new TheoryData<OptimismFork, BatchType, ChannelCompressor>();
        foreach (OptimismFork fork in Forks)
        {
            foreach (BatchType type in Enum.GetValues<BatchType>())
            {
                foreach (ChannelCompressor compressor in Enum.GetValues<ChannelCompressor>()) forms.Add(fork, type, compressor);
            }
        }

        return forms;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Blocks_come_back_from_calldata(OptimismFork fork, BatchType type, ChannelCompressor compressor)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            (ChannelCompression compression, int quality) = Compressions[seed % Compressions.Length];
            RandomChain chain = new RandomChain(fork, seed).Build(count: 60, bytes: 400);
            var options = new BatcherOptions
            {
                BatchInbox = Address.FromNumber(0xff), BatchType = type, Compressor = compressor, Compression = compression, BrotliQuality = quality, MaxL1TransactionBytes = 1500 + (500 * seed),
                TargetFrames = 1 + (seed % 3), MaxBlocksPerSpanBatch = seed % 2 == 0 ? 0 : 7,
            };
            Assert.InRange(Check(chain, options, asBlobs: false), 2, chain.Blocks.Count);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Blocks_come_back_from_blobs(OptimismFork fork, BatchType type, ChannelCompressor compressor)
    {
        int seed = (int)fork;
        RandomChain chain = new RandomChain(fork, seed).Build(count: 60, bytes: 14_000);
        var options = new BatcherOptions
        {
            BatchInbox = Address.FromNumber(0xff), BatchType = type, Compressor = compressor, Compression = seed % 2 == 0 ? ChannelCompression.Zlib : ChannelCompression.Brotli, BrotliQuality = 9,
            TargetFrames = 1 + (seed % 2), ApproxCompressionRatio = 0.9,
        };
        Check(chain, options, asBlobs: true);
    }

    /// <summary>Everything at random. OPAL_SOAK_CHANNELS sets how many chains.</summary>
    [Fact]
    public void Blocks_come_back_from_any_form()
    {
        int chains = int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_CHANNELS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 60;
        for (int seed = 1000; seed < 1000 + chains; seed++)
        {
            var random = new Random(seed);
            bool asBlobs = random.Next(10) == 0;
            (ChannelCompression compression, int quality) = Compressions[random.Next(Compressions.Length)];
            var options = new BatcherOptions
            {
                BatchInbox = Address.FromNumber(0xff), BatchType = (BatchType)random.Next(2), Compressor = (ChannelCompressor)random.Next(3), Compression = compression,
                BrotliQuality = asBlobs ? 9 : quality, MaxL1TransactionBytes = 200 + random.Next(8000), TargetFrames = 1 + random.Next(6), ApproxCompressionRatio = 0.2 + random.NextDouble(),
                MaxBlocksPerSpanBatch = random.Next(2) * random.Next(1, 20),
            };
            RandomChain chain = new RandomChain(Forks[random.Next(Forks.Length)], seed).Build(count: 1 + random.Next(80), bytes: 1 + random.Next(asBlobs ? 20_000 : 900));
            try
            {
                Check(chain, options, asBlobs);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}, blobs {asBlobs}, {options}", error);
            }
        }
    }

    /// <returns>The number of channels.</returns>
    private static int Check(RandomChain chain, BatcherOptions options, bool asBlobs)
    {
        List<ClosedChannel> channels = ChannelRun.Build(chain.Blocks, chain.Config, options, asBlobs);
        var carriers = new List<byte[]>();
        foreach (ClosedChannel channel in channels)
        {
            List<byte[]> own = ChannelRun.Carriers(channel, options.CarrierBytes(asBlobs));
            // one block may be longer than the target; the ratio is a guess
            int most = asBlobs ? options.TargetFrames + 5 : options.TargetFrames;
            if (channel.Blocks.Length > 1 && options.Compressor != ChannelCompressor.Ratio) Assert.InRange(own.Count, 1, most);
            carriers.AddRange(own);
        }

        ulong l1Time = chain.Blocks[^1].Header.Timestamp + 12;
        List<ChannelItem> items = ChannelRun.Read(carriers, chain.Config, l1Time);
        ChannelRun.AssertSame(chain.Blocks, items);
        bool isSpan = options.BatchType == BatchType.Span && chain.Config.Forks.Delta is not null;
        Assert.All(items, item => Assert.Equal(isSpan, item.Span is not null));
        if (isSpan && options.MaxBlocksPerSpanBatch > 0) Assert.All(items, item => Assert.InRange(item.Span!.BlockCount, 1, options.MaxBlocksPerSpanBatch));
        if (isSpan && options.MaxBlocksPerSpanBatch == 0) Assert.Equal(channels.Count, items.Count);
        return channels.Count;
    }
}
