using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Opal.Primitives;

/// <content>Addition, multiplication, shifts and comparisons. All wrap modulo 2^256.</content>
public partial struct UInt256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bit(bool b) => b ? 1UL : 0UL;

    /// <summary>High half of a 64 by 64 product; <paramref name="low"/> gets the low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Multiply64(ulong a, ulong b, out ulong low)
    {
        if (Bmi2.X64.IsSupported)
        {
            low = unchecked(a * b); // faster than the form of MULX that stores its low half to memory
            return Bmi2.X64.MultiplyNoFlags(a, b);
        }

        return Math.BigMul(a, b, out low);
    }

    /// <summary>r = a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        Unsafe.SkipInit(out r);
        unchecked
        {
            // limb by limb, each stored as soon as it is known: few live temporaries, and r may alias a or b
            ulong x = a.U0, s = x + b.U0;
            ulong c = Bit(s < x);
            r.U0 = s;
            x = a.U1;
            s = x + b.U1;
            ulong d = Bit(s < x);
            s += c;
            d |= Bit(s < c);
            r.U1 = s;
            x = a.U2;
            s = x + b.U2;
            c = Bit(s < x);
            s += d;
            c |= Bit(s < d);
            r.U2 = s;
            r.U3 = a.U3 + b.U3 + c;
        }
    }

    /// <summary>r = a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        Unsafe.SkipInit(out r);
        unchecked
        {
            ulong x = a.U0, y = b.U0;
            r.U0 = x - y;
            ulong c = Bit(x < y);
            x = a.U1;
            y = b.U1;
            ulong t = x - y;
            ulong d = Bit(x < y) | Bit(t < c);
            r.U1 = t - c;
            x = a.U2;
            y = b.U2;
            t = x - y;
            c = Bit(x < y) | Bit(t < d);
            r.U2 = t - d;
            r.U3 = a.U3 - b.U3 - c;
        }
    }

    /// <summary>a &lt; b, unsigned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Less(in UInt256 a, in UInt256 b)
    {
        unchecked
        {
            ulong c = Bit(a.U0 < b.U0);
            ulong t = a.U1 - b.U1;
            c = Bit(a.U1 < b.U1) | Bit(t < c);
            t = a.U2 - b.U2;
            c = Bit(a.U2 < b.U2) | Bit(t < c);
            t = a.U3 - b.U3;
            return (Bit(a.U3 < b.U3) | Bit(t < c)) != 0;
        }
    }

    /// <summary>a &lt; b, as two's complement numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool SignedLess(in UInt256 a, in UInt256 b)
    {
        const ulong top = 0x8000_0000_0000_0000;
        return Less(new UInt256(a.U0, a.U1, a.U2, a.U3 ^ top), new UInt256(b.U0, b.U1, b.U2, b.U3 ^ top));
    }

    /// <summary>r = a * b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(in UInt256 a, in UInt256 b, out UInt256 r)
    {
        Unsafe.SkipInit(out r);
        unchecked
        {
            ulong a0 = a.U0, a1 = a.U1, a2 = a.U2, a3 = a.U3, b0 = b.U0, b1 = b.U1, b2 = b.U2, b3 = b.U3;
            ulong r1 = Multiply64(a0, b0, out ulong r0);
            ulong r2 = Multiply64(a0, b1, out ulong l);
            r1 += l;
            r2 += Bit(r1 < l);
            ulong r3 = Multiply64(a0, b2, out l);
            r2 += l;
            r3 += Bit(r2 < l) + (a0 * b3);

            ulong h = Multiply64(a1, b0, out l);
            r1 += l;
            h += Bit(r1 < l);
            r2 += h;
            ulong c = Bit(r2 < h);
            h = Multiply64(a1, b1, out l);
            r2 += l;
            h += Bit(r2 < l) + c;
            r3 += h + (a1 * b2);

            h = Multiply64(a2, b0, out l);
            r2 += l;
            h += Bit(r2 < l);
            r3 += h + (a2 * b1) + (a3 * b0);

            r.U0 = r0;
            r.U1 = r1;
            r.U2 = r2;
            r.U3 = r3;
        }
    }

    /// <summary>r = a * k: 3 wide products and a narrow one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(in UInt256 a, ulong k, out UInt256 r)
    {
        Unsafe.SkipInit(out r);
        unchecked
        {
            ulong h = Multiply64(a.U0, k, out ulong l);
            ulong a1 = a.U1, a2 = a.U2, a3 = a.U3;
            r.U0 = l;
            ulong g = Multiply64(a1, k, out l);
            l += h;
            g += Bit(l < h);
            r.U1 = l;
            h = Multiply64(a2, k, out l);
            l += g;
            h += Bit(l < g);
            r.U2 = l;
            r.U3 = (a3 * k) + h;
        }
    }

    /// <summary>r = base ^ exponent.</summary>
    public static void Exponentiate(in UInt256 @base, in UInt256 exponent, out UInt256 r)
    {
        UInt256 x = @base, e = exponent, result = One;
        int top = e.BitLength - 1;
        if (top >= 0) result = x;
        for (int i = top - 1; i >= 0; i--)
        {
            Square(ref result);
            if (e.BitAt(i)) Multiply(result, x, out result);
        }

        r = result;
    }

    /// <summary>x = x * x: 4 wide and 2 narrow products, where a multiplication takes 6 and 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(ref UInt256 x)
    {
        unchecked
        {
            ulong a0 = x.U0, a1 = x.U1, a2 = x.U2;
            ulong top = (a0 * x.U3) + (a1 * a2);
            ulong h2 = Multiply64(a0, a1, out ulong m1);         // a0 a1 at limb 1, twice
            ulong h3 = Multiply64(a0, a2, out ulong m2);         // a0 a2 at limb 2, twice
            h2 += m2;
            top += h3 + Bit(h2 < m2);
            top = (top << 1) | (h2 >> 63);
            h2 = (h2 << 1) | (m1 >> 63);
            m1 <<= 1;
            ulong s1 = Multiply64(a0, a0, out ulong s0);
            ulong s3 = Multiply64(a1, a1, out ulong s2);
            m1 += s1;
            ulong c = Bit(m1 < s1);
            s2 += c;
            s3 += Bit(s2 < c);
            h2 += s2;
            x.U0 = s0;
            x.U1 = m1;
            x.U2 = h2;
            x.U3 = top + s3 + Bit(h2 < s2);
        }
    }

    /// <summary>r = a &lt;&lt; n for 0 &lt;= n &lt; 256.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShiftLeft(in UInt256 a, int n, out UInt256 r)
    {
        unchecked
        {
            ulong x0 = a.U0, x1 = a.U1, x2 = a.U2, x3 = a.U3;
            if ((n & 128) != 0) (x3, x2, x1, x0) = (x1, x0, 0, 0);
            if ((n & 64) != 0) (x3, x2, x1, x0) = (x2, x1, x0, 0);
            int s = n & 63, t = 63 - s;
            r = new UInt256(x0 << s, (x1 << s) | (x0 >> 1 >> t), (x2 << s) | (x1 >> 1 >> t), (x3 << s) | (x2 >> 1 >> t));
        }
    }

    /// <summary>r = a &gt;&gt; n for 0 &lt;= n &lt; 256, zeros shifted in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShiftRight(in UInt256 a, int n, out UInt256 r)
    {
        unchecked
        {
            ulong x0 = a.U0, x1 = a.U1, x2 = a.U2, x3 = a.U3;
            if ((n & 128) != 0) (x0, x1, x2, x3) = (x2, x3, 0, 0);
            if ((n & 64) != 0) (x0, x1, x2, x3) = (x1, x2, x3, 0);
            int s = n & 63, t = 63 - s;
            r = new UInt256((x0 >> s) | (x1 << 1 << t), (x1 >> s) | (x2 << 1 << t), (x2 >> s) | (x3 << 1 << t), x3 >> s);
        }
    }

    /// <summary>r = a &gt;&gt; n for 0 &lt;= n &lt; 256, copies of the sign bit shifted in.</summary>
    public static void ShiftRightSigned(in UInt256 a, int n, out UInt256 r)
    {
        bool negative = (a.U3 >> 63) != 0;
        ShiftRight(a, n, out r);
        if (negative && n > 0)
        {
            ShiftLeft(MaxValue, 256 - n, out UInt256 fill);
            r = new UInt256(r.U0 | fill.U0, r.U1 | fill.U1, r.U2 | fill.U2, r.U3 | fill.U3);
        }
    }

    /// <summary>a + b, and whether it fits 256 bits.</summary>
    public static bool TryAdd(in UInt256 a, in UInt256 b, out UInt256 sum)
    {
        UInt256 x = a;
        Add(x, b, out sum);
        return !Less(sum, x);
    }

    /// <summary>a - b, and whether it is not negative.</summary>
    public static bool TrySubtract(in UInt256 a, in UInt256 b, out UInt256 difference)
    {
        bool fits = !Less(a, b);
        Subtract(a, b, out difference);
        return fits;
    }

    /// <summary>a * b, and whether it fits 256 bits.</summary>
    [SkipLocalsInit]
    public static unsafe bool TryMultiply(in UInt256 a, in UInt256 b, out UInt256 product)
    {
        ulong* wide = stackalloc ulong[8];
        MultiplyFull(a, b, wide);
        product = new UInt256(wide[0], wide[1], wide[2], wide[3]);
        return (wide[4] | wide[5] | wide[6] | wide[7]) == 0;
    }

    public static UInt256 operator +(in UInt256 a, in UInt256 b)
    {
        Add(a, b, out UInt256 r);
        return r;
    }

    public static UInt256 operator -(in UInt256 a, in UInt256 b)
    {
        Subtract(a, b, out UInt256 r);
        return r;
    }

    public static UInt256 operator *(in UInt256 a, in UInt256 b)
    {
        Multiply(a, b, out UInt256 r);
        return r;
    }

    /// <summary>a / b; 0 when b is 0, as in the EVM.</summary>
    public static UInt256 operator /(in UInt256 a, in UInt256 b)
    {
        DivRem(a, b, out UInt256 q, out _);
        return q;
    }

    /// <summary>a mod b; 0 when b is 0, as in the EVM.</summary>
    public static UInt256 operator %(in UInt256 a, in UInt256 b)
    {
        DivRem(a, b, out _, out UInt256 m);
        return m;
    }

    public static UInt256 operator <<(in UInt256 a, int n)
    {
        if (n >= 256) return Zero;
        ShiftLeft(a, n, out UInt256 r);
        return r;
    }

    public static UInt256 operator >>(in UInt256 a, int n)
    {
        if (n >= 256) return Zero;
        ShiftRight(a, n, out UInt256 r);
        return r;
    }

    public static UInt256 operator &(in UInt256 a, in UInt256 b) => new(a.U0 & b.U0, a.U1 & b.U1, a.U2 & b.U2, a.U3 & b.U3);
    public static UInt256 operator |(in UInt256 a, in UInt256 b) => new(a.U0 | b.U0, a.U1 | b.U1, a.U2 | b.U2, a.U3 | b.U3);
    public static UInt256 operator ^(in UInt256 a, in UInt256 b) => new(a.U0 ^ b.U0, a.U1 ^ b.U1, a.U2 ^ b.U2, a.U3 ^ b.U3);
    public static UInt256 operator ~(in UInt256 a) => new(~a.U0, ~a.U1, ~a.U2, ~a.U3);

    /// <summary>The smaller of two values.</summary>
    public static UInt256 Min(in UInt256 a, in UInt256 b) => Less(a, b) ? a : b;

    /// <summary>The larger of two values.</summary>
    public static UInt256 Max(in UInt256 a, in UInt256 b) => Less(a, b) ? b : a;
}
