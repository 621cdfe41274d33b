using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The blobs that travel with a blob transaction, with their commitments and proofs.</summary>
/// <remarks>
/// <see cref="WrapperVersion"/> 0: one blob proof a blob (EIP-4844). 1: <see cref="CellsPerBlob"/> cell proofs a blob (EIP-7594).
/// Sizes in bytes: blob 131,072, commitment 48, proof 48.
/// </remarks>
public sealed class BlobSidecar
{
    /// <summary>The size of a blob in bytes.</summary>
    public const int BlobSize = 131_072;

    /// <summary>The size of a commitment and of a proof in bytes.</summary>
    public const int CommitmentSize = 48;

    /// <summary>The number of cell proofs a blob has under EIP-7594.</summary>
    public const int CellsPerBlob = 128;

    /// <summary>0 for EIP-4844's form, 1 for EIP-7594's.</summary>
    public byte WrapperVersion { get; init; }

    /// <summary>The blobs.</summary>
    public required byte[][] Blobs { get; init; }

    /// <summary>A KZG commitment a blob.</summary>
    public required byte[][] Commitments { get; init; }

    /// <summary>A proof a blob (version 0), or 128 cell proofs a blob in the blobs' order (version 1).</summary>
    public required byte[][] Proofs { get; init; }

    /// <summary>Whether there are as many commitments and proofs as the version asks for.</summary>
    public bool HasConsistentCounts =>
        Commitments.Length == Blobs.Length && Proofs.Length == (WrapperVersion == 0 ? Blobs.Length : Blobs.Length * CellsPerBlob);

    /// <summary>0x01 ++ sha256(commitment)[1..] (EIP-4844).</summary>
    public static Hash256 VersionedHash(ReadOnlySpan<byte> commitment, ICrypto crypto)
    {
        Span<byte> digest = stackalloc byte[32];
        crypto.Sha256(commitment, digest);
        digest[0] = 0x01;
        return new Hash256(digest);
    }
}
