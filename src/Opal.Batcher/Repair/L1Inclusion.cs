using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Where L1 holds a transaction.</summary>
/// <param name="Transaction">Its hash.</param>
/// <param name="Block">The block.</param>
/// <param name="Index">Its index in the block.</param>
public readonly record struct L1Inclusion(Hash256 Transaction, BlockId Block, ulong Index)
{
    /// <summary>Whether verifiers read it before another.</summary>
    public bool IsBefore(L1Inclusion other) => (Block.Number, Index).CompareTo((other.Block.Number, other.Index)) < 0;
}
