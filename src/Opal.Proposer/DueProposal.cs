using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>What an <see cref="IOutputSink"/> wants next.</summary>
internal readonly record struct DueProposal
{
    /// <summary>The L2 block whose output is due; null when none is.</summary>
    public ulong? Block { get; init; }

    /// <summary>The L2 block of the newest proposal on L1; null when there is none or it is not known.</summary>
    public ulong? LastBlock { get; init; }

    /// <summary>The L2 block that must be reached before the next proposal; null when time decides.</summary>
    public ulong? NextBlock { get; init; }

    /// <summary>The time before which there is no next proposal; null when blocks decide.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The newest game; null without one.</summary>
    public Address? LastGame { get; init; }
}
