using System.Numerics;
using System.Text;
using Opal.Primitives;

namespace Opal.Primitives.Tests;

public class KeccakTests
{
    [Theory]
    [InlineData("", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData("The quick brown fox jumps over the lazy dog", "0x4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15")]
    public void Known_digests(string text, string digest) => Assert.Equal(digest, Keccak256.Hash(Encoding.ASCII.GetBytes(text)).ToString());

    [Fact]
    public void Well_known_hashes_are_what_they_say()
    {
        Assert.Equal(Keccak256.Hash([]), Hash256.EmptyCode);
        Assert.Equal(Keccak256.Hash([0x80]), Hash256.EmptyTrie);
        Assert.Equal(Keccak256.Hash([0xc0]), Hash256.EmptyList);
    }

    [Fact]
    public void Every_length_equals_a_sponge_written_from_the_standard()
    {
        var random = new Random(21);
        for (int length = 0; length < 700; length++)
        {
            var input = new byte[length];
            random.NextBytes(input);
            Assert.Equal(Hex.Encode(SlowKeccak(input)), Keccak256.Hash(input).ToString());
        }
    }

    [Fact]
    public void The_digest_may_overwrite_the_input()
    {
        var bytes = new byte[200];
        new Random(22).NextBytes(bytes);
        Hash256 expected = Keccak256.Hash(bytes);
        Keccak256.Hash(bytes, bytes.AsSpan(3));
        Assert.Equal(expected, new Hash256(bytes.AsSpan(3, 32)));
    }

    /// <summary>FIPS 202, sections 3.2 and 4, word by word, with Keccak's original padding.</summary>
    private static byte[] SlowKeccak(byte[] input)
    {
        var padded = new byte[(input.Length / 136 * 136) + 136];
        input.CopyTo(padded, 0);
        padded[input.Length] ^= 0x01;
        padded[^1] ^= 0x80;
        var a = new ulong[5, 5];
        for (int block = 0; block < padded.Length; block += 136)
        {
            for (int i = 0; i < 17; i++) a[i % 5, i / 5] ^= BitConverter.ToUInt64(padded, block + (8 * i));
            for (int round = 0; round < 24; round++) a = Round(a, round);
        }

        var digest = new byte[32];
        for (int i = 0; i < 4; i++) BitConverter.TryWriteBytes(digest.AsSpan(8 * i), a[i, 0]);
        return digest;
    }

    private static ulong[,] Round(ulong[,] a, int round)
    {
        var c = new ulong[5];
        for (int x = 0; x < 5; x++)
        {
            for (int y = 0; y < 5; y++) c[x] ^= a[x, y];
        }

        var b = new ulong[5, 5];
        int[,] offsets = Offsets();
        for (int x = 0; x < 5; x++)
        {
            for (int y = 0; y < 5; y++)
            {
                ulong theta = a[x, y] ^ c[(x + 4) % 5] ^ BitOperations.RotateLeft(c[(x + 1) % 5], 1);
                b[y, ((2 * x) + (3 * y)) % 5] = BitOperations.RotateLeft(theta, offsets[x, y]);
            }
        }

        var result = new ulong[5, 5];
        for (int x = 0; x < 5; x++)
        {
            for (int y = 0; y < 5; y++) result[x, y] = b[x, y] ^ (~b[(x + 1) % 5, y] & b[(x + 2) % 5, y]);
        }

        for (int j = 0; j <= 6; j++)
        {
            if (RoundBit(j + (7 * round))) result[0, 0] ^= 1UL << ((1 << j) - 1);
        }

        return result;
    }

    private static int[,] Offsets()
    {
        var offsets = new int[5, 5];
        (int x, int y) = (1, 0);
        for (int t = 0; t < 24; t++)
        {
            offsets[x, y] = (t + 1) * (t + 2) / 2 % 64;
            (x, y) = (y, ((2 * x) + (3 * y)) % 5);
        }

        return offsets;
    }

    private static bool RoundBit(int t)
    {
        int register = 1;
        for (int i = 0; i < t % 255; i++)
        {
            register <<= 1;
            if ((register & 0x100) != 0) register ^= 0x171;
        }

        return (register & 1) != 0;
    }
}
