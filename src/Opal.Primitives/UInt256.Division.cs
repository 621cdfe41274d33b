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

    /// <summary>u[0..n) -= v[0..n) * q.</summary>
    /// <returns>What is still to be taken from u[n].</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe ulong SubtractProduct(ulong* u, ulong* v, int n, ulong q)
    {
        unchecked
        {
            ulong borrow = 0;
            for (int i = 0; i < n; i++)
            {
                ulong high = Multiply64(q, v[i], out ulong low);
                low += borrow;
                high += Bit(low < borrow);
                ulong x = u[i];
                u[i] = x - low;
                borrow = high + Bit(x < low);
            }

            return borrow;
        }
    }

    /// <summary>The number of limbs without leading zeros.</summary>
    private static unsafe int LimbCount(ulong* limbs, int n)
    {
        while (n > 0 && limbs[n - 1] == 0) n--;
        return n;
    }

    /// <summary>Long division, a limb of the quotient at a time.</summary>
    /// <param name="u">The dividend's <paramref name="m"/> limbs and room for one more; left holding the remainder in its first <paramref name="n"/> limbs.</param>
    /// <param name="m">At least <paramref name="n"/>, at most 8.</param>
    /// <param name="v">The divisor's <paramref name="n"/> limbs, the top one not zero; left holding anything.</param>
    /// <param name="n">1 to 4.</param>
    /// <param name="q">Takes m - n + 1 limbs of the quotient.</param>
    private static unsafe void DivideLimbs(ulong* u, int m, ulong* v, int n, ulong* q)
    {
        unchecked
        {
            if (n == 1)
            {
                ulong single = v[0], rest = 0;
                for (int i = m - 1; i >= 0; i--) q[i] = Divide128(rest, u[i], single, out rest);
                u[0] = rest;
                return;
            }

            int s = BitOperations.LeadingZeroCount(v[n - 1]), t = 63 - s;
            for (int i = n - 1; i > 0; i--) v[i] = (v[i] << s) | (v[i - 1] >> 1 >> t);
            v[0] <<= s;
            u[m] = u[m - 1] >> 1 >> t;
            for (int i = m - 1; i > 0; i--) u[i] = (u[i] << s) | (u[i - 1] >> 1 >> t);
            u[0] <<= s;

            ulong d1 = v[n - 1], d0 = v[n - 2], reciprocal = Reciprocal(d1, d0);
            for (int j = m - n; j >= 0; j--)
            {
                ulong* w = u + j;
                ulong u2 = w[n], u1 = w[n - 1];
                if (u2 == d1 && u1 == d0)
                {
                    q[j] = ulong.MaxValue;
                    w[n] = u2 - SubtractProduct(w, v, n, ulong.MaxValue);
                    continue;
                }

                ulong digit = DivideThreeByTwo(u2, u1, w[n - 2], d1, d0, reciprocal, out ulong r1, out ulong r0);
                ulong owed = SubtractProduct(w, v, n - 2, digit);
                ulong borrow = Bit(r0 < owed);
                w[n - 2] = r0 - owed;
                w[n - 1] = r1 - borrow;
                if (r1 < borrow)
                {
                    digit--;
                    ulong carry = 0;
                    for (int i = 0; i < n; i++)
                    {
                        ulong sum = w[i] + carry;
                        carry = Bit(sum < carry);
                        sum += v[i];
                        carry += Bit(sum < v[i]);
                        w[i] = sum;
                    }
                }

                q[j] = digit;
            }

            for (int i = 0; i < n - 1; i++) u[i] = (u[i] >> s) | (u[i + 1] << 1 << t);
            u[n - 1] >>= s;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly unsafe void CopyTo(ulong* limbs)
    {
        limbs[0] = U0;
        limbs[1] = U1;
        limbs[2] = U2;
        limbs[3] = U3;
    }

    /// <summary>The value of the first <paramref name="n"/> limbs, 1 to 4.</summary>
    private static unsafe UInt256 FromLimbs(ulong* limbs, int n) => new(limbs[0], n > 1 ? limbs[1] : 0, n > 2 ? limbs[2] : 0, n > 3 ? limbs[3] : 0);

    /// <summary>q = a / b and m = a mod b; both 0 when b is 0.</summary>
    [SkipLocalsInit]
    public static unsafe void DivRem(in UInt256 a, in UInt256 b, out UInt256 q, out UInt256 m)
    {
        if (b.IsUInt64 && a.IsUInt64)
        {
            ulong divisor = b.U0;
            if (divisor == 0)
            {
                q = default;
                m = default;
                return;
            }

            (ulong q0, ulong m0) = Math.DivRem(a.U0, divisor);
            q = new UInt256(q0);
            m = new UInt256(m0);
            return;
        }

        if (Less(a, b))
        {
            m = a;
            q = default;
            return;
        }

        if (b.IsZero)
        {
            q = default;
            m = default;
            return;
        }

        ulong* u = stackalloc ulong[13];
        ulong* v = u + 5, quotient = u + 9;
        a.CopyTo(u);
        b.CopyTo(v);
        int n = LimbCount(v, 4), length = LimbCount(u, 4);
        DivideLimbs(u, length, v, n, quotient);
        q = FromLimbs(quotient, length - n + 1);
        m = FromLimbs(u, n);
    }

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
    [SkipLocalsInit]
    public static unsafe void AddModulo(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r)
    {
        if (m.U3 != 0 && a.U3 <= m.U3 && b.U3 <= m.U3)
        {
            // both are below 2m: one subtraction each, and one for the sum
            UInt256 x = a, y = b, modulus = m;
            if (!Less(x, modulus)) Subtract(x, modulus, out x);
            if (!Less(y, modulus)) Subtract(y, modulus, out y);
            Add(x, y, out UInt256 small);
            bool over = Less(small, x);
            if (over || !Less(small, modulus)) Subtract(small, modulus, out small);
            r = small;
            return;
        }

        if (m.IsZero)
        {
            r = default;
            return;
        }

        if (TryAdd(a, b, out UInt256 sum))
        {
            DivRem(sum, m, out _, out r);
            return;
        }

        ulong* u = stackalloc ulong[15];
        ulong* v = u + 6, quotient = u + 10;
        sum.CopyTo(u);
        u[4] = 1;
        m.CopyTo(v);
        int n = LimbCount(v, 4);
        DivideLimbs(u, 5, v, n, quotient);
        r = FromLimbs(u, n);
    }

    /// <summary>r = (a * b) mod m over the full 512-bit product; 0 when m is 0.</summary>
    [SkipLocalsInit]
    public static unsafe void MultiplyModulo(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r)
    {
        if (m.IsZero)
        {
            r = default;
            return;
        }

        ulong* u = stackalloc ulong[21];
        ulong* v = u + 9, quotient = u + 13;
        MultiplyFull(a, b, u);
        m.CopyTo(v);
        int length = LimbCount(u, 8), n = LimbCount(v, 4);
        if (length < n)
        {
            r = new UInt256(u[0], u[1], u[2], u[3]);
            return;
        }

        DivideLimbs(u, length, v, n, quotient);
        r = FromLimbs(u, n);
    }

    /// <summary>The 512-bit product, least significant limb first, into 8 limbs.</summary>
    private static unsafe void MultiplyFull(in UInt256 a, in UInt256 b, ulong* r)
    {
        unchecked
        {
            ulong b0 = b.U0, b1 = b.U1, b2 = b.U2, b3 = b.U3;
            ulong h0 = MultiplyRow(a.U0, b0, 0, 0, out r[0]);
            h0 = MultiplyRow(a.U0, b1, h0, 0, out ulong t1);
            h0 = MultiplyRow(a.U0, b2, h0, 0, out ulong t2);
            ulong t4 = MultiplyRow(a.U0, b3, h0, 0, out ulong t3);

            h0 = MultiplyRow(a.U1, b0, t1, 0, out r[1]);
            h0 = MultiplyRow(a.U1, b1, t2, h0, out t1);
            h0 = MultiplyRow(a.U1, b2, t3, h0, out t2);
            ulong t5 = MultiplyRow(a.U1, b3, t4, h0, out t3);

            h0 = MultiplyRow(a.U2, b0, t1, 0, out r[2]);
            h0 = MultiplyRow(a.U2, b1, t2, h0, out t1);
            h0 = MultiplyRow(a.U2, b2, t3, h0, out t2);
            t4 = MultiplyRow(a.U2, b3, t5, h0, out t3);

            h0 = MultiplyRow(a.U3, b0, t1, 0, out r[3]);
            h0 = MultiplyRow(a.U3, b1, t2, h0, out r[4]);
            h0 = MultiplyRow(a.U3, b2, t3, h0, out r[5]);
            r[7] = MultiplyRow(a.U3, b3, t4, h0, out r[6]);
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
