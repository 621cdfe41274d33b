using Opal.Crypto.Native;

namespace Opal.Crypto;

/// <summary>KZG commitments over blobs (EIP-4844) and their cells (EIP-7594), by c-kzg-4844. Safe for use by many threads.</summary>
/// <remarks>
/// A blob is 131,072 bytes: 4,096 field elements of 32 bytes, big-endian, each below the group order. A <c>Try…</c> method
/// returns false when an input is no valid blob, field element or point; a <c>Verify…</c> method also when the proof is wrong.
/// The trusted setup is read at first use (see <see cref="Warm"/>).
/// </remarks>
public static unsafe class Kzg
{
    /// <summary>The size of a blob in bytes.</summary>
    public const int BlobSize = 131_072;
    /// <summary>The size of a commitment or proof (a compressed G1 point) in bytes.</summary>
    public const int CommitmentSize = 48;
    /// <summary>The size of a field element in bytes.</summary>
    public const int FieldElementSize = 32;
    /// <summary>The number of cells of an extended blob.</summary>
    public const int CellsPerExtBlob = 128;
    /// <summary>The size of a cell in bytes: 64 field elements.</summary>
    public const int CellSize = 2048;

    /// <summary>Loads the library and the trusted setup now (some hundred milliseconds) instead of at first use; fails with a clear message when they are missing.</summary>
    public static void Warm() => _ = TrustedSetup.Settings;

    /// <summary>The versioned hash of a commitment (EIP-4844): 0x01 ++ sha256(commitment)[1..].</summary>
    public static Primitives.Hash256 VersionedHash(ReadOnlySpan<byte> commitment)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(commitment, hash);
        hash[0] = 0x01;
        return new Primitives.Hash256(hash);
    }

    /// <summary>The commitment to a blob.</summary>
    public static bool TryBlobToCommitment(ReadOnlySpan<byte> blob, Span<byte> commitment)
    {
        if (blob.Length != BlobSize || commitment.Length != CommitmentSize) return false;
        fixed (byte* b = blob, c = commitment) return Succeeded(LibCkzg.BlobToCommitment(c, b, TrustedSetup.Settings));
    }

    /// <summary>The proof that the blob's polynomial has the value <paramref name="y"/> at <paramref name="z"/>, and that value.</summary>
    public static bool TryComputeProof(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> z, Span<byte> proof, Span<byte> y)
    {
        if (blob.Length != BlobSize || z.Length != FieldElementSize || proof.Length != CommitmentSize || y.Length != FieldElementSize) return false;
        fixed (byte* b = blob, point = z, p = proof, value = y) return Succeeded(LibCkzg.ComputeProof(p, value, b, point, TrustedSetup.Settings));
    }

    /// <summary>The proof that goes with a blob in a transaction's sidecar (wrapper version 0).</summary>
    public static bool TryComputeBlobProof(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, Span<byte> proof)
    {
        if (blob.Length != BlobSize || commitment.Length != CommitmentSize || proof.Length != CommitmentSize) return false;
        fixed (byte* b = blob, c = commitment, p = proof) return Succeeded(LibCkzg.ComputeBlobProof(p, b, c, TrustedSetup.Settings));
    }

    /// <summary>Whether a commitment opens to <paramref name="y"/> at <paramref name="z"/>.</summary>
    public static bool VerifyProof(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof) =>
        TryVerifyProof(commitment, z, y, proof, out bool isValid) && isValid;

    /// <summary>As <see cref="VerifyProof"/>, telling invalid input (false) from a wrong proof.</summary>
    public static bool TryVerifyProof(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof, out bool isValid)
    {
        isValid = false;
        if (commitment.Length != CommitmentSize || z.Length != FieldElementSize || y.Length != FieldElementSize || proof.Length != CommitmentSize) return false;
        byte ok = 0;
        bool success;
        fixed (byte* c = commitment, point = z, value = y, p = proof) success = Succeeded(LibCkzg.VerifyProof(&ok, c, point, value, p, TrustedSetup.Settings));
        isValid = success && ok != 0;
        return success;
    }

    /// <summary>Whether a sidecar's blob, commitment and proof belong together.</summary>
    public static bool VerifyBlobProof(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> proof) =>
        TryVerifyBlobProof(blob, commitment, proof, out bool isValid) && isValid;

    /// <summary>As <see cref="VerifyBlobProof"/>, telling invalid input (false) from a wrong proof.</summary>
    public static bool TryVerifyBlobProof(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> proof, out bool isValid)
    {
        isValid = false;
        if (blob.Length != BlobSize || commitment.Length != CommitmentSize || proof.Length != CommitmentSize) return false;
        byte ok = 0;
        bool success;
        fixed (byte* b = blob, c = commitment, p = proof) success = Succeeded(LibCkzg.VerifyBlobProof(&ok, b, c, p, TrustedSetup.Settings));
        isValid = success && ok != 0;
        return success;
    }

    /// <summary>Whether all blobs of a list belong to their commitments and proofs; faster than one by one. The empty list does.</summary>
    public static bool VerifyBlobProofs(IReadOnlyList<byte[]> blobs, IReadOnlyList<byte[]> commitments, IReadOnlyList<byte[]> proofs) =>
        TryVerifyBlobProofs(blobs, commitments, proofs, out bool isValid) && isValid;

    /// <summary>As <see cref="VerifyBlobProofs"/>, telling invalid input (false; also lists of unequal length) from a wrong proof.</summary>
    public static bool TryVerifyBlobProofs(IReadOnlyList<byte[]> blobs, IReadOnlyList<byte[]> commitments, IReadOnlyList<byte[]> proofs, out bool isValid)
    {
        isValid = false;
        if (blobs.Count != commitments.Count || blobs.Count != proofs.Count) return false;
        if (!TryJoin(blobs, BlobSize, out byte[] allBlobs) || !TryJoin(commitments, CommitmentSize, out byte[] allCommitments) || !TryJoin(proofs, CommitmentSize, out byte[] allProofs)) return false;
        byte ok = 0;
        bool success;
        fixed (byte* b = allBlobs, c = allCommitments, p = allProofs)
        {
            success = Succeeded(LibCkzg.VerifyBlobProofBatch(&ok, b, c, p, (ulong)blobs.Count, TrustedSetup.Settings));
        }

        isValid = success && ok != 0;
        return success;
    }

    /// <summary>The 128 cells of the extended blob and their proofs (EIP-7594; a transaction's sidecar of wrapper version 1 carries the proofs).</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="cells">128 × 2,048 bytes.</param>
    /// <param name="proofs">128 × 48 bytes.</param>
    public static bool TryComputeCellsAndProofs(ReadOnlySpan<byte> blob, Span<byte> cells, Span<byte> proofs)
    {
        if (blob.Length != BlobSize || cells.Length != CellsPerExtBlob * CellSize || proofs.Length != CellsPerExtBlob * CommitmentSize) return false;
        fixed (byte* b = blob, c = cells, p = proofs) return Succeeded(LibCkzg.ComputeCellsAndProofs(c, p, b, TrustedSetup.Settings));
    }

    /// <summary>The 128 cells of the extended blob alone: what checking a sidecar's cell proofs needs, and much cheaper than the proofs.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="cells">128 × 2,048 bytes.</param>
    public static bool TryComputeCells(ReadOnlySpan<byte> blob, Span<byte> cells)
    {
        if (blob.Length != BlobSize || cells.Length != CellsPerExtBlob * CellSize) return false;
        fixed (byte* b = blob, c = cells) return Succeeded(LibCkzg.ComputeCellsAndProofs(c, null, b, TrustedSetup.Settings));
    }

    /// <summary>All cells and proofs from at least half of the cells.</summary>
    /// <param name="indices">The indices of the given cells, ascending.</param>
    /// <param name="cells">The given cells, one after another.</param>
    /// <param name="recoveredCells">128 × 2,048 bytes.</param>
    /// <param name="recoveredProofs">128 × 48 bytes.</param>
    public static bool TryRecoverCellsAndProofs(ReadOnlySpan<ulong> indices, ReadOnlySpan<byte> cells, Span<byte> recoveredCells, Span<byte> recoveredProofs)
    {
        if (cells.Length != indices.Length * CellSize || recoveredCells.Length != CellsPerExtBlob * CellSize || recoveredProofs.Length != CellsPerExtBlob * CommitmentSize) return false;
        fixed (ulong* i = indices)
        fixed (byte* c = cells, rc = recoveredCells, rp = recoveredProofs)
        {
            return Succeeded(LibCkzg.RecoverCellsAndProofs(rc, rp, i, c, (ulong)indices.Length, TrustedSetup.Settings));
        }
    }

    /// <summary>Whether every cell belongs to its commitment: item i of each list goes together.</summary>
    /// <param name="commitments">n × 48 bytes.</param>
    /// <param name="indices">n cell indices, 0 to 127.</param>
    /// <param name="cells">n × 2,048 bytes.</param>
    /// <param name="proofs">n × 48 bytes.</param>
    public static bool VerifyCellProofs(ReadOnlySpan<byte> commitments, ReadOnlySpan<ulong> indices, ReadOnlySpan<byte> cells, ReadOnlySpan<byte> proofs)
    {
        int count = indices.Length;
        if (commitments.Length != count * CommitmentSize || cells.Length != count * CellSize || proofs.Length != count * CommitmentSize) return false;
        byte ok = 0;
        fixed (ulong* i = indices)
        fixed (byte* c = commitments, cell = cells, p = proofs)
        {
            return Succeeded(LibCkzg.VerifyCellProofBatch(&ok, c, i, cell, p, (ulong)count, TrustedSetup.Settings)) && ok != 0;
        }
    }

    private static bool TryJoin(IReadOnlyList<byte[]> items, int size, out byte[] joined)
    {
        joined = new byte[items.Count * size];
        for (int i = 0; i < items.Count; i++)
        {
            if (items[i].Length != size) return false;
            items[i].CopyTo(joined, i * size);
        }

        return true;
    }

    private static bool Succeeded(int status) => status switch
    {
        LibCkzg.Ok => true,
        LibCkzg.BadArguments => false,
        _ => throw new InvalidOperationException($"c-kzg failed with status {status} (2: internal error, 3: out of memory)"),
    };
}
