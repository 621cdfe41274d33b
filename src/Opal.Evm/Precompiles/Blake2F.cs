using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <summary>0x09 BLAKE2F (EIP-152): the compression function of BLAKE2b (RFC 7693) with a free number of rounds, one gas each.</summary>
/// <remarks>Input: rounds (4 bytes, big-endian), h (8 words), m (16 words), t (2 words), all little-endian, and the final flag (1 byte).</remarks>
internal sealed class Blake2F : Precompile
{
    private const int InputSize = 213;
    private const int RoundsOfSchedule = 10;

    private static ReadOnlySpan<ulong> InitialVector =>
    [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ];

    /// <summary>Which message words a round takes, 16 a round, repeating after ten rounds.</summary>
    private static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    public override long GasFor(ReadOnlySpan<byte> input) => input.Length == InputSize ? BinaryPrimitives.ReadUInt32BigEndian(input) : 0;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        if (input.Length != InputSize || input[InputSize - 1] > 1) return false;
        uint rounds = BinaryPrimitives.ReadUInt32BigEndian(input);
        Span<ulong> words = stackalloc ulong[26]; // h, m, t
        for (int i = 0; i < words.Length; i++) words[i] = BinaryPrimitives.ReadUInt64LittleEndian(input[(4 + (8 * i))..]);
        Compress(rounds, words[..8], words.Slice(8, 16), words[24], words[25], input[InputSize - 1] == 1);
        Span<byte> result = output.Reset(64);
        for (int i = 0; i < 8; i++) BinaryPrimitives.WriteUInt64LittleEndian(result[(8 * i)..], words[i]);
        return true;
    }

    [SkipLocalsInit]
    private static void Compress(uint rounds, Span<ulong> h, ReadOnlySpan<ulong> m, ulong t0, ulong t1, bool isFinal)
    {
        // the message words in the order in which ten rounds take them
        Span<ulong> words = stackalloc ulong[RoundsOfSchedule * 16];
        for (int i = 0; i < words.Length; i++) words[i] = m[Schedule[i]];
        ReadOnlySpan<ulong> iv = InitialVector;
        ulong v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3], v4 = h[4], v5 = h[5], v6 = h[6], v7 = h[7];
        ulong v8 = iv[0], v9 = iv[1], v10 = iv[2], v11 = iv[3], v12 = iv[4] ^ t0, v13 = iv[5] ^ t1, v14 = isFinal ? ~iv[6] : iv[6], v15 = iv[7];
        int at = 0;
        for (uint round = 0; round < rounds; round++)
        {
            ReadOnlySpan<ulong> w = words.Slice(at, 16);
            Mix(ref v0, ref v4, ref v8, ref v12, w[0], w[1]);
            Mix(ref v1, ref v5, ref v9, ref v13, w[2], w[3]);
            Mix(ref v2, ref v6, ref v10, ref v14, w[4], w[5]);
            Mix(ref v3, ref v7, ref v11, ref v15, w[6], w[7]);
            Mix(ref v0, ref v5, ref v10, ref v15, w[8], w[9]);
            Mix(ref v1, ref v6, ref v11, ref v12, w[10], w[11]);
            Mix(ref v2, ref v7, ref v8, ref v13, w[12], w[13]);
            Mix(ref v3, ref v4, ref v9, ref v14, w[14], w[15]);
            at += 16;
            if (at == RoundsOfSchedule * 16) at = 0;
        }

        h[0] ^= v0 ^ v8;
        h[1] ^= v1 ^ v9;
        h[2] ^= v2 ^ v10;
        h[3] ^= v3 ^ v11;
        h[4] ^= v4 ^ v12;
        h[5] ^= v5 ^ v13;
        h[6] ^= v6 ^ v14;
        h[7] ^= v7 ^ v15;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref ulong a, ref ulong b, ref ulong c, ref ulong d, ulong x, ulong y)
    {
        unchecked
        {
            a += b + x;
            d = BitOperations.RotateRight(d ^ a, 32);
            c += d;
            b = BitOperations.RotateRight(b ^ c, 24);
            a += b + y;
            d = BitOperations.RotateRight(d ^ a, 16);
            c += d;
            b = BitOperations.RotateRight(b ^ c, 63);
        }
    }
}
