using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>The output of an L2 block and where the node stands (<c>optimism_outputAtBlock</c>).</summary>
public sealed record OutputAtBlock
{
    /// <summary>The output's version: zero.</summary>
    public Hash256 Version { get; init; }

    /// <summary>The output root.</summary>
    public required Hash256 OutputRoot { get; init; }

    /// <summary>The block.</summary>
    public required L2BlockRef Block { get; init; }

    /// <summary>The storage root of the L2ToL1MessagePasser.</summary>
    public required Hash256 WithdrawalStorageRoot { get; init; }

    /// <summary>The block's state root.</summary>
    public required Hash256 StateRoot { get; init; }

    /// <summary>The node's status when it answered.</summary>
    public required SyncStatus Status { get; init; }
}
