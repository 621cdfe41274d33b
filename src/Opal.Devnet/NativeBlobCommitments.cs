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
}
