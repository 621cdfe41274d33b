using Opal.Crypto;
using Opal.Node;

namespace Opal.ActionTests;

/// <summary>The native KZG library.</summary>
internal sealed class NativeKzg : IBlobCommitments
{
    public bool TryCommit(ReadOnlySpan<byte> blob, Span<byte> commitment) => Kzg.TryBlobToCommitment(blob, commitment);

    public bool TryProve(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, Span<byte> proof) => Kzg.TryComputeBlobProof(blob, commitment, proof);

    public bool Verify(IReadOnlyList<byte[]> blobs, IReadOnlyList<byte[]> commitments, IReadOnlyList<byte[]> proofs) => Kzg.VerifyBlobProofs(blobs, commitments, proofs);
}
