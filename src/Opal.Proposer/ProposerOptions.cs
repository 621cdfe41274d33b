using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>What the proposer can be told.</summary>
public sealed record ProposerOptions
{
    /// <summary>How often it looks whether a proposal is due.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Whether outputs of safe, not yet finalized, blocks are proposed.</summary>
    public bool AllowNonFinalized { get; init; }

    /// <summary>The L2OutputOracle (proxy). Exactly one of this and <see cref="GameFactory"/> is set.</summary>
    public Address? OutputOracle { get; init; }

    /// <summary>The DisputeGameFactory (proxy).</summary>
    public Address? GameFactory { get; init; }

    /// <summary>The type of the games created.</summary>
    public uint GameType { get; init; }

    /// <summary>Time between two games.</summary>
    public TimeSpan ProposalInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether to begin only when <c>admin_startProposer</c> is called.</summary>
    public bool StartStopped { get; init; }
}
