using System.Security.Cryptography;
using Opal.Primitives;

namespace Opal.Node;

/// <summary>A blob that is known to belong to its commitment, and the commitment to the versioned hash it is filed under.</summary>
/// <param name="Blob">131,072 bytes.</param>
/// <param name="Commitment">48 bytes.</param>
/// <param name="Proof">The KZG proof of the two, 48 bytes; null where none has been computed or checked.</param>
public sealed record VerifiedBlob(byte[] Blob, byte[] Commitment, byte[]? Proof)
{
    /// <summary>0x01 ++ sha256(commitment)[1..] (EIP-4844).</summary>
    public static Hash256 VersionedHash(ReadOnlySpan<byte> commitment)
    {
        Span<byte> digest = stackalloc byte[Hash256.Size];
        SHA256.HashData(commitment, digest);
        digest[0] = 1;
        return new Hash256(digest);
    }
}
