using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Execution;

/// <summary>A block this client executed, with what came out of it. Immutable and shared by all readers.</summary>
public sealed class ExecutedBlock(Block block, IReadOnlyList<Receipt> receipts)
{
    /// <summary>The block: header, transactions, withdrawals.</summary>
    public Block Block { get; } = block;

    /// <summary>One receipt a transaction, in block order.</summary>
    public IReadOnlyList<Receipt> Receipts { get; } = receipts;

    /// <summary>The block's header.</summary>
    public BlockHeader Header => Block.Header;

    /// <summary>The transactions, in order.</summary>
    public IReadOnlyList<Transaction> Transactions => Block.Transactions;

    /// <summary>Keccak-256 of the header's RLP.</summary>
    public Hash256 Hash { get; } = block.Header.Hash;

    /// <summary>The block's number.</summary>
    public ulong Number => Block.Header.Number;

    /// <summary>Hash and number.</summary>
    public BlockId Id => new(Hash, Number);

    /// <summary>Names the state after the block.</summary>
    public BlockState State => new(Number, Hash, Header.StateRoot);
}
