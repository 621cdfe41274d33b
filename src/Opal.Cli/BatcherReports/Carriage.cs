using Opal.Batcher;
using Opal.Derivation;

namespace Opal.Cli.BatcherReports;

/// <summary>What carries a channel.</summary>
/// <param name="AsBlobs">Blobs, or calldata.</param>
/// <param name="Frames">The frames a channel aims at: the blobs of its transaction, as far as one takes them.</param>
/// <param name="MaxTransactionBytes">The bytes of a calldata transaction (<c>max-l1-tx-size-bytes</c>).</param>
internal readonly record struct Carriage(bool AsBlobs, int Frames, int MaxTransactionBytes)
{
    /// <summary>The bytes of a channel that one frame carries.</summary>
    public long FrameDataBytes => (AsBlobs ? BatcherOptions.BlobDataBytes : MaxTransactionBytes) - 1 - Frame.Overhead;

    /// <summary>The most frames of one transaction.</summary>
    public int FramesPerTransaction => AsBlobs ? Math.Min(Frames, ChannelManager.MaxBlobsPerTransaction) : 1;

    /// <summary>The bytes at which a channel is full.</summary>
    public long Capacity => Frames * FrameDataBytes;

    public string Name => !AsBlobs ? Frames == 1 ? "calldata" : $"calldata x {Frames}" : Frames == 1 ? "1 blob" : $"{Frames} blobs";
}
