namespace Opal.Node.Tests;

/// <summary>Stands in for KZG: the commitment is the blob's first 48 bytes, the proof the next 48.</summary>
internal sealed class FirstBytes : IBlobCommitments
{
    private int _commitments;

    /// <summary>Commitments computed.</summary>
    public int Commitments => _commitments;

    public bool TryCommit(ReadOnlySpan<byte> blob, Span<byte> commitment)
    {
        Interlocked.Increment(ref _commitments);
        if (blob[0] == 0xff) return false; // no blob
        blob[..48].CopyTo(commitment);
        return true;
    }

    public bool TryProve(ReadOnlySpan<byte> blob, ReadOnlySpan<byte> commitment, Span<byte> proof)
    {
        blob[48..96].CopyTo(proof);
        return blob[..48].SequenceEqual(commitment);
    }

    public bool Verify(IReadOnlyList<byte[]> blobs, IReadOnlyList<byte[]> commitments, IReadOnlyList<byte[]> proofs)
    {
        for (int i = 0; i < blobs.Count; i++)
        {
            if (!blobs[i].AsSpan(0, 48).SequenceEqual(commitments[i]) || !blobs[i].AsSpan(48, 48).SequenceEqual(proofs[i])) return false;
        }

        return true;
    }
}
