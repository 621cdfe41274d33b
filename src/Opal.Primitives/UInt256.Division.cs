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

    private static int LimbCount(ReadOnlySpan<ulong> limbs)
    {
        int n = limbs.Length;
        while (n > 0 && limbs[n - 1] == 0) n--;
        return n;
    }

    private readonly void CopyTo(Span<ulong> limbs)
    {
        limbs[0] = U0;
        limbs[1] = U1;
        limbs[2] = U2;
        limbs[3] = U3;
    }

    /// <summary>
    /// Schoolbook long division. <paramref name="u"/> holds the dividend and one free limb above it, and is left holding the
    /// remainder; <paramref name="q"/> takes the quotient's limbs, or is empty when it is not wanted.
    /// </summary>
    private static void DivideLimbs(Span<ulong> u, int n, ReadOnlySpan<ulong> divisor, int dn, Span<ulong> q)
    {
        unchecked
        {
            if (dn == 1)
            {
                ulong single = divisor[0], rem = 0;
                for (int i = n - 1; i >= 0; i--)
                {
                    ulong digit = Divide128(rem, u[i], single, out rem);
                    if (!q.IsEmpty) q[i] = digit;
                    u[i] = 0;
                }

                u[0] = rem;
                return;
            }

            int s = BitOperations.LeadingZeroCount(divisor[dn - 1]);
            Span<ulong> v = stackalloc ulong[4];
            for (int i = dn - 1; i > 0; i--) v[i] = (divisor[i] << s) | (divisor[i - 1] >> 1 >> (63 - s));
            v[0] = divisor[0] << s;
            u[n] = u[n - 1] >> 1 >> (63 - s);
            for (int i = n - 1; i > 0; i--) u[i] = (u[i] << s) | (u[i - 1] >> 1 >> (63 - s));
            u[0] <<= s;

            ulong top = v[dn - 1], next = v[dn - 2];
            for (int j = n - dn; j >= 0; j--)
            {
                ulong digit, rem;
                bool remOverflow = false;
                if (u[j + dn] >= top)
                {
                    digit = ulong.MaxValue;
                    rem = u[j + dn - 1] + top;
                    remOverflow = rem < top;
                }
                else
                {
                    digit = Divide128(u[j + dn], u[j + dn - 1], top, out rem);
                }

                while (!remOverflow)
                {
                    ulong ph = Multiply64(digit, next, out ulong pl);
                    if (ph < rem || (ph == rem && pl <= u[j + dn - 2])) break;
                    digit--;
                    rem += top;
                    remOverflow = rem < top;
                }

                ulong borrow = 0;
                for (int i = 0; i < dn; i++)
                {
                    ulong ph = Multiply64(digit, v[i], out ulong pl);
                    pl += borrow;
                    ph += Bit(pl < borrow);
                    ulong x = u[i + j];
                    u[i + j] = x - pl;
                    borrow = ph + Bit(x < pl);
                }

                ulong last = u[j + dn];
                u[j + dn] = last - borrow;
                if (last < borrow)
                {
                    digit--;
                    ulong carry = 0;
                    for (int i = 0; i < dn; i++)
                    {
                        ulong sum = u[i + j] + carry;
                        carry = Bit(sum < carry);
                        sum += v[i];
                        carry += Bit(sum < v[i]);
                        u[i + j] = sum;
                    }

                    u[j + dn] += carry;
                }

                if (!q.IsEmpty) q[j] = digit;
            }

            for (int i = 0; i < dn; i++) u[i] = (u[i] >> s) | (u[i + 1] << 1 << (63 - s));
            for (int i = dn; i <= n; i++) u[i] = 0;
        }
    }

    /// <summary>q = a / b and m = a mod b; both 0 when b is 0.</summary>
    [SkipLocalsInit]
    public static void DivRem(in UInt256 a, in UInt256 b, out UInt256 q, out UInt256 m)
    {
        if (b.IsZero)
        {
            q = default;
            m = default;
            return;
        }

        if (a.IsUInt64 && b.IsUInt64)
        {
            (ulong q0, ulong m0) = Math.DivRem(a.U0, b.U0);
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

        Span<ulong> u = stackalloc ulong[5];
        Span<ulong> d = stackalloc ulong[4];
        Span<ulong> quotient = stackalloc ulong[4];
        a.CopyTo(u);
        u[4] = 0;
        b.CopyTo(d);
        quotient.Clear();
        DivideLimbs(u, LimbCount(u[..4]), d, LimbCount(d), quotient);
        q = new UInt256(quotient[0], quotient[1], quotient[2], quotient[3]);
        m = new UInt256(u[0], u[1], u[2], u[3]);
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
    public static void AddModulo(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r)
    {
        if (m.IsZero)
        {
            r = default;
            return;
        }

        bool fits = TryAdd(a, b, out UInt256 sum);
        if (fits)
        {
            if (Less(sum, m)) r = sum;
            else DivRem(sum, m, out _, out r);
            return;
        }

        Span<ulong> u = stackalloc ulong[6];
        Span<ulong> d = stackalloc ulong[4];
        sum.CopyTo(u);
        u[4] = 1;
        u[5] = 0;
        m.CopyTo(d);
        DivideLimbs(u, 5, d, LimbCount(d), default);
        r = new UInt256(u[0], u[1], u[2], u[3]);
    }

    /// <summary>r = (a * b) mod m over the full 512-bit product; 0 when m is 0.</summary>
    [SkipLocalsInit]
    public static void MultiplyModulo(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r)
    {
        if (m.IsZero)
        {
            r = default;
            return;
        }

        Span<ulong> u = stackalloc ulong[9];
        Span<ulong> d = stackalloc ulong[4];
        MultiplyFull(a, b, u);
        u[8] = 0;
        m.CopyTo(d);
        int n = LimbCount(u[..8]), dn = LimbCount(d);
        if (n >= dn) DivideLimbs(u, n, d, dn, default);
        r = new UInt256(u[0], u[1], u[2], u[3]);
    }

    /// <summary>The 512-bit product, least significant limb first, into the first 8 limbs of <paramref name="r"/>.</summary>
    public static void MultiplyFull(in UInt256 a, in UInt256 b, Span<ulong> r)
    {
        unchecked
        {
            Span<ulong> x = stackalloc ulong[4];
            Span<ulong> y = stackalloc ulong[4];
            a.CopyTo(x);
            b.CopyTo(y);
            r[..8].Clear();
            for (int i = 0; i < 4; i++)
            {
                ulong carry = 0;
                for (int j = 0; j < 4; j++)
                {
                    ulong h = Multiply64(x[i], y[j], out ulong l);
                    l += carry;
                    h += Bit(l < carry);
                    ulong s = r[i + j] + l;
                    h += Bit(s < l);
                    r[i + j] = s;
                    carry = h;
                }

                r[i + 4] = carry;
            }
        }
    }
}
