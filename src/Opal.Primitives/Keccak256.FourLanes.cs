using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Opal.Primitives;

/// <content>Four messages side by side, one in each 64-bit lane of an AVX2 register; three times as fast a message. Without AVX2 one after another.</content>
public static partial class Keccak256
{
    /// <summary>Whether <see cref="HashFour"/> works on four messages at once here.</summary>
    public static bool HashesFourAtOnce => Avx2.IsSupported;

    /// <summary>The number of blocks a message is absorbed in, padding included.</summary>
    public static int BlockCount(int length) => (length / Rate) + 1;

    /// <summary>Hashes four messages, which must all have the same <see cref="BlockCount"/>.</summary>
    /// <param name="m0">The first message.</param>
    /// <param name="m1">The second message.</param>
    /// <param name="m2">The third message.</param>
    /// <param name="m3">The fourth message.</param>
    /// <param name="digests">128 bytes: the four digests in order.</param>
    public static void HashFour(ReadOnlySpan<byte> m0, ReadOnlySpan<byte> m1, ReadOnlySpan<byte> m2, ReadOnlySpan<byte> m3, Span<byte> digests)
    {
        int blocks = BlockCount(m0.Length);
        if (BlockCount(m1.Length) != blocks || BlockCount(m2.Length) != blocks || BlockCount(m3.Length) != blocks) throw new ArgumentException("four messages of equal block count");
        if (HashesFourAtOnce)
        {
            HashFourLanes(m0, m1, m2, m3, blocks, digests);
            return;
        }

        Hash(m0, digests);
        Hash(m1, digests[32..]);
        Hash(m2, digests[64..]);
        Hash(m3, digests[96..]);
    }

    [SkipLocalsInit]
    private static void HashFourLanes(ReadOnlySpan<byte> m0, ReadOnlySpan<byte> m1, ReadOnlySpan<byte> m2, ReadOnlySpan<byte> m3, int blocks, Span<byte> digests)
    {
        Span<Vector256<ulong>> state = stackalloc Vector256<ulong>[25];
        state.Clear();
        for (int block = 0; block < blocks - 1; block++)
        {
            int at = block * Rate;
            AbsorbFour(state, m0.Slice(at, Rate), m1.Slice(at, Rate), m2.Slice(at, Rate), m3.Slice(at, Rate));
            PermuteFour(state);
        }

        Span<byte> last = stackalloc byte[4 * Rate];
        last.Clear();
        int start = (blocks - 1) * Rate;
        Pad(m0[start..], last[..Rate]);
        Pad(m1[start..], last.Slice(Rate, Rate));
        Pad(m2[start..], last.Slice(2 * Rate, Rate));
        Pad(m3[start..], last[(3 * Rate)..]);
        AbsorbFour(state, last[..Rate], last.Slice(Rate, Rate), last.Slice(2 * Rate, Rate), last[(3 * Rate)..]);
        PermuteFour(state);
        Squeeze(state, digests);
    }

    /// <summary>Hashes four messages of equal block count that hold their padding already. Only where <see cref="HashesFourAtOnce"/>.</summary>
    /// <param name="lanes">The messages, each at a multiple of <paramref name="stride"/>.</param>
    /// <param name="stride">In bytes.</param>
    /// <param name="blocks">The number of blocks of each.</param>
    /// <param name="digests">128 bytes: the four digests in order.</param>
    [SkipLocalsInit]
    internal static void HashFourPadded(ReadOnlySpan<byte> lanes, int stride, int blocks, Span<byte> digests)
    {
        Span<Vector256<ulong>> state = stackalloc Vector256<ulong>[25];
        state.Clear();
        ReadOnlySpan<byte> m0 = lanes[..stride], m1 = lanes.Slice(stride, stride), m2 = lanes.Slice(2 * stride, stride), m3 = lanes.Slice(3 * stride, stride);
        for (int block = 0; block < blocks; block++)
        {
            int at = block * Rate;
            AbsorbFour(state, m0.Slice(at, Rate), m1.Slice(at, Rate), m2.Slice(at, Rate), m3.Slice(at, Rate));
            PermuteFour(state);
        }

        Squeeze(state, digests);
    }

    private static void Squeeze(Span<Vector256<ulong>> state, Span<byte> digests)
    {
        for (int lane = 0; lane < 4; lane++)
        {
            for (int i = 0; i < 4; i++) BinaryPrimitives.WriteUInt64LittleEndian(digests[((lane * 32) + (i * 8))..], state[i].GetElement(lane));
        }
    }

    private static void Pad(ReadOnlySpan<byte> rest, Span<byte> block)
    {
        rest.CopyTo(block);
        block[rest.Length] = 0x01;
        block[Rate - 1] |= 0x80;
    }

    private static void AbsorbFour(Span<Vector256<ulong>> state, ReadOnlySpan<byte> b0, ReadOnlySpan<byte> b1, ReadOnlySpan<byte> b2, ReadOnlySpan<byte> b3)
    {
        for (int i = 0; i < Rate / 8; i++)
        {
            state[i] ^= Vector256.Create(
                BinaryPrimitives.ReadUInt64LittleEndian(b0[(i * 8)..]),
                BinaryPrimitives.ReadUInt64LittleEndian(b1[(i * 8)..]),
                BinaryPrimitives.ReadUInt64LittleEndian(b2[(i * 8)..]),
                BinaryPrimitives.ReadUInt64LittleEndian(b3[(i * 8)..]));
        }
    }

    /// <summary>AVX2 has no rotation of 64-bit lanes: by whole bytes a shuffle, else two shifts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Rotate(Vector256<ulong> x, [ConstantExpected] byte n)
    {
        if (Avx512F.VL.IsSupported) return Avx512F.VL.RotateLeft(x, n);
        if (n == 8) return Avx2.Shuffle(x.AsByte(), RotateBy8).AsUInt64();
        if (n == 56) return Avx2.Shuffle(x.AsByte(), RotateBy56).AsUInt64();
#pragma warning disable CA1857 // 64 - n is a constant once this is inlined, which it always is
        return Avx2.Or(Avx2.ShiftLeftLogical(x, n), Avx2.ShiftRightLogical(x, (byte)(64 - n)));
#pragma warning restore CA1857
    }

    private static Vector256<byte> RotateBy8 => Vector256.Create(
        (byte)7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14, 7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14);

    private static Vector256<byte> RotateBy56 => Vector256.Create(
        (byte)1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8, 1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8);

    /// <summary>The 24 rounds over four states, as <see cref="Permute"/> does them over one.</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PermuteFour(Span<Vector256<ulong>> state)
    {
        _ = state[24]; // one bounds check for all

        Vector256<ulong> a00 = state[0], a10 = state[1], a20 = state[2], a30 = state[3], a40 = state[4];
        Vector256<ulong> a01 = state[5], a11 = state[6], a21 = state[7], a31 = state[8], a41 = state[9];
        Vector256<ulong> a02 = state[10], a12 = state[11], a22 = state[12], a32 = state[13], a42 = state[14];
        Vector256<ulong> a03 = state[15], a13 = state[16], a23 = state[17], a33 = state[18], a43 = state[19];
        Vector256<ulong> a04 = state[20], a14 = state[21], a24 = state[22], a34 = state[23], a44 = state[24];

        foreach (ulong constant in RoundConstants)
        {
            // theta
            Vector256<ulong> c0 = a00 ^ a01 ^ a02 ^ a03 ^ a04;
            Vector256<ulong> c1 = a10 ^ a11 ^ a12 ^ a13 ^ a14;
            Vector256<ulong> c2 = a20 ^ a21 ^ a22 ^ a23 ^ a24;
            Vector256<ulong> c3 = a30 ^ a31 ^ a32 ^ a33 ^ a34;
            Vector256<ulong> c4 = a40 ^ a41 ^ a42 ^ a43 ^ a44;
            Vector256<ulong> d0 = c4 ^ Rotate(c1, 1);
            Vector256<ulong> d1 = c0 ^ Rotate(c2, 1);
            Vector256<ulong> d2 = c1 ^ Rotate(c3, 1);
            Vector256<ulong> d3 = c2 ^ Rotate(c4, 1);
            Vector256<ulong> d4 = c3 ^ Rotate(c0, 1);

            // rho, pi, then chi row by row
            Vector256<ulong> b00 = a00 ^ d0;
            Vector256<ulong> b10 = Rotate(a11 ^ d1, 44);
            Vector256<ulong> b20 = Rotate(a22 ^ d2, 43);
            Vector256<ulong> b30 = Rotate(a33 ^ d3, 21);
            Vector256<ulong> b40 = Rotate(a44 ^ d4, 14);
            Vector256<ulong> b01 = Rotate(a30 ^ d3, 28);
            Vector256<ulong> b11 = Rotate(a41 ^ d4, 20);
            Vector256<ulong> b21 = Rotate(a02 ^ d0, 3);
            Vector256<ulong> b31 = Rotate(a13 ^ d1, 45);
            Vector256<ulong> b41 = Rotate(a24 ^ d2, 61);
            Vector256<ulong> b02 = Rotate(a10 ^ d1, 1);
            Vector256<ulong> b12 = Rotate(a21 ^ d2, 6);
            Vector256<ulong> b22 = Rotate(a32 ^ d3, 25);
            Vector256<ulong> b32 = Rotate(a43 ^ d4, 8);
            Vector256<ulong> b42 = Rotate(a04 ^ d0, 18);
            Vector256<ulong> b03 = Rotate(a40 ^ d4, 27);
            Vector256<ulong> b13 = Rotate(a01 ^ d0, 36);
            Vector256<ulong> b23 = Rotate(a12 ^ d1, 10);
            Vector256<ulong> b33 = Rotate(a23 ^ d2, 15);
            Vector256<ulong> b43 = Rotate(a34 ^ d3, 56);
            Vector256<ulong> b04 = Rotate(a20 ^ d2, 62);
            Vector256<ulong> b14 = Rotate(a31 ^ d3, 55);
            Vector256<ulong> b24 = Rotate(a42 ^ d4, 39);
            Vector256<ulong> b34 = Rotate(a03 ^ d0, 41);
            Vector256<ulong> b44 = Rotate(a14 ^ d1, 2);

            a00 = b00 ^ Vector256.AndNot(b20, b10) ^ Vector256.Create(constant);
            a10 = b10 ^ Vector256.AndNot(b30, b20);
            a20 = b20 ^ Vector256.AndNot(b40, b30);
            a30 = b30 ^ Vector256.AndNot(b00, b40);
            a40 = b40 ^ Vector256.AndNot(b10, b00);
            a01 = b01 ^ Vector256.AndNot(b21, b11);
            a11 = b11 ^ Vector256.AndNot(b31, b21);
            a21 = b21 ^ Vector256.AndNot(b41, b31);
            a31 = b31 ^ Vector256.AndNot(b01, b41);
            a41 = b41 ^ Vector256.AndNot(b11, b01);
            a02 = b02 ^ Vector256.AndNot(b22, b12);
            a12 = b12 ^ Vector256.AndNot(b32, b22);
            a22 = b22 ^ Vector256.AndNot(b42, b32);
            a32 = b32 ^ Vector256.AndNot(b02, b42);
            a42 = b42 ^ Vector256.AndNot(b12, b02);
            a03 = b03 ^ Vector256.AndNot(b23, b13);
            a13 = b13 ^ Vector256.AndNot(b33, b23);
            a23 = b23 ^ Vector256.AndNot(b43, b33);
            a33 = b33 ^ Vector256.AndNot(b03, b43);
            a43 = b43 ^ Vector256.AndNot(b13, b03);
            a04 = b04 ^ Vector256.AndNot(b24, b14);
            a14 = b14 ^ Vector256.AndNot(b34, b24);
            a24 = b24 ^ Vector256.AndNot(b44, b34);
            a34 = b34 ^ Vector256.AndNot(b04, b44);
            a44 = b44 ^ Vector256.AndNot(b14, b04);
        }

        state[0] = a00;
        state[1] = a10;
        state[2] = a20;
        state[3] = a30;
        state[4] = a40;
        state[5] = a01;
        state[6] = a11;
        state[7] = a21;
        state[8] = a31;
        state[9] = a41;
        state[10] = a02;
        state[11] = a12;
        state[12] = a22;
        state[13] = a32;
        state[14] = a42;
        state[15] = a03;
        state[16] = a13;
        state[17] = a23;
        state[18] = a33;
        state[19] = a43;
        state[20] = a04;
        state[21] = a14;
        state[22] = a24;
        state[23] = a34;
        state[24] = a44;
    }
}
