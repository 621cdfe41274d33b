using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Opal.Crypto;

/// <summary>scrypt (RFC 7914). Managed, because OpenSSL refuses parameters that keystore files in the wild have (n ≥ 2^16 with r = 1).</summary>
internal static class Scrypt
{
    private const int SalsaWords = 16;

    /// <summary>Derives <paramref name="size"/> bytes; uses 128·n·r bytes of memory.</summary>
    /// <param name="password">The password.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="n">Cost: a power of two above 1.</param>
    /// <param name="r">Block size, in units of 128 bytes.</param>
    /// <param name="p">Lanes, one after another.</param>
    /// <param name="size">Bytes to derive.</param>
    public static byte[] Derive(byte[] password, byte[] salt, int n, int r, int p, int size)
    {
        byte[] lanes = Rfc2898DeriveBytes.Pbkdf2(password, salt, 1, HashAlgorithmName.SHA256, p * 128 * r);
        int words = 32 * r;
        var memory = new uint[checked((long)n * words)];
        uint[] x = new uint[words], y = new uint[words];
        for (int lane = 0; lane < p; lane++) Mix(lanes.AsSpan(lane * 128 * r, 128 * r), n, memory, x, y);
        return Rfc2898DeriveBytes.Pbkdf2(password, lanes, 1, HashAlgorithmName.SHA256, size);
    }

    /// <summary>scryptROMix over one lane.</summary>
    private static void Mix(Span<byte> lane, int n, uint[] memory, uint[] x, uint[] y)
    {
        int words = x.Length;
        for (int i = 0; i < words; i++) x[i] = BinaryPrimitives.ReadUInt32LittleEndian(lane[(4 * i)..]);
        for (int i = 0; i < n; i++)
        {
            Array.Copy(x, 0, memory, (long)i * words, words);
            MixBlock(ref x, ref y);
        }

        for (int i = 0; i < n; i++)
        {
            long j = (long)(x[words - SalsaWords] & (uint)(n - 1)) * words;
            for (int k = 0; k < words; k++) x[k] ^= memory[j + k];
            MixBlock(ref x, ref y);
        }

        for (int i = 0; i < words; i++) BinaryPrimitives.WriteUInt32LittleEndian(lane[(4 * i)..], x[i]);
    }

    /// <summary>scryptBlockMix: chains Salsa20/8 over the blocks; even ones come first in the result.</summary>
    private static void MixBlock(ref uint[] from, ref uint[] to)
    {
        int blocks = from.Length / SalsaWords;
        Span<uint> state = stackalloc uint[SalsaWords];
        from.AsSpan(from.Length - SalsaWords).CopyTo(state);
        for (int i = 0; i < blocks; i++)
        {
            for (int k = 0; k < SalsaWords; k++) state[k] ^= from[(i * SalsaWords) + k];
            Salsa8(state);
            state.CopyTo(to.AsSpan(((i >> 1) + ((i & 1) * (blocks / 2))) * SalsaWords));
        }

        (from, to) = (to, from);
    }

    private static void Salsa8(Span<uint> b)
    {
        Span<uint> x = stackalloc uint[SalsaWords];
        b.CopyTo(x);
        for (int round = 0; round < 8; round += 2)
        {
            Quarter(x, 0, 4, 8, 12);
            Quarter(x, 5, 9, 13, 1);
            Quarter(x, 10, 14, 2, 6);
            Quarter(x, 15, 3, 7, 11);
            Quarter(x, 0, 1, 2, 3);
            Quarter(x, 5, 6, 7, 4);
            Quarter(x, 10, 11, 8, 9);
            Quarter(x, 15, 12, 13, 14);
        }

        for (int i = 0; i < SalsaWords; i++) b[i] += x[i];
    }

    private static void Quarter(Span<uint> x, int a, int b, int c, int d)
    {
        x[b] ^= BitOperations.RotateLeft(x[a] + x[d], 7);
        x[c] ^= BitOperations.RotateLeft(x[b] + x[a], 9);
        x[d] ^= BitOperations.RotateLeft(x[c] + x[b], 13);
        x[a] ^= BitOperations.RotateLeft(x[d] + x[c], 18);
    }
}
