using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Blobs of L1 blocks, verified against their versioned hashes.</summary>
public interface IBlobSource
{
    /// <summary>
    /// The blobs with these versioned hashes (131,072 bytes each), in the order asked. Null: the provider answered and does not have them all.
    /// <see cref="SourceException"/>: no usable answer, or blobs that do not match their hashes (a faulty provider).
    /// </summary>
    Task<L1Blobs?> BlobsAsync(L1BlockRef block, IReadOnlyList<Hash256> versionedHashes, CancellationToken cancellation);
}

/// <summary>The KZG arithmetic that blob verification needs; given by the composition (Opal.Crypto).</summary>
public interface IBlobCommitments
{
    /// <summary>The 48-byte commitment of a blob of 131,072 bytes. False: it is no blob (a field element is out of range, or the length is wrong).</summary>
    bool TryCommit(ReadOnlySpan<byte> blob, Span<byte> commitment);
}
