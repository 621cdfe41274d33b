using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>A channel whose frames are cut: which wait, which are on their way, which are on L1.</summary>
internal sealed class ClosedChannel(ChannelId id, Block[] blocks, Frame[] frames, ChannelCloseReason reason, bool asBlobs, long estimatedBytes)
{
    private readonly Queue<Frame> _waiting = new(frames);
    private int _unconfirmed = frames.Length;

    public ChannelId Id { get; } = id;

    public Block[] Blocks { get; } = blocks;

    public ChannelCloseReason Reason { get; } = reason;

    /// <summary>Whether its frames go into blobs.</summary>
    public bool AsBlobs { get; } = asBlobs;

    /// <summary>What its blocks were estimated to take on L1.</summary>
    public long EstimatedBytes { get; } = estimatedBytes;

    public int FrameCount { get; } = frames.Length;

    public int WaitingFrames => _waiting.Count;

    /// <summary>The L1 block that holds the channel's first frame; null before.</summary>
    public ulong? FirstInclusion { get; private set; }

    /// <summary>The L1 block that holds the channel's last frame; null before.</summary>
    public ulong? LastInclusion { get; private set; }

    /// <summary>Whether every frame is on L1.</summary>
    public bool IsConfirmed => _unconfirmed == 0;

    public Block LastBlock => Blocks[^1];

    public Frame TakeFrame() => _waiting.Dequeue();

    /// <summary>Puts back the frames of a transaction that did not make it; order within a channel does not matter to the protocol before Holocene, so they go in front.</summary>
    public void Return(IReadOnlyList<Frame> frames)
    {
        Frame[] rest = [.. _waiting];
        _waiting.Clear();
        foreach (Frame frame in frames) _waiting.Enqueue(frame);
        foreach (Frame frame in rest) _waiting.Enqueue(frame);
    }

    public void Confirm(int frames, ulong l1Block)
    {
        _unconfirmed -= frames;
        FirstInclusion = FirstInclusion is { } first ? Math.Min(first, l1Block) : l1Block;
        LastInclusion = LastInclusion is { } last ? Math.Max(last, l1Block) : l1Block;
    }
}
