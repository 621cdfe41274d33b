using Opal.Batcher;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>A kind of batches and a compression.</summary>
/// <param name="Type">The batches.</param>
/// <param name="Compression">The compression.</param>
/// <param name="Quality">Brotli's quality.</param>
internal readonly record struct ChannelForm(BatchType Type, ChannelCompression Compression, int Quality)
{
    /// <summary>All that the batcher can be told.</summary>
    public static IReadOnlyList<ChannelForm> All { get; } =
    [
        .. from type in new[] { BatchType.Singular, BatchType.Span }
           from compression in new[] { (ChannelCompression.Zlib, 9), (ChannelCompression.Brotli, 9), (ChannelCompression.Brotli, 10), (ChannelCompression.Brotli, 11) }
           select new ChannelForm(type, compression.Item1, compression.Item2),
    ];

    /// <summary>The batcher's options with it.</summary>
    public BatcherOptions Options(int blobs = 1) => new()
    {
        BatchInbox = Address.Zero, BatchType = Type, Compression = Compression, BrotliQuality = Quality, TargetFrames = blobs, DataAvailability = DataAvailabilityType.Blobs,
    };

    public override string ToString() => $"{(Type == BatchType.Span ? "span" : "singular")}, {(Compression == ChannelCompression.Zlib ? "zlib" : $"brotli-{Quality}")}";
}
