using System.Buffers.Binary;
using System.Numerics;

namespace Opal.Storage;

/// <summary>SipHash-2-4 with a 64-bit result (Aumasson and Bernstein, 2012): who does not know the key cannot aim at a result.</summary>
/// <param name="K0">The first half of the key, little-endian.</param>
/// <param name="K1">The second half.</param>
internal readonly record struct SipHash(ulong K0, ulong K1)
{
    public ulong Compute(ReadOnlySpan<byte> bytes)
    {
        ulong v0 = K0 ^ 0x736f6d6570736575, v1 = K1 ^ 0x646f72616e646f6d, v2 = K0 ^ 0x6c7967656e657261, v3 = K1 ^ 0x7465646279746573;
        ulong last = (ulong)bytes.Length << 56;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
        }

        for (int i = 0; i < bytes.Length; i++) last |= (ulong)bytes[i] << (8 * i);
        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;
        v2 ^= 0xff;
        for (int i = 0; i < 4; i++) Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
