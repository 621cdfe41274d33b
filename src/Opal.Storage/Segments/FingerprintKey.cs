using System.Security.Cryptography;

namespace Opal.Storage;

/// <summary>The random key of a database's fingerprints, in a small file of its own.</summary>
internal static class FingerprintKey
{
    private const int KeySize = 16;

    /// <summary>Reads the key, or makes one.</summary>
    /// <exception cref="StoreCorruptException">The file has another content.</exception>
    public static SipHash ReadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            byte[] made = new byte[KeySize + 4];
            RandomNumberGenerator.Fill(made.AsSpan(0, KeySize));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(made.AsSpan(KeySize), Crc32C.Compute(made.AsSpan(0, KeySize)));
            StoreFolder.WriteWhole(path, made);
        }

        byte[] key = File.ReadAllBytes(path);
        if (key.Length != KeySize + 4 || Crc32C.Compute(key.AsSpan(0, KeySize)) != System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(key.AsSpan(KeySize)))
        {
            throw new StoreCorruptException($"{path}, the key of the index, is damaged: delete it together with the *.seg files beside it and start again; they are made anew from the log");
        }

        return new SipHash(key);
    }
}
