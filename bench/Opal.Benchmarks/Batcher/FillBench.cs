using Opal.Batcher;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Counts how full the blobs of full channels are, span batches and zlib.</summary>
/// <param name="megabytes">Raw transaction bytes of a run with one blob a channel; as many times more with more blobs.</param>
internal sealed class FillBench(int megabytes)
{
    /// <summary>The least fill that is acceptable under load.</summary>
    private const double Least = 0.98;

    public FillFigure Run(BatcherLoad load, int blobs)
    {
        RollupConfig config = load.Config;
        BatcherOptions options = new ChannelForm(BatchType.Span, ChannelCompression.Zlib, 9).Options(blobs);
        List<Block> chain = load.Blocks(megabytes * blobs * 1_000_000L, config, out _);
        List<ClosedChannel> channels = ChannelFeed.Run(chain, config, options);
        string? problem = ChannelFeed.Check(channels, config, chain);
        List<ClosedChannel> full = channels[..^1];
        int used = full.Sum(static channel => channel.FrameCount);
        long carried = full.Sum(static channel => channel.DataBytes) + (used * (1L + Frame.Overhead));
        double? fill = used == 0 ? null : (double)carried / ((long)used * BatcherOptions.BlobDataBytes);
        if (fill < Least) problem ??= $"below {Least:P0}";
        return new FillFigure { Load = load.Name, Target = blobs, Channels = full.Count, Blobs = used, BlocksPerChannel = full.Count == 0 ? 0 : (double)chain.Count / channels.Count, Fill = fill, Problem = problem };
    }
}
