using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A block that was built here, with everything its execution gave.</summary>
public sealed class BuiltBlock
{
    /// <summary>The block.</summary>
    public required Block Block { get; init; }

    /// <summary>The receipts.</summary>
    public required Receipt[] Receipts { get; init; }

    /// <summary>Everything that the block changed.</summary>
    public required StateDiff Diff { get; init; }

    /// <summary>The requests to the consensus layer, type byte first.</summary>
    public IReadOnlyList<byte[]> Requests { get; init; } = [];

    /// <summary>What the fee recipient earns, in wei.</summary>
    public UInt256 PriorityFees { get; init; }
}
