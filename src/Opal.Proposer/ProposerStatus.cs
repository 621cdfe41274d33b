using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>What the proposer is doing, for status tables.</summary>
public sealed record ProposerStatus
{
    /// <summary>Whether it proposes.</summary>
    public bool Running { get; init; }

    /// <summary>Proposals made in this run.</summary>
    public ulong Proposals { get; init; }

    /// <summary>The L2 block of the newest proposal; null before the first.</summary>
    public ulong? LastL2Block { get; init; }

    /// <summary>Its output root.</summary>
    public Hash256 LastOutputRoot { get; init; }

    /// <summary>The L1 block that holds it.</summary>
    public ulong LastL1Block { get; init; }

    /// <summary>What went wrong last; empty while all is well.</summary>
    public string Trouble { get; init; } = "";
}
