using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <content>
/// Multiplication by a scalar (Gallant, Lambert and Vanstone): (x, y) -> (βx, y), with β³ = 1, multiplies by λ, λ² + λ + 1 = 0 modulo
/// the order. So k·P = k1·P + k2·λP with k1, k2 of half the length, and one chain of half as many doublings serves both.
/// </content>
internal partial struct G1
{
    /// <summary>Signed digits of five bits: odd, below 16 in absolute value, at least four zeros after each.</summary>
    private const int Window = 5;
    private const int TableSize = 1 << (Window - 2);

    /// <summary>A half of a scalar has at most 128 bits; the sign may carry into one more.</summary>
    private const int MaxDigits = 132;

    private static readonly Fp Beta = Fp.FromUInt256(new UInt256(0xe4bd44e5607cfd48, 0xc28f069fbb966e3d, 0x5e6dd9e7e0acccb0, 0x30644e72e131a029));

    // (A1, -N) and (N, B2) span the pairs (a, b) with a + b·λ = 0 modulo the order; G1 and G2 are B2 and N times 2^254 over the order
    private static UInt256 A1 => new(0x8211bbeb7d4f1128, 0x6f4d8248eeb859fc);

    private static UInt256 B2 => new(0x0be4e1541221250b, 0x6f4d8248eeb859fd);

    private static UInt256 N => new(0x89d3256894d213e3);

    private static UInt256 Scale1 => new(0x94e63f40c03fd959, 0x9333bc0529dcf4b4);

    private static UInt256 Scale2 => new(0xb64748cbb1f82cf5, 0x0000000000000000);

    /// <summary>k·P.</summary>
    public readonly G1 Multiply(in UInt256 scalar)
    {
        UInt256 k = scalar % Order;
        if (k.IsZero || IsInfinity) return default;
        Split(k, out UInt256 k1, out bool negative1, out UInt256 k2, out bool negative2);
        Span<sbyte> digits1 = stackalloc sbyte[MaxDigits], digits2 = stackalloc sbyte[MaxDigits];
        int count = Math.Max(WriteDigits(k1, negative1, digits1), WriteDigits(k2, negative2, digits2));

        // P, 3P, 5P, … and their images
        Span<G1> multiples = stackalloc G1[TableSize], images = stackalloc G1[TableSize];
        Double(this, out G1 twice);
        multiples[0] = this;
        for (int i = 1; i < TableSize; i++) Add(multiples[i - 1], twice, out multiples[i]);
        for (int i = 0; i < TableSize; i++) images[i] = new G1(multiples[i].X * Beta, multiples[i].Y, multiples[i].Z);

        G1 result = default;
        for (int at = count - 1; at >= 0; at--)
        {
            Double(result, out result);
            AddMultiple(multiples, digits1[at], ref result);
            AddMultiple(images, digits2[at], ref result);
        }

        return result;
    }

    private static void AddMultiple(ReadOnlySpan<G1> multiples, int digit, ref G1 result)
    {
        if (digit == 0) return;
        if (digit > 0)
        {
            Add(result, multiples[digit >> 1], out result);
            return;
        }

        G1 negated = multiples[-digit >> 1];
        Fp.Subtract(default, negated.Y, out negated.Y);
        Add(result, negated, out result);
    }

    /// <summary>k = ±k1 ± k2·λ modulo the order, k1 and k2 below 2^130. However the quotients are rounded the sum is right; only the halves' length depends on it.</summary>
    internal static void Split(in UInt256 k, out UInt256 k1, out bool negative1, out UInt256 k2, out bool negative2)
    {
        UInt256 top = k >> 126;
        UInt256 c1 = (top * Scale1) >> 128, c2 = (top * Scale2) >> 128;
        k1 = k - (c1 * A1) - (c2 * N);
        k2 = (c1 * N) - (c2 * B2);
        negative1 = k1.BitAt(255);
        negative2 = k2.BitAt(255);
        if (negative1) k1 = UInt256.Zero - k1;
        if (negative2) k2 = UInt256.Zero - k2;
    }

    /// <summary>Writes a number below 2^130 in signed digits, least significant first, all with the other sign if it is negative.</summary>
    /// <returns>The number of digits up to the last that is not zero.</returns>
    private static int WriteDigits(UInt256 value, bool isNegative, Span<sbyte> digits)
    {
        digits.Clear();
        int used = 0;
        for (int at = 0; !value.IsZero; at++, value >>= 1)
        {
            if ((value.U0 & 1) == 0) continue;
            int digit = (int)(value.U0 & ((1 << Window) - 1));
            if (digit >= 1 << (Window - 1)) digit -= 1 << Window;
            value = digit > 0 ? value - (ulong)digit : value + (ulong)-digit;
            digits[at] = (sbyte)(isNegative ? -digit : digit);
            used = at + 1;
        }

        return used;
    }
}
