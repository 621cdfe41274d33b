using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>What derivation needs to know of an L2 block: its place in the chain and in its epoch. The timestamp is in seconds.</summary>
/// <param name="Hash">The block's hash.</param>
/// <param name="Number">The block's number.</param>
/// <param name="ParentHash">The parent's hash.</param>
/// <param name="Timestamp">L2 time in seconds.</param>
/// <param name="L1Origin">The L1 block whose epoch the block belongs to.</param>
/// <param name="SequenceNumber">The block's index in its epoch, 0 for the first.</param>
public readonly record struct L2BlockRef(Hash256 Hash, ulong Number, Hash256 ParentHash, ulong Timestamp, BlockId L1Origin, ulong SequenceNumber)
{
    /// <summary>Hash and number.</summary>
    public BlockId Id => new(Hash, Number);

    /// <summary>The parent's hash and number; for block 0 the number stays 0.</summary>
    public BlockId ParentId => new(ParentHash, Number == 0 ? 0 : Number - 1);
}
