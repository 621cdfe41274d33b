using Opal.Derivation;
using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>What a node is doing at one moment, and why each head stands where it stands. Answer of opal_status.</summary>
public sealed record NodeReport
{
    /// <summary>The heads.</summary>
    public required SyncStatus Heads { get; init; }

    /// <summary>Why the unsafe head is no further; null when it moves.</summary>
    public string? UnsafeReason { get; init; }

    /// <summary>Why the safe head is no further; null when it is the unsafe head.</summary>
    public string? SafeReason { get; init; }

    /// <summary>Why the finalized head is no further; null when it is the safe head.</summary>
    public string? FinalizedReason { get; init; }

    /// <summary>Why the node stopped for good; null while it works.</summary>
    public string? Halted { get; init; }

    /// <summary>Whether this node may make blocks.</summary>
    public bool SequencerEnabled { get; init; }

    /// <summary>Whether it makes blocks.</summary>
    public bool SequencerActive { get; init; }

    /// <summary>Whether it makes them in recover mode.</summary>
    public bool SequencerRecovers { get; init; }

    /// <summary>Why it makes none; null when it does, or may not.</summary>
    public string? SequencerReason { get; init; }

    /// <summary>Channels being collected, oldest first.</summary>
    public IReadOnlyList<ChannelProgress> Channels { get; init; } = [];

    /// <summary>What derivation did not use lately, newest first.</summary>
    public IReadOnlyList<DroppedItem> Dropped { get; init; } = [];

    /// <summary>How the following of another client's unsafe blocks goes; null when none is followed.</summary>
    public FollowReport? Following { get; init; }

    /// <summary>What L1's providers failed at last; null when they answer.</summary>
    public string? L1Trouble { get; init; }

    /// <summary>What the engine failed at last; null when it answers.</summary>
    public string? EngineTrouble { get; init; }
}

/// <summary>Batcher data, a frame, a channel or a batch that derivation did not use.</summary>
/// <param name="L1Block">The number of the L1 block being read.</param>
/// <param name="What">What it was, in words: <c>channel 0x… </c>, <c>span batch of time 1700000000</c>.</param>
/// <param name="Rule">The name of the rule that decided.</param>
public readonly record struct DroppedItem(ulong L1Block, string What, string Rule);
