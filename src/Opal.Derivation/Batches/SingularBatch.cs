using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>The inputs of one L2 block: all that its L1 origin does not tell.</summary>
/// <remarks>Wire: version 0 ++ rlp([parent_hash, epoch_number, epoch_hash, timestamp, [transaction…]]). Spec: derivation.md#batch-format.</remarks>
public sealed class SingularBatch
{
    /// <summary>The version byte in front of the content.</summary>
    public const byte Version = 0;

    /// <summary>The block's parent.</summary>
    public required Hash256 ParentHash { get; init; }

    /// <summary>The number of the block's L1 origin.</summary>
    public required ulong EpochNumber { get; init; }

    /// <summary>The hash of the block's L1 origin.</summary>
    public required Hash256 EpochHash { get; init; }

    /// <summary>The block's timestamp in seconds.</summary>
    public required ulong Timestamp { get; init; }

    /// <summary>The sequenced transactions, EIP-2718 encoded.</summary>
    public required IReadOnlyList<byte[]> Transactions { get; init; }

    /// <summary>The block's L1 origin.</summary>
    public BlockId Epoch => new(EpochHash, EpochNumber);

    /// <summary>Reads the content behind the version byte. Bytes behind the list are ignored.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> content, out SingularBatch? batch)
    {
        batch = null;
        var outer = new RlpReader(content);
        if (!outer.TryReadList(out RlpReader fields)
            || !fields.TryReadHash(out Hash256 parentHash)
            || !fields.TryReadUInt64(out ulong epochNumber)
            || !fields.TryReadHash(out Hash256 epochHash)
            || !fields.TryReadUInt64(out ulong timestamp)
            || !fields.TryReadList(out RlpReader items)
            || !fields.TryEnd())
        {
            return false;
        }

        var transactions = new List<byte[]>();
        while (!items.AtEnd)
        {
            if (!items.TryReadBytes(out ReadOnlySpan<byte> transaction)) return false;
            transactions.Add(transaction.ToArray());
        }

        batch = new SingularBatch
        {
            ParentHash = parentHash,
            EpochNumber = epochNumber,
            EpochHash = epochHash,
            Timestamp = timestamp,
            Transactions = transactions,
        };
        return true;
    }

    /// <summary>The version byte and the content.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(256);
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Writes the version byte and the content.</summary>
    public void Write(RlpWriter writer)
    {
        writer.WriteRaw([Version]);
        int list = writer.BeginList();
        writer.WriteHash(ParentHash);
        writer.WriteUInt64(EpochNumber);
        writer.WriteHash(EpochHash);
        writer.WriteUInt64(Timestamp);
        int transactions = writer.BeginList();
        for (int i = 0; i < Transactions.Count; i++) writer.WriteBytes(Transactions[i]);
        writer.EndList(transactions);
        writer.EndList(list);
    }
}
