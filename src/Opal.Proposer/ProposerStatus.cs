using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>What the proposer is doing, for status tables.</summary>
public sealed record ProposerStatus
{
    /// <summary>Whether it proposes.</summary>
    public bool Running { get; init; }

    /// <summary>Proposals made in this run.</summary>
    public ulong Proposals { get; init; }

    /// <summary>Rounds of this run that failed.</summary>
    public ulong Failures { get; init; }

    /// <summary>The L2 block of the newest proposal on L1, this run's or an earlier one's; null before the first.</summary>
    public ulong? LastL2Block { get; init; }

    /// <summary>The output root of this run's newest proposal.</summary>
    public Hash256 LastOutputRoot { get; init; }

    /// <summary>The L1 block that holds it; 0 before the first of this run.</summary>
    public ulong LastL1Block { get; init; }

    /// <summary>The newest game of this account; null without games.</summary>
    public Address? LastGame { get; init; }

    /// <summary>The newest L2 block that may be proposed: the finalized or the safe head.</summary>
    public ulong? NewestL2Block { get; init; }

    /// <summary>The L2 block that must be reached before the next proposal; null when time decides.</summary>
    public ulong? NextL2Block { get; init; }

    /// <summary>When the next proposal is due; null when blocks decide.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>Blocks between the newest proposal and the newest block that may be proposed; null before both are known.</summary>
    public ulong? LagBlocks => LastL2Block is { } last && NewestL2Block is { } newest ? newest - Math.Min(last, newest) : null;

    /// <summary>The same in seconds of L2 time.</summary>
    public ulong? LagSeconds => LagBlocks * BlockSeconds;

    /// <summary>Seconds between L2 blocks; 0 before the rollup node was asked.</summary>
    public ulong BlockSeconds { get; init; }

    /// <summary>Whether a proposal is on its way to L1.</summary>
    public bool InFlight => InFlightSince is not null;

    /// <summary>Since when a proposal is on its way to L1; null when none is.</summary>
    public DateTimeOffset? InFlightSince { get; init; }

    /// <summary>Why withdrawals cannot be proven by what it proposes; empty while they can, or the portal does not say.</summary>
    public string Warning { get; init; } = "";

    /// <summary>What went wrong last; empty while all is well.</summary>
    public string Trouble { get; init; } = "";
}
