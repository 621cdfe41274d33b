using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A transaction as it travels to a pool: a blob transaction with its sidecar, any other as it is.</summary>
/// <remarks>
/// Wire of a blob transaction: 0x03 ++ rlp([payload, blobs, commitments, proofs]) (EIP-4844), or
/// 0x03 ++ rlp([payload, wrapper_version, blobs, commitments, cell_proofs]) (EIP-7594), where payload is the list of fields.
/// </remarks>
public sealed class PooledTransaction(Transaction transaction, BlobSidecar? sidecar)
{
    /// <summary>The transaction as a block holds it.</summary>
    public Transaction Transaction { get; } = transaction;

    /// <summary>The blobs of a blob transaction, null for other types.</summary>
    public BlobSidecar? Sidecar { get; } = sidecar;

    /// <summary>Decodes the network form. A blob transaction without its sidecar is refused.</summary>
    /// <remarks>Checks counts, sizes and versioned hashes; the KZG proofs are verified by the pool.</remarks>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, ICrypto crypto, out PooledTransaction? pooled, out TransactionError error)
    {
        pooled = null;
        if (encoded.IsEmpty || encoded[0] != (byte)TransactionType.Blob)
        {
            if (!Transaction.TryDecode(encoded, out Transaction? plain, out error)) return false;
            pooled = new PooledTransaction(plain!, null);
            return true;
        }

        error = TransactionError.MalformedSidecar;
        if (!RlpReader.TryOpenList(encoded[1..], out RlpReader items)) return false;
        if (!items.NextIsList || !items.TryReadRaw(out ReadOnlySpan<byte> payload)) return false;
        byte version = 0;
        if (!items.NextIsList)
        {
            if (!items.TryReadUInt64(out ulong number) || number != 1) return false;
            version = 1;
        }

        if (!TryReadItems(ref items, BlobSidecar.BlobSize, out byte[][] blobs)
            || !TryReadItems(ref items, BlobSidecar.CommitmentSize, out byte[][] commitments)
            || !TryReadItems(ref items, BlobSidecar.CommitmentSize, out byte[][] proofs)
            || !items.TryEnd())
        {
            return false;
        }

        var envelope = new byte[payload.Length + 1];
        envelope[0] = (byte)TransactionType.Blob;
        payload.CopyTo(envelope.AsSpan(1));
        if (!Transaction.TryDecodeOwned(envelope, out Transaction? transaction, out error)) return false;

        var sidecar = new BlobSidecar { WrapperVersion = version, Blobs = blobs, Commitments = commitments, Proofs = proofs };
        error = Check(transaction!, sidecar, crypto);
        if (error != TransactionError.None) return false;
        pooled = new PooledTransaction(transaction!, sidecar);
        return true;
    }

    /// <summary>Checks that a sidecar belongs to a blob transaction: counts and versioned hashes, not the proofs.</summary>
    public static TransactionError Check(Transaction transaction, BlobSidecar sidecar, ICrypto crypto)
    {
        if (!sidecar.HasConsistentCounts || sidecar.Blobs.Length != transaction.BlobVersionedHashes.Length) return TransactionError.MalformedSidecar;
        for (int i = 0; i < sidecar.Commitments.Length; i++)
        {
            if (BlobSidecar.VersionedHash(sidecar.Commitments[i], crypto) != transaction.BlobVersionedHashes[i]) return TransactionError.VersionedHashMismatch;
        }

        return TransactionError.None;
    }

    /// <summary>The network form.</summary>
    public byte[] Encode()
    {
        if (Sidecar is null) return Transaction.Encoded;
        var writer = new RlpWriter(Transaction.Encoded.Length + 64 + (Sidecar.Blobs.Length * (BlobSidecar.BlobSize + 512)));
        writer.WriteRaw([(byte)TransactionType.Blob]);
        int list = writer.BeginList();
        writer.WriteRaw(Transaction.Encoded.AsSpan(1));
        if (Sidecar.WrapperVersion != 0) writer.WriteUInt64(Sidecar.WrapperVersion);
        WriteItems(writer, Sidecar.Blobs);
        WriteItems(writer, Sidecar.Commitments);
        WriteItems(writer, Sidecar.Proofs);
        writer.EndList(list);
        return writer.ToArray();
    }

    private static void WriteItems(RlpWriter writer, byte[][] items)
    {
        int list = writer.BeginList();
        foreach (byte[] item in items) writer.WriteBytes(item);
        writer.EndList(list);
    }

    private static bool TryReadItems(ref RlpReader items, int size, out byte[][] read)
    {
        read = [];
        if (!items.TryReadList(out RlpReader list)) return false;
        var found = new List<byte[]>();
        while (!list.AtEnd)
        {
            if (!list.TryReadFixed(size, out ReadOnlySpan<byte> bytes)) return false;
            found.Add(bytes.ToArray());
        }

        read = found.ToArray();
        return true;
    }
}
