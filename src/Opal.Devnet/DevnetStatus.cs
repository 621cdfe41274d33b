using Opal.Primitives;

namespace Opal.Devnet;

/// <summary>A block as the status table shows it.</summary>
public readonly record struct HeadStatus(ulong Number, ulong Timestamp);

/// <summary>What a devnet is doing at one moment.</summary>
public sealed record DevnetStatus
{
    public HeadStatus L1Head { get; init; }
    public HeadStatus L1Safe { get; init; }
    public HeadStatus L1Finalized { get; init; }
    public HeadStatus Unsafe { get; init; }
    public HeadStatus Safe { get; init; }
    public HeadStatus Finalized { get; init; }

    /// <summary>The verifier's safe head, null without a verifier.</summary>
    public HeadStatus? VerifierSafe { get; init; }

    /// <summary>The newest fork that is active on L2.</summary>
    public string Fork { get; init; } = "";

    /// <summary>The newest batcher transaction, in words; empty before the first.</summary>
    public string LastBatch { get; init; } = "";

    /// <summary>The newest proposal, in words; empty before the first.</summary>
    public string LastProposal { get; init; } = "";

    /// <summary>Balances of the roles that spend ether, in wei.</summary>
    public IReadOnlyList<(string Role, UInt256 Wei)> Balances { get; init; } = [];

    /// <summary>The process's memory in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>What cannot be read at the moment, in words; empty when all is well.</summary>
    public string Trouble { get; init; } = "";
}
