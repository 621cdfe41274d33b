namespace Opal.Node;

/// <summary>The KZG arithmetic that blobs need; given by the composition (Opal.Crypto). Blobs are 131,072 bytes, commitments and proofs 48.</summary>
public interface IBlobCommitments
{
    /// <summary>The commitment of a blob. False: it is no blob (a field element is out of range, or the length is wrong).</summary>
    bool TryCommit(ReadOnlySpan<byte> blob, Span<byte> commitment);

    /// <summary>The proof that a blob and its commitment belong together. False: one of them is none.</summary>
    bool TryProve(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, Span<byte> proof);

    /// <summary>Whether each blob belongs to its commitment by its proof: much cheaper than computing the commitments. False when one does not.</summary>
    bool Verify(IReadOnlyList<byte[]> blobs, IReadOnlyList<byte[]> commitments, IReadOnlyList<byte[]> proofs);
}
