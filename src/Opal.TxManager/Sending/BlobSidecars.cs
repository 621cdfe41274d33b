using Opal.Crypto;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Makes the sidecar of blobs: commitments and proofs.</summary>
public static class BlobSidecars
{
    /// <summary>The time in seconds from which the pools of an L1 chain want cell proofs (Osaka); null where it is not known.</summary>
    public static ulong? KnownCellProofTime(ulong l1ChainId) => l1ChainId switch
    {
        1 => 1_764_798_551,
        11_155_111 => 1_760_427_360,
        17_000 => 1_759_308_480,
        560_048 => 1_761_677_592,
        _ => null,
    };

    /// <summary>Computes commitments, and blob proofs (EIP-4844) or cell proofs (EIP-7594). Takes about 0.1 to 0.3 s a blob.</summary>
    /// <exception cref="ArgumentException">A blob is not 131,072 bytes of canonical field elements.</exception>
    public static BlobSidecar Build(IReadOnlyList<byte[]> blobs, bool cellProofs)
    {
        var commitments = new byte[blobs.Count][];
        var proofs = new List<byte[]>();
        var cells = cellProofs ? new byte[Kzg.CellsPerExtBlob * Kzg.CellSize] : [];
        for (int i = 0; i < blobs.Count; i++)
        {
            commitments[i] = new byte[Kzg.CommitmentSize];
            if (blobs[i].Length != Kzg.BlobSize || !Kzg.TryBlobToCommitment(blobs[i], commitments[i])) throw new ArgumentException($"blob {i} is malformed", nameof(blobs));
            var proof = new byte[cellProofs ? Kzg.CellsPerExtBlob * Kzg.CommitmentSize : Kzg.CommitmentSize];
            bool made = cellProofs ? Kzg.TryComputeCellsAndProofs(blobs[i], cells, proof) : Kzg.TryComputeBlobProof(blobs[i], commitments[i], proof);
            if (!made) throw new ArgumentException($"blob {i} has no proof", nameof(blobs));
            for (int at = 0; at < proof.Length; at += Kzg.CommitmentSize) proofs.Add(proof[at..(at + Kzg.CommitmentSize)]);
        }

        return new BlobSidecar { WrapperVersion = cellProofs ? (byte)1 : (byte)0, Blobs = [.. blobs], Commitments = commitments, Proofs = [.. proofs] };
    }
}
