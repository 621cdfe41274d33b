using Opal.Batcher;

namespace Opal.Cli.BatcherReports;

/// <summary>How blocks are batched and compressed.</summary>
/// <param name="Batches">Singular or span.</param>
/// <param name="Compression">The compressor.</param>
/// <param name="Quality">Brotli's quality; 0 with zlib.</param>
internal readonly record struct ChannelEncoding(BatchType Batches, ChannelCompression Compression, int Quality)
{
    private static readonly int[] s_brotli = [9, 10, 11];

    /// <summary>As <c>--compression-algo</c> has it.</summary>
    public string CompressionName => Compression == ChannelCompression.Zlib ? "zlib" : $"brotli-{Quality}";

    /// <summary>As <c>--batch-type</c> has it.</summary>
    public string BatchesName => Batches == BatchType.Span ? "span" : "singular";

    /// <summary>Every encoding a chain's forks allow.</summary>
    /// <param name="span">Whether Delta is active.</param>
    /// <param name="brotli">Whether Fjord is active.</param>
    public static IReadOnlyList<ChannelEncoding> All(bool span, bool brotli)
    {
        var all = new List<ChannelEncoding>();
        foreach (BatchType batches in span ? [BatchType.Singular, BatchType.Span] : new[] { BatchType.Singular })
        {
            all.Add(new ChannelEncoding(batches, ChannelCompression.Zlib, 0));
            if (brotli) all.AddRange(s_brotli.Select(quality => new ChannelEncoding(batches, ChannelCompression.Brotli, quality)));
        }

        return all;
    }
}
