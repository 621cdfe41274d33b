using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Opal.Storage;

/// <summary>The random key of a database's fingerprints, in a small file: magic, 16 bytes, checksum.</summary>
internal static class FingerprintKey
{
    private const int Size = 28;

    private static ReadOnlySpan<byte> Magic => "OPALKEY1"u8;

    /// <summary>Reads the key, or makes one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="made">Whether it was made: segments of an older key are of no use then.</param>
    public static SipHash Open(string path, out bool made)
    {
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        made = bytes.Length != Size || !bytes.AsSpan().StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(24)) != Crc32C.Compute(bytes.AsSpan(0, 24));
        if (made)
        {
            bytes = [.. Magic, .. RandomNumberGenerator.GetBytes(16), 0, 0, 0, 0];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), Crc32C.Compute(bytes.AsSpan(0, 24)));
            DurableFile.Write(path, bytes);
        }

        return new SipHash(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(8)), BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)));
    }
}
