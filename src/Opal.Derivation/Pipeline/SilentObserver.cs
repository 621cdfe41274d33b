using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Ignores everything.</summary>
public sealed class SilentObserver : IDerivationObserver
{
    /// <summary>The one instance.</summary>
    public static SilentObserver Instance { get; } = new();

    /// <inheritdoc/>
    public void OriginAdvanced(in L1BlockRef origin)
    {
    }

    /// <inheritdoc/>
    public void DataDropped(in L1BlockRef origin, DataRule rule)
    {
    }

    /// <inheritdoc/>
    public void FrameDropped(in L1BlockRef origin, in Frame frame, FrameRule rule)
    {
    }

    /// <inheritdoc/>
    public void ChannelDropped(in L1BlockRef origin, in ChannelId channel, ChannelRule rule)
    {
    }

    /// <inheritdoc/>
    public void ChannelRead(in L1BlockRef origin, in ChannelId channel, int compressedBytes, int decompressedBytes)
    {
    }

    /// <inheritdoc/>
    public void BatchChecked(in L1BlockRef origin, BatchKind kind, ulong timestamp, in BatchCheck check)
    {
    }

    /// <inheritdoc/>
    public void SystemConfigUpdateSkipped(in BlockId l1Block, int logIndex)
    {
    }

    /// <inheritdoc/>
    public void EmptyBatchForced(in L1BlockRef origin, in BlockId epoch, ulong timestamp)
    {
    }
}
