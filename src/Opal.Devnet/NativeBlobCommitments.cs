using Opal.Crypto;
using Opal.Node;

namespace Opal.Devnet;

/// <summary>The rollup node's blob checks through the native KZG library.</summary>
internal sealed class NativeBlobCommitments : IBlobCommitments
{
    public static NativeBlobCommitments Instance { get; } = new();

    public bool TryCommit(ReadOnlySpan<byte> blob, Span<byte> commitment) => Kzg.TryBlobToCommitment(blob, commitment);
}
