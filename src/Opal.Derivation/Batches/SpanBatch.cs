using Opal.Primitives;

namespace Opal.Derivation;

/// <summary>The inputs of a range of consecutive L2 blocks, with everything derived that the wire form leaves out.</summary>
/// <remarks>Numbers come from L1 and may be anything: additions on them wrap. Spec: delta/span-batches.md.</remarks>
public sealed class SpanBatch
{
    /// <summary>The version byte in front of the content.</summary>
    public const byte Version = 1;

    /// <summary>The most blocks, transactions of a block, transactions in all, and bytes of a transaction's data.</summary>
    public const int MaxElements = 10_000_000;

    private readonly ulong _firstTimestamp, _blockTimeSeconds;
    private readonly ulong[] _epochs;
    private readonly int[] _transactionEnds;
    private readonly byte[][] _transactions;

    internal SpanBatch(
        HashCheck parentCheck, HashCheck originCheck, ulong firstTimestamp, ulong blockTimeSeconds, ulong[] epochs, int[] transactionEnds, byte[][] transactions)
    {
        ParentCheck = parentCheck;
        OriginCheck = originCheck;
        _firstTimestamp = firstTimestamp;
        _blockTimeSeconds = blockTimeSeconds;
        _epochs = epochs;
        _transactionEnds = transactionEnds;
        _transactions = transactions;
    }

    /// <summary>The begin of the hash of the first block's parent.</summary>
    public HashCheck ParentCheck { get; }

    /// <summary>The begin of the hash of the last block's L1 origin.</summary>
    public HashCheck OriginCheck { get; }

    /// <summary>The number of blocks, at least 1.</summary>
    public int BlockCount => _epochs.Length;

    /// <summary>The number of transactions of all blocks.</summary>
    public int TransactionCount => _transactions.Length;

    /// <summary>The first block's timestamp in seconds.</summary>
    public ulong Timestamp => _firstTimestamp;

    /// <summary>The last block's timestamp in seconds.</summary>
    public ulong LastTimestamp => TimestampOf(BlockCount - 1);

    /// <summary>The number of the first block's L1 origin.</summary>
    public ulong StartEpoch => _epochs[0];

    /// <summary>The number of the last block's L1 origin.</summary>
    public ulong EndEpoch => _epochs[^1];

    /// <summary>A block's timestamp in seconds.</summary>
    public ulong TimestampOf(int block) => unchecked(_firstTimestamp + (_blockTimeSeconds * (ulong)block));

    /// <summary>The number of a block's L1 origin.</summary>
    public ulong EpochOf(int block) => _epochs[block];

    /// <summary>A block's transactions, EIP-2718 encoded.</summary>
    public ReadOnlySpan<byte[]> TransactionsOf(int block)
    {
        int start = block == 0 ? 0 : _transactionEnds[block - 1];
        return _transactions.AsSpan(start, _transactionEnds[block] - start);
    }

    /// <summary>Writes the batch, for a snapshot; this is not its wire form.</summary>
    internal void Write(RlpWriter writer)
    {
        Span<byte> check = stackalloc byte[HashCheck.Size];
        int list = writer.BeginList();
        ParentCheck.CopyTo(check);
        writer.WriteBytes(check);
        OriginCheck.CopyTo(check);
        writer.WriteBytes(check);
        writer.WriteUInt64(_firstTimestamp);
        int blocks = writer.BeginList();
        for (int i = 0; i < _epochs.Length; i++)
        {
            int block = writer.BeginList();
            writer.WriteUInt64(_epochs[i]);
            foreach (byte[] transaction in TransactionsOf(i)) writer.WriteBytes(transaction);
            writer.EndList(block);
        }

        writer.EndList(blocks);
        writer.EndList(list);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static bool TryRead(ref RlpReader reader, ulong blockTimeSeconds, out SpanBatch? batch)
    {
        batch = null;
        if (!reader.TryReadList(out RlpReader fields)) return false;
        if (!fields.TryReadFixed(HashCheck.Size, out ReadOnlySpan<byte> parent) || !fields.TryReadFixed(HashCheck.Size, out ReadOnlySpan<byte> origin)) return false;
        if (!fields.TryReadUInt64(out ulong firstTimestamp) || !fields.TryReadList(out RlpReader blocks) || !fields.TryEnd()) return false;
        var epochs = new List<ulong>();
        var ends = new List<int>();
        var transactions = new List<byte[]>();
        while (!blocks.AtEnd)
        {
            if (!blocks.TryReadList(out RlpReader block) || !block.TryReadUInt64(out ulong epoch)) return false;
            epochs.Add(epoch);
            while (!block.AtEnd)
            {
                if (!block.TryReadBytes(out ReadOnlySpan<byte> transaction)) return false;
                transactions.Add(transaction.ToArray());
            }

            ends.Add(transactions.Count);
        }

        if (epochs.Count == 0) return false;
        batch = new SpanBatch(new HashCheck(parent), new HashCheck(origin), firstTimestamp, blockTimeSeconds, epochs.ToArray(), ends.ToArray(), transactions.ToArray());
        return true;
    }
}
