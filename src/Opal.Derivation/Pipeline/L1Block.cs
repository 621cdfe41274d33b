using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>An L1 block as derivation reads it.</summary>
/// <remarks>The provider has checked the header against the hash it asked for, and the transactions against the header, where it does not trust its source.</remarks>
/// <param name="Header">The header.</param>
/// <param name="Transactions">The transactions in order; null stands for one of a type unknown here, which is never batcher data.</param>
public sealed record L1Block(BlockHeader Header, IReadOnlyList<Transaction?> Transactions)
{
    /// <summary>The block's hash.</summary>
    public Hash256 Hash => Header.Hash;

    /// <summary>The block's place in the chain.</summary>
    public L1BlockRef Ref => new(Header.Hash, Header.Number, Header.ParentHash, Header.Timestamp);
}

/// <summary>The receipts of an L1 block, in order. Null stands for a receipt of an unknown type that does not decode as the common form.</summary>
public sealed record L1Receipts(Hash256 BlockHash, IReadOnlyList<Receipt?> Receipts)
{
    /// <summary>Whether derivation reads a block's receipts: its header's filter may hold deposits or system config updates. False is certain, and saves asking for them.</summary>
    public static bool AreNeeded(BlockHeader header, RollupConfig config) => EpochLogs.MayBeIn(header, config);
}

/// <summary>Blobs (131,072 bytes each) of an L1 block, in the order in which they were asked for.</summary>
public sealed record L1Blobs(Hash256 BlockHash, IReadOnlyList<ReadOnlyMemory<byte>> Blobs);
