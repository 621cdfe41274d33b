using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>What derivation needs to know of an L1 block to place it in the chain. The timestamp is in seconds.</summary>
public readonly record struct L1BlockRef(Hash256 Hash, ulong Number, Hash256 ParentHash, ulong Timestamp)
{
    /// <summary>Hash and number.</summary>
    public BlockId Id => new(Hash, Number);

    /// <summary>The parent's hash and number; for block 0 the number stays 0.</summary>
    public BlockId ParentId => new(ParentHash, Number == 0 ? 0 : Number - 1);
}
