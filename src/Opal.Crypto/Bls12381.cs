using System.Runtime.InteropServices;
using Opal.Crypto.Native;
using Opal.Primitives;

namespace Opal.Crypto;

/// <summary>The BLS12-381 precompiles of EIP-2537, by blst.</summary>
/// <remarks>
/// Encodings: a base field element is 64 bytes big-endian below the modulus; a G1 point x ++ y; an Fp2 element c0 ++ c1; a G2
/// point x ++ y; infinity is all zero; a scalar is 32 bytes, any value. Additions ask for points on the curve; multiplications
/// and pairings for points in the subgroup.
/// </remarks>
internal static unsafe class Bls12381
{
    private const int FpSize = 64, G1Size = 2 * FpSize, G2Size = 4 * FpSize, ScalarSize = 32;
    private const nuint ScalarBits = 255;

    private static ReadOnlySpan<byte> Modulus =>
    [
        0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
        0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
        0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
    ];

    private static readonly UInt256 GroupOrder = new(0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48);

    public static bool TryG1Add(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length != 2 * G1Size) return false;
        BlstP1Affine a, b;
        BlstP1 sum;
        if (!TryReadG1(input[..G1Size], false, &a, out _) || !TryReadG1(input[G1Size..], false, &b, out bool secondIsInfinity)) return false;
        LibBlst.P1FromAffine(&sum, &a);
        if (!secondIsInfinity) LibBlst.P1AddAffine(&sum, &sum, &b);
        WriteG1(&sum, output);
        return true;
    }

    public static bool TryG2Add(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length != 2 * G2Size) return false;
        BlstP2Affine a, b;
        BlstP2 sum;
        if (!TryReadG2(input[..G2Size], false, &a, out _) || !TryReadG2(input[G2Size..], false, &b, out bool secondIsInfinity)) return false;
        LibBlst.P2FromAffine(&sum, &a);
        if (!secondIsInfinity) LibBlst.P2AddAffine(&sum, &sum, &b);
        WriteG2(&sum, output);
        return true;
    }

    public static bool TryG1Msm(ReadOnlySpan<byte> input, Span<byte> output)
    {
        const int pair = G1Size + ScalarSize;
        int count = input.Length / pair;
        if (count == 0 || input.Length != count * pair) return false;
        var points = (BlstP1Affine*)NativeMemory.Alloc((nuint)count, (nuint)sizeof(BlstP1Affine));
        var scalars = (byte*)NativeMemory.Alloc((nuint)count, ScalarSize);
        try
        {
            int used = 0;
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> item = input.Slice(i * pair, pair);
                if (!TryReadG1(item[..G1Size], true, points + used, out bool isInfinity)) return false;
                if (ReadScalar(item[G1Size..], scalars + (used * ScalarSize)) && !isInfinity) used++;
            }

            BlstP1 result = default;
            if (used == 1)
            {
                LibBlst.P1FromAffine(&result, points);
                LibBlst.P1Multiply(&result, &result, scalars, ScalarBits);
            }
            else if (used > 1)
            {
                void* scratch = NativeMemory.AlignedAlloc(LibBlst.P1MsmScratchSize((nuint)used), 64);
                BlstP1Affine** pointList = stackalloc BlstP1Affine*[2] { points, null }; // one pointer, then null: the array is contiguous
                byte** scalarList = stackalloc byte*[2] { scalars, null };
                LibBlst.P1Msm(&result, pointList, (nuint)used, scalarList, ScalarBits, scratch);
                NativeMemory.AlignedFree(scratch);
            }

            WriteG1(&result, output);
            return true;
        }
        finally
        {
            NativeMemory.Free(points);
            NativeMemory.Free(scalars);
        }
    }

    public static bool TryG2Msm(ReadOnlySpan<byte> input, Span<byte> output)
    {
        const int pair = G2Size + ScalarSize;
        int count = input.Length / pair;
        if (count == 0 || input.Length != count * pair) return false;
        var points = (BlstP2Affine*)NativeMemory.Alloc((nuint)count, (nuint)sizeof(BlstP2Affine));
        var scalars = (byte*)NativeMemory.Alloc((nuint)count, ScalarSize);
        try
        {
            int used = 0;
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> item = input.Slice(i * pair, pair);
                if (!TryReadG2(item[..G2Size], true, points + used, out bool isInfinity)) return false;
                if (ReadScalar(item[G2Size..], scalars + (used * ScalarSize)) && !isInfinity) used++;
            }

            BlstP2 result = default;
            if (used == 1)
            {
                LibBlst.P2FromAffine(&result, points);
                LibBlst.P2Multiply(&result, &result, scalars, ScalarBits);
            }
            else if (used > 1)
            {
                void* scratch = NativeMemory.AlignedAlloc(LibBlst.P2MsmScratchSize((nuint)used), 64);
                BlstP2Affine** pointList = stackalloc BlstP2Affine*[2] { points, null };
                byte** scalarList = stackalloc byte*[2] { scalars, null };
                LibBlst.P2Msm(&result, pointList, (nuint)used, scalarList, ScalarBits, scratch);
                NativeMemory.AlignedFree(scratch);
            }

            WriteG2(&result, output);
            return true;
        }
        finally
        {
            NativeMemory.Free(points);
            NativeMemory.Free(scalars);
        }
    }

    public static bool TryPairing(ReadOnlySpan<byte> input, out bool isOne)
    {
        const int pair = G1Size + G2Size;
        isOne = false;
        int count = input.Length / pair;
        if (count == 0 || input.Length != count * pair) return false;
        var ps = (BlstP1Affine*)NativeMemory.Alloc((nuint)count, (nuint)sizeof(BlstP1Affine));
        var qs = (BlstP2Affine*)NativeMemory.Alloc((nuint)count, (nuint)sizeof(BlstP2Affine));
        try
        {
            int used = 0;
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> item = input.Slice(i * pair, pair);
                if (!TryReadG1(item[..G1Size], true, ps + used, out bool pIsInfinity)) return false;
                if (!TryReadG2(item[G1Size..], true, qs + used, out bool qIsInfinity)) return false;
                if (!pIsInfinity && !qIsInfinity) used++; // a pair with infinity contributes the factor one
            }

            isOne = true;
            if (used == 0) return true;
            BlstFp12 product;
            BlstP1Affine** pList = stackalloc BlstP1Affine*[2] { ps, null };
            BlstP2Affine** qList = stackalloc BlstP2Affine*[2] { qs, null };
            LibBlst.MillerLoop(&product, qList, pList, (nuint)used);
            LibBlst.FinalExponentiation(&product, &product);
            isOne = LibBlst.Fp12IsOne(&product) != 0;
            return true;
        }
        finally
        {
            NativeMemory.Free(ps);
            NativeMemory.Free(qs);
        }
    }

    public static bool TryMapToG1(ReadOnlySpan<byte> input, Span<byte> output)
    {
        BlstFp u;
        if (input.Length != FpSize || !TryReadFp(input, &u)) return false;
        BlstP1 point;
        LibBlst.MapToG1(&point, &u, null);
        WriteG1(&point, output);
        return true;
    }

    public static bool TryMapToG2(ReadOnlySpan<byte> input, Span<byte> output)
    {
        BlstFp2 u;
        if (input.Length != 2 * FpSize || !TryReadFp2(input, &u)) return false;
        BlstP2 point;
        LibBlst.MapToG2(&point, &u, null);
        WriteG2(&point, output);
        return true;
    }

    /// <summary>Reads a scalar modulo the group order into blst's little-endian form.</summary>
    /// <returns>False for zero.</returns>
    private static bool ReadScalar(ReadOnlySpan<byte> bytes, byte* scalar)
    {
        UInt256 value = UInt256.FromBigEndian(bytes) % GroupOrder;
        var destination = new Span<byte>(scalar, ScalarSize);
        value.WriteBigEndian(destination);
        destination.Reverse();
        return !value.IsZero;
    }

    private static bool TryReadFp(ReadOnlySpan<byte> bytes, BlstFp* element)
    {
        if (bytes[..16].ContainsAnyExcept((byte)0) || bytes[16..].SequenceCompareTo(Modulus) >= 0) return false;
        fixed (byte* p = bytes[16..]) LibBlst.FpFromBigEndian(element, p);
        return true;
    }

    private static bool TryReadFp2(ReadOnlySpan<byte> bytes, BlstFp2* element) =>
        TryReadFp(bytes[..FpSize], &element->C0) && TryReadFp(bytes[FpSize..], &element->C1);

    private static bool TryReadG1(ReadOnlySpan<byte> bytes, bool inSubgroup, BlstP1Affine* point, out bool isInfinity)
    {
        isInfinity = !bytes.ContainsAnyExcept((byte)0);
        if (isInfinity)
        {
            *point = default;
            return true;
        }

        if (!TryReadFp(bytes[..FpSize], &point->X) || !TryReadFp(bytes[FpSize..], &point->Y)) return false;
        return LibBlst.P1OnCurve(point) != 0 && (!inSubgroup || LibBlst.P1InGroup(point) != 0);
    }

    private static bool TryReadG2(ReadOnlySpan<byte> bytes, bool inSubgroup, BlstP2Affine* point, out bool isInfinity)
    {
        isInfinity = !bytes.ContainsAnyExcept((byte)0);
        if (isInfinity)
        {
            *point = default;
            return true;
        }

        if (!TryReadFp2(bytes[..(2 * FpSize)], &point->X) || !TryReadFp2(bytes[(2 * FpSize)..], &point->Y)) return false;
        return LibBlst.P2OnCurve(point) != 0 && (!inSubgroup || LibBlst.P2InGroup(point) != 0);
    }

    private static void WriteFp(BlstFp* element, Span<byte> output)
    {
        output[..16].Clear();
        fixed (byte* p = output[16..FpSize]) LibBlst.FpToBigEndian(p, element);
    }

    private static void WriteG1(BlstP1* point, Span<byte> output)
    {
        BlstP1Affine affine;
        LibBlst.P1ToAffine(&affine, point);
        WriteFp(&affine.X, output);
        WriteFp(&affine.Y, output[FpSize..]);
    }

    private static void WriteG2(BlstP2* point, Span<byte> output)
    {
        BlstP2Affine affine;
        LibBlst.P2ToAffine(&affine, point);
        WriteFp(&affine.X.C0, output);
        WriteFp(&affine.X.C1, output[FpSize..]);
        WriteFp(&affine.Y.C0, output[(2 * FpSize)..]);
        WriteFp(&affine.Y.C1, output[(3 * FpSize)..]);
    }
}
