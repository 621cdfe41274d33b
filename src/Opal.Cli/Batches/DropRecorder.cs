using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Cli.Batches;

/// <summary>Remembers which frames and channels the stages dropped.</summary>
internal sealed class DropRecorder : IDerivationObserver
{
    private readonly List<(Frame Frame, FrameRule Rule)> _frames = [];
    private readonly List<(ChannelId Channel, ChannelRule Rule)> _channels = [];

    /// <summary>The frames dropped since the last call.</summary>
    public (Frame Frame, FrameRule Rule)[] TakeFrames()
    {
        (Frame, FrameRule)[] taken = [.. _frames];
        _frames.Clear();
        return taken;
    }

    /// <summary>The channels dropped since the last call.</summary>
    public (ChannelId Channel, ChannelRule Rule)[] TakeChannels()
    {
        (ChannelId, ChannelRule)[] taken = [.. _channels];
        _channels.Clear();
        return taken;
    }

    public void FrameDropped(in L1BlockRef origin, in Frame frame, FrameRule rule) => _frames.Add((frame, rule));

    public void ChannelDropped(in L1BlockRef origin, in ChannelId channel, ChannelRule rule) => _channels.Add((channel, rule));

    public void DataDropped(in L1BlockRef origin, DataRule rule)
    {
        // the inspection parses the data itself, and has said so
    }

    public void OriginAdvanced(in L1BlockRef origin)
    {
    }

    public void ChannelRead(in L1BlockRef origin, in ChannelId channel, int compressedBytes, int decompressedBytes)
    {
    }

    public void BatchChecked(in L1BlockRef origin, BatchKind kind, ulong timestamp, in BatchCheck check)
    {
    }

    public void SystemConfigUpdateSkipped(in BlockId l1Block, int logIndex)
    {
    }

    public void EmptyBatchForced(in L1BlockRef origin, in BlockId epoch, ulong timestamp)
    {
    }
}
