using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Opal.Primitives;

/// <content>Division and modular arithmetic. Division by zero gives zero, as in the EVM.</content>
public partial struct UInt256
{
    /// <summary>(hi·2^64 + lo) / d for hi &lt; d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Divide128(ulong hi, ulong lo, ulong d, out ulong remainder)
    {
#pragma warning disable SYSLIB5004 // X86Base.DivRem is marked for evaluation; the plain form stands beside it and both are tested equal
        if (X86Base.X64.IsSupported)
        {
            (ulong q, remainder) = X86Base.X64.DivRem(lo, hi, d);
            return q;
        }
#pragma warning restore SYSLIB5004
        return Divide128Plain(hi, lo, d, out remainder);
    }

    /// <summary>The machine-neutral twin of the hardware division.</summary>
    internal static ulong Divide128Plain(ulong hi, ulong lo, ulong d, out ulong remainder)
    {
        var n = new UInt128(hi, lo);
        var q = (ulong)(n / d);
        remainder = unchecked(lo - (q * d));
        return q;
    }

    /// <summary>For a normalised divisor (d1, d0), top bit set: floor((2^192 - 1) / (d1, d0)) - 2^64.</summary>
    /// <remarks>Möller and Granlund, "Improved division by invariant integers", algorithm 6.</remarks>
    private static ulong Reciprocal(ulong d1, ulong d0)
    {
        unchecked
        {
            ulong v = Divide128(~d1, ulong.MaxValue, d1, out _);
            ulong p = (d1 * v) + d0;
            if (p < d0)
            {
                v--;
                if (p >= d1)
                {
                    v--;
                    p -= d1;
                }

                p -= d1;
            }

            ulong t1 = Multiply64(v, d0, out ulong t0);
            p += t1;
            if (p < t1)
            {
                v--;
                if (p > d1 || (p == d1 && t0 >= d0)) v--;
            }

            return v;
        }
    }

    /// <summary>(u2, u1, u0) / (d1, d0) for (u2, u1) below the divisor, by its reciprocal; algorithm 4 of the same paper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong DivideThreeByTwo(ulong u2, ulong u1, ulong u0, ulong d1, ulong d0, ulong reciprocal, out ulong r1, out ulong r0)
    {
        unchecked
        {
            ulong q1 = Multiply64(reciprocal, u2, out ulong q0);
            q0 += u1;
            q1 += u2 + Bit(q0 < u1);
            ulong t1 = Multiply64(q1, d0, out ulong t0);
            ulong high = u1 - (q1 * d1) - t1 - Bit(u0 < t0);
            ulong low = u0 - t0;
            high = high - d1 - Bit(low < d0);
            low -= d0;
            q1++;
            if (high >= q0)
            {
                q1--;
                low += d0;
                high += d1 + Bit(low < d0);
            }

            if (high > d1 || (high == d1 && low >= d0))
            {
                q1++;
                high = high - d1 - Bit(low < d0);
                low -= d0;
            }

            r1 = high;
            r0 = low;
            return q1;
        }
    }

    /// <summary>q = a / b and m = a mod b; both 0 when b is 0.</summary>
    public static void DivRem(in UInt256 a, in UInt256 b, out UInt256 q, out UInt256 m)
    {
        if (b.U3 != 0) DivRemBy4(a, b, out q, out m);
        else if (b.U2 != 0) DivRemBy3(a, b, out q, out m);
        else if (b.U1 != 0) DivRemBy2(a, b, out q, out m);
        else DivRemBy1(a, b.U0, out q, out m);
    }

    private static void DivRemBy1(in UInt256 a, ulong d, out UInt256 q, out UInt256 m)
    {
        ulong a0 = a.U0, a1 = a.U1, a2 = a.U2, a3 = a.U3;
        if ((a1 | a2 | a3) == 0)
        {
            if (d == 0)
            {
                q = default;
                m = default;
                return;
            }

            ulong small = a0 / d;
            q = new UInt256(small);
            m = new UInt256(unchecked(a0 - (small * d)));
            return;
        }

        if (d == 0)
        {
            q = default;
            m = default;
            return;
        }

        // a top limb below the divisor is a remainder already
        ulong rest = 0, q3 = 0, q2 = 0, q1 = 0;
        if (a3 != 0) q3 = Divide128(0, a3, d, out rest);
        if ((a3 | a2) != 0)
        {
            if (rest == 0 && a2 < d) rest = a2;
            else q2 = Divide128(rest, a2, d, out rest);
        }

        if (rest == 0 && a1 < d) rest = a1;
        else q1 = Divide128(rest, a1, d, out rest);
        ulong q0 = Divide128(rest, a0, d, out rest);
        q = new UInt256(q0, q1, q2, q3);
        m = new UInt256(rest);
    }

    private static void DivRemBy2(in UInt256 a, in UInt256 b, out UInt256 q, out UInt256 m)
    {
        unchecked
        {
            ulong a0 = a.U0, a1 = a.U1, a2 = a.U2, a3 = a.U3;
            int s = BitOperations.LeadingZeroCount(b.U1), t = 63 - s;
            ulong v1 = (b.U1 << s) | (b.U0 >> 1 >> t), v0 = b.U0 << s;
            ulong reciprocal = Reciprocal(v1, v0);
            ulong r1 = a3 >> 1 >> t, r0 = (a3 << s) | (a2 >> 1 >> t);
            ulong q2 = 0, q1 = 0;
            ulong u2 = (a2 << s) | (a1 >> 1 >> t), u1 = (a1 << s) | (a0 >> 1 >> t);
            if (a3 != 0)
            {
                q2 = DivideThreeByTwo(r1, r0, u2, v1, v0, reciprocal, out r1, out r0);
                q1 = DivideThreeByTwo(r1, r0, u1, v1, v0, reciprocal, out r1, out r0);
            }
            else if (a2 != 0)
            {
                q1 = DivideThreeByTwo(r0, u2, u1, v1, v0, reciprocal, out r1, out r0);
            }
            else
            {
                r1 = u2;
                r0 = u1;
            }

            ulong q0 = DivideThreeByTwo(r1, r0, a0 << s, v1, v0, reciprocal, out r1, out r0);
            q = new UInt256(q0, q1, q2);
            m = new UInt256((r0 >> s) | (r1 << 1 << t), r1 >> s);
        }
    }

    private static void DivRemBy3(in UInt256 a, in UInt256 b, out UInt256 q, out UInt256 m)
    {
        unchecked
        {
            ulong a0 = a.U0, a1 = a.U1, a2 = a.U2, a3 = a.U3;
            if ((a3 | a2) == 0)
            {
                q = default;
                m = new UInt256(a0, a1);
                return;
            }

            int s = BitOperations.LeadingZeroCount(b.U2), t = 63 - s;
            ulong v2 = (b.U2 << s) | (b.U1 >> 1 >> t), v1 = (b.U1 << s) | (b.U0 >> 1 >> t), v0 = b.U0 << s;
            ulong reciprocal = Reciprocal(v2, v1);
            ulong r2 = a3 >> 1 >> t, r1 = (a3 << s) | (a2 >> 1 >> t), r0 = (a2 << s) | (a1 >> 1 >> t), u1 = (a1 << s) | (a0 >> 1 >> t);
            ulong q1 = 0;
            if (a3 != 0)
            {
                q1 = Step3(ref r2, ref r1, ref r0, u1, v2, v1, v0, reciprocal);
            }
            else
            {
                r2 = r1;
                r1 = r0;
                r0 = u1;
            }

            ulong q0 = Step3(ref r2, ref r1, ref r0, a0 << s, v2, v1, v0, reciprocal);
            q = new UInt256(q0, q1);
            m = new UInt256((r0 >> s) | (r1 << 1 << t), (r1 >> s) | (r2 << 1 << t), r2 >> s);
        }
    }

    private static void DivRemBy4(in UInt256 a, in UInt256 b, out UInt256 q, out UInt256 m)
    {
        unchecked
        {
            ulong a0 = a.U0, a1 = a.U1, a2 = a.U2, a3 = a.U3;
            if (a3 < b.U3)
            {
                q = default;
                m = new UInt256(a0, a1, a2, a3);
                return;
            }

            int s = BitOperations.LeadingZeroCount(b.U3), t = 63 - s;
            ulong v3 = (b.U3 << s) | (b.U2 >> 1 >> t), v2 = (b.U2 << s) | (b.U1 >> 1 >> t), v1 = (b.U1 << s) | (b.U0 >> 1 >> t), v0 = b.U0 << s;
            ulong r3 = a3 >> 1 >> t, r2 = (a3 << s) | (a2 >> 1 >> t), r1 = (a2 << s) | (a1 >> 1 >> t), r0 = (a1 << s) | (a0 >> 1 >> t);
            ulong q0 = Step4(ref r3, ref r2, ref r1, ref r0, a0 << s, v3, v2, v1, v0, Reciprocal(v3, v2));
            q = new UInt256(q0);
            m = new UInt256((r0 >> s) | (r1 << 1 << t), (r1 >> s) | (r2 << 1 << t), (r2 >> s) | (r3 << 1 << t), r3 >> s);
        }
    }

    /// <summary>A digit of a long division by four limbs: (r, next) / v for r &lt; v; r becomes the remainder. v is normalised.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Step4(
        ref ulong r3, ref ulong r2, ref ulong r1, ref ulong r0, ulong next, ulong v3, ulong v2, ulong v1, ulong v0, ulong reciprocal)
    {
        unchecked
        {
            if (r3 == v3 && r2 == v2)
            {
                UInt256 rest = LargestDigit(new UInt256(next, r0, r1, r2), new UInt256(0, v0, v1, v2), new UInt256(v0, v1, v2, v3));
                r0 = rest.U0;
                r1 = rest.U1;
                r2 = rest.U2;
                r3 = rest.U3;
                return ulong.MaxValue;
            }

            ulong q = DivideThreeByTwo(r3, r2, r1, v3, v2, reciprocal, out ulong h1, out ulong h0);
            ulong p1 = Multiply64(q, v0, out ulong p0);
            ulong p2 = Multiply64(q, v1, out ulong l);
            l += p1;
            p2 += Bit(l < p1);
            ulong n0 = next - p0, c = Bit(next < p0);
            ulong x = r0 - l, d = Bit(r0 < l) | Bit(x < c);
            ulong n1 = x - c;
            x = h0 - p2;
            c = Bit(h0 < p2) | Bit(x < d);
            ulong n2 = x - d, n3 = h1 - c;
            if (h1 < c)
            {
                q--;
                n0 += v0;
                c = Bit(n0 < v0);
                n1 += c;
                d = Bit(n1 < c);
                n1 += v1;
                d += Bit(n1 < v1);
                n2 += d;
                c = Bit(n2 < d);
                n2 += v2;
                c += Bit(n2 < v2);
                n3 += v3 + c;
            }

            r0 = n0;
            r1 = n1;
            r2 = n2;
            r3 = n3;
            return q;
        }
    }

    /// <summary>As <see cref="Step4"/>, by three limbs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Step3(ref ulong r2, ref ulong r1, ref ulong r0, ulong next, ulong v2, ulong v1, ulong v0, ulong reciprocal)
    {
        unchecked
        {
            if (r2 == v2 && r1 == v1)
            {
                UInt256 rest = LargestDigit(new UInt256(next, r0, r1), new UInt256(0, v0, v1), new UInt256(v0, v1, v2));
                r0 = rest.U0;
                r1 = rest.U1;
                r2 = rest.U2;
                return ulong.MaxValue;
            }

            ulong q = DivideThreeByTwo(r2, r1, r0, v2, v1, reciprocal, out ulong h1, out ulong h0);
            ulong p1 = Multiply64(q, v0, out ulong p0);
            ulong n0 = next - p0, c = Bit(next < p0);
            ulong x = h0 - p1, d = Bit(h0 < p1) | Bit(x < c);
            ulong n1 = x - c, n2 = h1 - d;
            if (h1 < d)
            {
                q--;
                n0 += v0;
                c = Bit(n0 < v0);
                n1 += c;
                d = Bit(n1 < c);
                n1 += v1;
                d += Bit(n1 < v1);
                n2 += v2 + d;
            }

            r0 = n0;
            r1 = n1;
            r2 = n2;
            return q;
        }
    }

    /// <summary>The remainder when a digit is 2^64 - 1: the dividend, less the divisor a limb up, plus the divisor. Rare.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static UInt256 LargestDigit(in UInt256 low, in UInt256 divisorUp, in UInt256 divisor) => (low - divisorUp) + divisor;

    /// <summary>r = a / b; 0 when b is 0.</summary>
    public static void Divide(in UInt256 a, in UInt256 b, out UInt256 r) => DivRem(a, b, out r, out _);

    /// <summary>r = a mod b; 0 when b is 0.</summary>
    public static void Modulo(in UInt256 a, in UInt256 b, out UInt256 r) => DivRem(a, b, out _, out r);

    /// <summary>Two's complement negation.</summary>
    public static UInt256 Negate(in UInt256 a)
    {
        Subtract(default, a, out UInt256 r);
        return r;
    }

    /// <summary>Whether the top bit is set: negative as a two's complement number.</summary>
    public readonly bool IsNegative => (U3 >> 63) != 0;

    /// <summary>Signed division, truncating towards zero; 0 when b is 0; -2^255 / -1 wraps to -2^255.</summary>
    public static void SignedDivide(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        bool negative = a.IsNegative != b.IsNegative;
        DivRem(a.IsNegative ? Negate(a) : a, b.IsNegative ? Negate(b) : b, out UInt256 q, out _);
        r = negative ? Negate(q) : q;
    }

    /// <summary>Signed remainder with the sign of the dividend; 0 when b is 0.</summary>
    public static void SignedModulo(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        bool negative = a.IsNegative;
        DivRem(negative ? Negate(a) : a, b.IsNegative ? Negate(b) : b, out _, out UInt256 m);
        r = negative ? Negate(m) : m;
    }

    /// <summary>r = (a + b) mod m without overflow; 0 when m is 0.</summary>
    public static void AddModulo(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r)
    {
        // both below the modulus in nearly all programs
        UInt256 x = a, y = b, modulus = m;
        if (!Less(x, modulus)) DivRem(x, modulus, out _, out x);
        if (!Less(y, modulus)) DivRem(y, modulus, out _, out y);
        Add(x, y, out UInt256 sum);
        bool over = Less(sum, x);
        if (over || !Less(sum, modulus)) Subtract(sum, modulus, out sum);
        r = sum;
    }

    /// <summary>r = (a * b) mod m over the full 512-bit product; 0 when m is 0.</summary>
    public static void MultiplyModulo(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r)
    {
        MultiplyFull(a, b, out UInt256 low, out UInt256 high);
        if (high.IsZero) DivRem(low, m, out _, out r);
        else if (m.U3 != 0) RemainderBy4(high, low, m, out r);
        else if (m.U2 != 0) RemainderBy3(high, low, m, out r);
        else if (m.U1 != 0) RemainderBy2(high, low, m, out r);
        else RemainderBy1(high, low, m.U0, out r);
    }

    private static void RemainderBy1(in UInt256 high, in UInt256 low, ulong d, out UInt256 r)
    {
        ulong rest = 0;
        if (d != 0)
        {
            Divide128(0, high.U3, d, out rest);
            Divide128(rest, high.U2, d, out rest);
            Divide128(rest, high.U1, d, out rest);
            Divide128(rest, high.U0, d, out rest);
            Divide128(rest, low.U3, d, out rest);
            Divide128(rest, low.U2, d, out rest);
            Divide128(rest, low.U1, d, out rest);
            Divide128(rest, low.U0, d, out rest);
        }

        r = new UInt256(rest);
    }

    private static void RemainderBy2(in UInt256 high, in UInt256 low, in UInt256 b, out UInt256 r)
    {
        unchecked
        {
            int s = BitOperations.LeadingZeroCount(b.U1), t = 63 - s;
            ulong v1 = (b.U1 << s) | (b.U0 >> 1 >> t), v0 = b.U0 << s;
            ulong reciprocal = Reciprocal(v1, v0);
            ulong r1 = high.U3 >> 1 >> t, r0 = (high.U3 << s) | (high.U2 >> 1 >> t);
            DivideThreeByTwo(r1, r0, (high.U2 << s) | (high.U1 >> 1 >> t), v1, v0, reciprocal, out r1, out r0);
            DivideThreeByTwo(r1, r0, (high.U1 << s) | (high.U0 >> 1 >> t), v1, v0, reciprocal, out r1, out r0);
            DivideThreeByTwo(r1, r0, (high.U0 << s) | (low.U3 >> 1 >> t), v1, v0, reciprocal, out r1, out r0);
            DivideThreeByTwo(r1, r0, (low.U3 << s) | (low.U2 >> 1 >> t), v1, v0, reciprocal, out r1, out r0);
            DivideThreeByTwo(r1, r0, (low.U2 << s) | (low.U1 >> 1 >> t), v1, v0, reciprocal, out r1, out r0);
            DivideThreeByTwo(r1, r0, (low.U1 << s) | (low.U0 >> 1 >> t), v1, v0, reciprocal, out r1, out r0);
            DivideThreeByTwo(r1, r0, low.U0 << s, v1, v0, reciprocal, out r1, out r0);
            r = new UInt256((r0 >> s) | (r1 << 1 << t), r1 >> s);
        }
    }

    private static void RemainderBy3(in UInt256 high, in UInt256 low, in UInt256 b, out UInt256 r)
    {
        unchecked
        {
            int s = BitOperations.LeadingZeroCount(b.U2), t = 63 - s;
            ulong v2 = (b.U2 << s) | (b.U1 >> 1 >> t), v1 = (b.U1 << s) | (b.U0 >> 1 >> t), v0 = b.U0 << s;
            ulong reciprocal = Reciprocal(v2, v1);
            ulong r2 = high.U3 >> 1 >> t, r1 = (high.U3 << s) | (high.U2 >> 1 >> t), r0 = (high.U2 << s) | (high.U1 >> 1 >> t);
            Step3(ref r2, ref r1, ref r0, (high.U1 << s) | (high.U0 >> 1 >> t), v2, v1, v0, reciprocal);
            Step3(ref r2, ref r1, ref r0, (high.U0 << s) | (low.U3 >> 1 >> t), v2, v1, v0, reciprocal);
            Step3(ref r2, ref r1, ref r0, (low.U3 << s) | (low.U2 >> 1 >> t), v2, v1, v0, reciprocal);
            Step3(ref r2, ref r1, ref r0, (low.U2 << s) | (low.U1 >> 1 >> t), v2, v1, v0, reciprocal);
            Step3(ref r2, ref r1, ref r0, (low.U1 << s) | (low.U0 >> 1 >> t), v2, v1, v0, reciprocal);
            Step3(ref r2, ref r1, ref r0, low.U0 << s, v2, v1, v0, reciprocal);
            r = new UInt256((r0 >> s) | (r1 << 1 << t), (r1 >> s) | (r2 << 1 << t), r2 >> s);
        }
    }

    private static void RemainderBy4(in UInt256 high, in UInt256 low, in UInt256 b, out UInt256 r)
    {
        unchecked
        {
            int s = BitOperations.LeadingZeroCount(b.U3), t = 63 - s;
            ulong v3 = (b.U3 << s) | (b.U2 >> 1 >> t), v2 = (b.U2 << s) | (b.U1 >> 1 >> t), v1 = (b.U1 << s) | (b.U0 >> 1 >> t), v0 = b.U0 << s;
            ulong reciprocal = Reciprocal(v3, v2);
            ulong u8 = high.U3 >> 1 >> t, r3 = (high.U3 << s) | (high.U2 >> 1 >> t), r2 = (high.U2 << s) | (high.U1 >> 1 >> t);
            ulong r1 = (high.U1 << s) | (high.U0 >> 1 >> t), r0 = (high.U0 << s) | (low.U3 >> 1 >> t);
            if (u8 != 0 || r3 >= v3)
            {
                // only when the factors were not below the modulus, or nearly
                ulong top = r0;
                (r3, r2, r1, r0) = (u8, r3, r2, r1);
                Step4(ref r3, ref r2, ref r1, ref r0, top, v3, v2, v1, v0, reciprocal);
            }

            Step4(ref r3, ref r2, ref r1, ref r0, (low.U3 << s) | (low.U2 >> 1 >> t), v3, v2, v1, v0, reciprocal);
            Step4(ref r3, ref r2, ref r1, ref r0, (low.U2 << s) | (low.U1 >> 1 >> t), v3, v2, v1, v0, reciprocal);
            Step4(ref r3, ref r2, ref r1, ref r0, (low.U1 << s) | (low.U0 >> 1 >> t), v3, v2, v1, v0, reciprocal);
            Step4(ref r3, ref r2, ref r1, ref r0, low.U0 << s, v3, v2, v1, v0, reciprocal);
            r = new UInt256((r0 >> s) | (r1 << 1 << t), (r1 >> s) | (r2 << 1 << t), (r2 >> s) | (r3 << 1 << t), r3 >> s);
        }
    }

    /// <summary>The 512-bit product in two halves. Neither may be one of the factors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyFull(in UInt256 a, in UInt256 b, out UInt256 low, out UInt256 high)
    {
        Unsafe.SkipInit(out low);
        Unsafe.SkipInit(out high);
        unchecked
        {
            ulong b0 = b.U0, b1 = b.U1, b2 = b.U2, b3 = b.U3, x = a.U0;
            ulong h = Multiply64(x, b0, out low.U0);
            h = MultiplyRow(x, b1, h, out ulong t1);
            h = MultiplyRow(x, b2, h, out ulong t2);
            ulong t4 = MultiplyRow(x, b3, h, out ulong t3);

            x = a.U1;
            h = MultiplyRow(x, b0, t1, out low.U1);
            h = MultiplyRow(x, b1, t2, h, out t1);
            h = MultiplyRow(x, b2, t3, h, out t2);
            t4 = MultiplyRow(x, b3, t4, h, out t3);

            x = a.U2;
            h = MultiplyRow(x, b0, t1, out low.U2);
            h = MultiplyRow(x, b1, t2, h, out t1);
            h = MultiplyRow(x, b2, t3, h, out t2);
            t4 = MultiplyRow(x, b3, t4, h, out t3);

            x = a.U3;
            h = MultiplyRow(x, b0, t1, out low.U3);
            h = MultiplyRow(x, b1, t2, h, out high.U0);
            h = MultiplyRow(x, b2, t3, h, out high.U1);
            high.U3 = MultiplyRow(x, b3, t4, h, out high.U2);
        }
    }

    /// <summary>x * y + add as (high, low); it never overflows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyRow(ulong x, ulong y, ulong add, out ulong low)
    {
        unchecked
        {
            ulong high = Multiply64(x, y, out ulong l);
            l += add;
            high += Bit(l < add);
            low = l;
            return high;
        }
    }

    /// <summary>x * y + add + carry as (high, low); it never overflows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyRow(ulong x, ulong y, ulong add, ulong carry, out ulong low)
    {
        unchecked
        {
            ulong high = Multiply64(x, y, out ulong l);
            l += add;
            high += Bit(l < add);
            l += carry;
            high += Bit(l < carry);
            low = l;
            return high;
        }
    }
}
