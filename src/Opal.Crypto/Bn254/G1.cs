using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>A point of y² = x³ + 3 over the base field, in Jacobian coordinates (x = X/Z², y = Y/Z³); Z = 0 is infinity. The whole curve has prime order.</summary>
internal partial struct G1(in Fp x, in Fp y, in Fp z)
{
    public Fp X = x;
    public Fp Y = y;
    public Fp Z = z;

    private static readonly Fp B = Fp.FromUInt256(3UL);

    /// <summary>The order of the curve, and of the pairing's other group.</summary>
    public static UInt256 Order => new(0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029);

    public readonly bool IsInfinity => Z.IsZero;

    /// <summary>The point of affine coordinates, (0, 0) being infinity; false when it is not on the curve.</summary>
    public static bool TryFromAffine(in Fp x, in Fp y, out G1 point)
    {
        point = default;
        if (x.IsZero && y.IsZero) return true;
        if (!y.Square().Equals((x.Square() * x) + B)) return false;
        point = new G1(x, y, Fp.One);
        return true;
    }

    /// <summary>x and y; zeros for infinity.</summary>
    public readonly void ToAffine(out Fp x, out Fp y)
    {
        x = default;
        y = default;
        if (IsInfinity) return;
        Fp inverse = Z.Inverse(), square = inverse.Square();
        x = X * square;
        y = Y * square * inverse;
    }

    /// <summary>r = 2p (dbl-2009-l of the Explicit-Formulas Database). Infinity stays infinity; there is no point of order two.</summary>
    public static void Double(in G1 p, out G1 r)
    {
        Fp.Multiply(p.X, p.X, out Fp a);
        Fp.Multiply(p.Y, p.Y, out Fp b);
        Fp.Multiply(b, b, out Fp c);
        Fp.AddUnreduced(p.X, b, out Fp d);
        Fp.Multiply(d, d, out d);
        Fp.Subtract(d, a, out d);
        Fp.Subtract(d, c, out d);
        Fp.Add(d, d, out d); // d = 2((X + b)² - a - c)
        Fp.Add(a, a, out Fp e);
        Fp.Add(e, a, out e); // e = 3a
        Fp.Multiply(p.Y, p.Z, out Fp z);
        Fp.Add(z, z, out r.Z);
        Fp.Multiply(e, e, out Fp x);
        Fp.Subtract(x, d, out x);
        Fp.Subtract(x, d, out r.X); // X = e² - 2d
        Fp.Subtract(d, r.X, out d);
        Fp.Multiply(e, d, out Fp y);
        Fp.Add(c, c, out c);
        Fp.Add(c, c, out c);
        Fp.Add(c, c, out c);
        Fp.Subtract(y, c, out r.Y); // Y = e(d - X) - 8c
    }

    /// <summary>r = p + q (add-2007-bl), for all cases.</summary>
    public static void Add(in G1 p, in G1 q, out G1 r)
    {
        if (p.IsInfinity || q.IsInfinity)
        {
            r = p.IsInfinity ? q : p;
            return;
        }

        Fp.Multiply(p.Z, p.Z, out Fp z1);
        Fp.Multiply(q.Z, q.Z, out Fp z2);
        Fp.Multiply(p.X, z2, out Fp u1);
        Fp.Multiply(q.X, z1, out Fp h);
        Fp.Multiply(p.Y, q.Z, out Fp s1);
        Fp.Multiply(s1, z2, out s1);
        Fp.Multiply(q.Y, p.Z, out Fp s);
        Fp.Multiply(s, z1, out s);
        Fp.Subtract(h, u1, out h); // h = u2 - u1
        Fp.Subtract(s, s1, out s);
        Fp.Add(s, s, out s); // s = 2(s2 - s1)
        if (h.IsZero)
        {
            if (s.IsZero) Double(p, out r);
            else r = default;
            return;
        }

        Fp.Add(h, h, out Fp i);
        Fp.Multiply(i, i, out i);
        Fp.Multiply(h, i, out Fp j);
        Fp.Multiply(u1, i, out Fp v);
        Fp.AddUnreduced(p.Z, q.Z, out Fp z);
        Fp.Multiply(z, z, out z);
        Fp.Subtract(z, z1, out z);
        Fp.Subtract(z, z2, out z);
        Fp.Multiply(z, h, out r.Z); // Z = ((Z1 + Z2)² - Z1² - Z2²)h
        Fp.Multiply(s, s, out Fp x);
        Fp.Subtract(x, j, out x);
        Fp.Subtract(x, v, out x);
        Fp.Subtract(x, v, out r.X); // X = s² - j - 2v
        Fp.Subtract(v, r.X, out v);
        Fp.Multiply(s, v, out Fp y);
        Fp.Multiply(s1, j, out s1);
        Fp.Subtract(y, s1, out y);
        Fp.Subtract(y, s1, out r.Y); // Y = s(v - X) - 2 s1 j
    }

    public readonly G1 Double()
    {
        Double(this, out G1 r);
        return r;
    }

    public static G1 operator +(in G1 p, in G1 q)
    {
        Add(p, q, out G1 r);
        return r;
    }

    /// <summary>k·P by a window of four bits: the plain way, for the comparison with <see cref="Multiply"/>.</summary>
    internal readonly G1 MultiplyPlainly(in UInt256 scalar)
    {
        UInt256 k = scalar % Order;
        if (k.IsZero || IsInfinity) return default;
        Span<G1> multiples = stackalloc G1[16];
        multiples[0] = default;
        for (int i = 1; i < 16; i++) Add(multiples[i - 1], this, out multiples[i]);
        G1 result = default;
        for (int at = (k.BitLength + 3) / 4 - 1; at >= 0; at--)
        {
            for (int i = 0; i < 4; i++) Double(result, out result);
            int digit = (int)(k >> (4 * at)).U0 & 15;
            if (digit != 0) Add(result, multiples[digit], out result);
        }

        return result;
    }
}
