using System.Buffers.Binary;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Node;

/// <summary>The bytes of a blob's file: <c>"OPALBLB1" | commitment (48) | proof (48) | blob (131,072) | crc32c u32, little-endian, of all before</c>.</summary>
internal static class BlobFile
{
    /// <summary>The size of every such file.</summary>
    public const int Size = 8 + (2 * BlobSidecar.CommitmentSize) + BlobSidecar.BlobSize + 4;

    private const int CommitmentAt = 8, ProofAt = CommitmentAt + BlobSidecar.CommitmentSize, BlobAt = ProofAt + BlobSidecar.CommitmentSize, ChecksumAt = Size - 4;

    private static ReadOnlySpan<byte> Magic => "OPALBLB1"u8;

    public static byte[] Encode(VerifiedBlob blob, ReadOnlySpan<byte> proof)
    {
        byte[] file = new byte[Size];
        Magic.CopyTo(file);
        blob.Commitment.CopyTo(file, CommitmentAt);
        proof.CopyTo(file.AsSpan(ProofAt));
        blob.Blob.CopyTo(file, BlobAt);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(ChecksumAt), Crc32C.Compute(file.AsSpan(0, ChecksumAt)));
        return file;
    }

    /// <summary>The blob of a file; null with the fault when it is cut, foreign or damaged. That the parts belong together is not checked.</summary>
    public static VerifiedBlob? Decode(ReadOnlySpan<byte> file, out string? fault)
    {
        fault = file.Length != Size ? $"it has {file.Length} bytes instead of {Size}"
            : !file.StartsWith(Magic) ? "it does not begin as a blob's file does"
            : BinaryPrimitives.ReadUInt32LittleEndian(file[ChecksumAt..]) != Crc32C.Compute(file[..ChecksumAt]) ? "its checksum is wrong" : null;
        return fault is null ? new VerifiedBlob(file[BlobAt..ChecksumAt].ToArray(), file[CommitmentAt..ProofAt].ToArray(), file[ProofAt..BlobAt].ToArray()) : null;
    }
}
