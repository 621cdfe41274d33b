using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>What the proposer can be told.</summary>
public sealed record ProposerOptions
{
    /// <summary>How often it looks whether a proposal is due (<c>poll-interval</c>).</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>How long it waits after a round that failed: a node that gave no output, a proposal that reverted (<c>output-retry-interval</c>).</summary>
    public TimeSpan OutputRetryInterval { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Whether outputs of safe, not yet finalized, blocks are proposed (<c>allow-non-finalized</c>).</summary>
    public bool AllowNonFinalized { get; init; }

    /// <summary>The L2OutputOracle (proxy; <c>l2oo-address</c>). Exactly one of this and <see cref="GameFactory"/> is set.</summary>
    public Address? OutputOracle { get; init; }

    /// <summary>The DisputeGameFactory (proxy; <c>game-factory-address</c>).</summary>
    public Address? GameFactory { get; init; }

    /// <summary>The type of the games created (<c>game-type</c>): 0 anybody's, 1 permissioned.</summary>
    public uint GameType { get; init; }

    /// <summary>Least time between two games of this account, above zero (<c>proposal-interval</c>). Counted from the L1 time of its last one, whichever run made it.</summary>
    public TimeSpan ProposalInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether to begin only when the rollup node has read L1 up to the head of the moment (<c>wait-node-sync</c>).</summary>
    public bool WaitNodeSync { get; init; }

    /// <summary>Whether to begin only when <c>admin_startProposer</c> is called.</summary>
    public bool StartStopped { get; init; }

    /// <summary>
    /// A file that names the proposal on its way, written before L1 sees it, so that a proposer that is killed takes the same transaction up again; its folder is
    /// there. Null keeps it in memory: the next start then waits for what L1's pool holds of the account.
    /// </summary>
    public string? JournalFile { get; init; }

    /// <summary>How long a proposal that is due waits for transactions of the account in L1's pool that this run does not send: a proposal may be among them. The account should be the proposer's alone.</summary>
    public TimeSpan UnknownTransactionPatience { get; init; } = TimeSpan.FromMinutes(5);
}
