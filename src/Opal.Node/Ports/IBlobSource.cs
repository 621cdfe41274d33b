using Opal.Derivation;

namespace Opal.Node;

/// <summary>Blobs of L1 blocks, verified against their versioned hashes.</summary>
public interface IBlobSource
{
    /// <summary>
    /// The blobs that derivation asks for (131,072 bytes each), in the order asked. Null: the providers answered, and none has them all.
    /// <see cref="SourceException"/>: no usable answer, or blobs that do not match their hashes (a faulty provider).
    /// </summary>
    Task<L1Blobs?> BlobsAsync(NeedBlobs need, CancellationToken cancellation);
}
