using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Execution;

/// <summary>A block this client executed, with what came out of it. Immutable and shared by all readers; equal when the hashes are.</summary>
public sealed class ExecutedBlock : IEquatable<ExecutedBlock>
{
    private readonly ReadOnlyMemory<byte> _encodedReceipts;
    private volatile IReadOnlyList<Receipt>? _receipts;

    /// <summary>A block with its receipts.</summary>
    public ExecutedBlock(Block block, IReadOnlyList<Receipt> receipts)
    {
        Block = block;
        Hash = block.Header.Hash;
        _receipts = receipts;
    }

    /// <summary>A block whose receipts are decoded when they are asked for.</summary>
    internal ExecutedBlock(Block block, ReadOnlyMemory<byte> encodedReceipts)
    {
        Block = block;
        Hash = block.Header.Hash;
        _encodedReceipts = encodedReceipts;
    }

    /// <summary>The block: header, transactions, withdrawals.</summary>
    public Block Block { get; }

    /// <summary>One receipt a transaction, in block order.</summary>
    public IReadOnlyList<Receipt> Receipts => _receipts ??= ReceiptCodec.Read(_encodedReceipts.Span);

    /// <summary>The block's header.</summary>
    public BlockHeader Header => Block.Header;

    /// <summary>The transactions, in order.</summary>
    public IReadOnlyList<Transaction> Transactions => Block.Transactions;

    /// <summary>Keccak-256 of the header's RLP.</summary>
    public Hash256 Hash { get; }

    /// <summary>The block's number.</summary>
    public ulong Number => Block.Header.Number;

    /// <summary>Hash and number.</summary>
    public BlockId Id => new(Hash, Number);

    /// <summary>Names the state after the block.</summary>
    public BlockState State => new(Number, Hash, Header.StateRoot);

    /// <inheritdoc/>
    public bool Equals(ExecutedBlock? other) => other is not null && Hash == other.Hash;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExecutedBlock);

    /// <inheritdoc/>
    public override int GetHashCode() => Hash.GetHashCode();
}
