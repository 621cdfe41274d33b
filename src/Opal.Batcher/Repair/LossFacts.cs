using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>What is known of a channel that should have moved the safe head and did not.</summary>
public sealed record LossFacts
{
    /// <summary>The channel.</summary>
    public required ChannelId Channel { get; init; }

    /// <summary>Its first block.</summary>
    public required PostedBlock First { get; init; }

    /// <summary>Its last block.</summary>
    public required PostedBlock Last { get; init; }

    /// <summary>Where L1 holds its transactions now, in the order of their frames; null for one that it does not hold.</summary>
    public required IReadOnlyList<L1Inclusion?> Inclusions { get; init; }

    /// <summary>Where L1 completes the channel that holds the parent of its first block; null when that is not known.</summary>
    public ChannelPlace? Before { get; init; }

    /// <summary>The first frame of another channel that L1 holds between its own frames; null when none is known.</summary>
    public ChannelPlace? Between { get; init; }

    /// <summary>The safe head.</summary>
    public required BlockId Safe { get; init; }

    /// <summary>The L1 origin of the first of its blocks that is not safe.</summary>
    public required ulong FirstUnsafeOrigin { get; init; }

    /// <summary>The channel timeout, L1 blocks.</summary>
    public required ulong ChannelTimeout { get; init; }

    /// <summary>The sequencing window, L1 blocks.</summary>
    public required ulong SequencingWindow { get; init; }

    /// <summary>The account that sent it.</summary>
    public Address? Sender { get; init; }

    /// <summary>The SystemConfig's batcher; null when it is not known.</summary>
    public Address? Batcher { get; init; }

    /// <summary>Where it was sent.</summary>
    public required Address Inbox { get; init; }

    /// <summary>The batch inbox by the rollup node's configuration; null when it is not known.</summary>
    public Address? RollupInbox { get; init; }

    /// <summary>Whether frames and batches have to be on L1 in order, as from Holocene on.</summary>
    public bool IsInOrderOnly { get; init; } = true;

    /// <summary>Whether the L2 chain holds its last block.</summary>
    public required bool IsOnL2 { get; init; }
}
