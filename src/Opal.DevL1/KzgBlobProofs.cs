using Opal.Crypto;
using Opal.Execution;
using Opal.Protocol;

namespace Opal.DevL1;

/// <summary>Blob proofs through the native KZG library.</summary>
public sealed class KzgBlobProofs : IBlobProofs
{
    /// <inheritdoc/>
    public bool Verify(BlobSidecar sidecar)
    {
        if (!sidecar.HasConsistentCounts) return false;
        if (sidecar.WrapperVersion == 0) return Kzg.VerifyBlobProofs(sidecar.Blobs, sidecar.Commitments, sidecar.Proofs);

        const int cells = Kzg.CellsPerExtBlob;
        var indices = new ulong[cells];
        for (int i = 0; i < cells; i++) indices[i] = (ulong)i;
        var data = new byte[cells * Kzg.CellSize];
        var commitments = new byte[cells * Kzg.CommitmentSize];
        var proofs = new byte[cells * Kzg.CommitmentSize];
        for (int blob = 0; blob < sidecar.Blobs.Length; blob++)
        {
            if (!Kzg.TryComputeCells(sidecar.Blobs[blob], data)) return false;
            for (int cell = 0; cell < cells; cell++)
            {
                sidecar.Commitments[blob].CopyTo(commitments, cell * Kzg.CommitmentSize);
                sidecar.Proofs[(blob * cells) + cell].CopyTo(proofs, cell * Kzg.CommitmentSize);
            }

            if (!Kzg.VerifyCellProofs(commitments, indices, data, proofs)) return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public BlobSidecar? WithCellProofs(BlobSidecar sidecar)
    {
        if (sidecar.WrapperVersion == 1) return sidecar;
        const int cells = Kzg.CellsPerExtBlob;
        var all = new byte[sidecar.Blobs.Length * cells][];
        var data = new byte[cells * Kzg.CellSize];
        var proofs = new byte[cells * Kzg.CommitmentSize];
        for (int blob = 0; blob < sidecar.Blobs.Length; blob++)
        {
            if (!Kzg.TryComputeCellsAndProofs(sidecar.Blobs[blob], data, proofs)) return null;
            for (int cell = 0; cell < cells; cell++) all[(blob * cells) + cell] = proofs.AsSpan(cell * Kzg.CommitmentSize, Kzg.CommitmentSize).ToArray();
        }

        return new BlobSidecar { WrapperVersion = 1, Blobs = sidecar.Blobs, Commitments = sidecar.Commitments, Proofs = all };
    }

    /// <inheritdoc/>
    public byte[]? BlobProof(ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> commitment)
    {
        var proof = new byte[Kzg.CommitmentSize];
        return Kzg.TryComputeBlobProof(blob.Span, commitment.Span, proof) ? proof : null;
    }
}
