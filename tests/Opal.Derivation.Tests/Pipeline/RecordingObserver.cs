using Opal.Protocol;

namespace Opal.Derivation.Tests;

/// <summary>Writes down what was dropped and why.</summary>
public sealed class RecordingObserver : IDerivationObserver
{
    public List<L1BlockRef> Origins { get; } = [];

    public List<DataRule> Data { get; } = [];

    public List<FrameRule> Frames { get; } = [];

    public List<ChannelRule> Channels { get; } = [];

    public List<ChannelId> Read { get; } = [];

    public List<(BatchKind Kind, BatchCheck Check)> Batches { get; } = [];

    public int Forced { get; private set; }

    public int SkippedUpdates { get; private set; }

    public bool Saw(BatchRule rule) => Batches.Exists(entry => entry.Check.Rule == rule);

    public void OriginAdvanced(in L1BlockRef origin) => Origins.Add(origin);

    public void DataDropped(in L1BlockRef origin, DataRule rule) => Data.Add(rule);

    public void FrameDropped(in L1BlockRef origin, in Frame frame, FrameRule rule) => Frames.Add(rule);

    public void ChannelDropped(in L1BlockRef origin, in ChannelId channel, ChannelRule rule) => Channels.Add(rule);

    public void ChannelRead(in L1BlockRef origin, in ChannelId channel, int compressedBytes, int decompressedBytes) => Read.Add(channel);

    public void BatchChecked(in L1BlockRef origin, BatchKind kind, ulong timestamp, in BatchCheck check) => Batches.Add((kind, check));

    public void SystemConfigUpdateSkipped(in BlockId l1Block, int logIndex) => SkippedUpdates++;

    public void EmptyBatchForced(in L1BlockRef origin, in BlockId epoch, ulong timestamp) => Forced++;
}
