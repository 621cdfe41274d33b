using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Payload attributes with where they come from.</summary>
public sealed record DerivedAttributes
{
    /// <summary>The inputs of the block.</summary>
    public required PayloadAttributes Attributes { get; init; }

    /// <summary>The block to build on.</summary>
    public required L2BlockRef Parent { get; init; }

    /// <summary>The block's L1 origin.</summary>
    public required BlockId L1Origin { get; init; }

    /// <summary>The block's index in its epoch.</summary>
    public required ulong SequenceNumber { get; init; }

    /// <summary>The L1 block that was being traversed: all inputs come from it or from blocks before it.</summary>
    public required L1BlockRef DerivedFrom { get; init; }

    /// <summary>Whether the safe head may move to this block: false for a block inside a span before Holocene, whose span may yet fail.</summary>
    public required bool ConcludesBatch { get; init; }

    /// <summary>Whether sequenced transactions were taken out after the engine refused the block (holocene/derivation.md#engine-queue).</summary>
    public bool IsDepositsOnly { get; init; }

    /// <summary>The number of the block.</summary>
    public ulong BlockNumber => Parent.Number + 1;
}
