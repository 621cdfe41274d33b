using Opal.Crypto;
using Opal.Node;

namespace Opal.Devnet;

/// <summary>The rollup node's blob checks through the native KZG library.</summary>
public sealed class NativeBlobCommitments : IBlobCommitments
{
    /// <summary>The only one needed.</summary>
    public static NativeBlobCommitments Instance { get; } = new();

    /// <inheritdoc/>
    public bool TryCommit(ReadOnlySpan<byte> blob, Span<byte> commitment) => Kzg.TryBlobToCommitment(blob, commitment);

    /// <inheritdoc/>
    public bool TryProve(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, Span<byte> proof) => Kzg.TryComputeBlobProof(blob, commitment, proof);

    /// <inheritdoc/>
    public bool Verify(IReadOnlyList<byte[]> blobs, IReadOnlyList<byte[]> commitments, IReadOnlyList<byte[]> proofs) => Kzg.VerifyBlobProofs(blobs, commitments, proofs);
}
