using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>A point of y² = x³ + 3 over the base field, in Jacobian coordinates (x = X/Z², y = Y/Z³); Z = 0 is infinity. The whole curve has prime order.</summary>
internal readonly struct G1(in Fp x, in Fp y, in Fp z)
{
    public readonly Fp X = x;
    public readonly Fp Y = y;
    public readonly Fp Z = z;

    private static readonly Fp B = Fp.FromUInt256(3UL);

    /// <summary>The order of the curve, and of the pairing's other group.</summary>
    public static UInt256 Order => new(0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029);

    public bool IsInfinity => Z.IsZero;

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
    public void ToAffine(out Fp x, out Fp y)
    {
        x = default;
        y = default;
        if (IsInfinity) return;
        Fp inverse = Z.Inverse(), square = inverse.Square();
        x = X * square;
        y = Y * square * inverse;
    }

    /// <summary>2P (dbl-2009-l of the Explicit-Formulas Database).</summary>
    public G1 Double()
    {
        if (IsInfinity) return this;
        Fp a = X.Square(), b = Y.Square(), c = b.Square();
        Fp d = ((X + b).Square() - a - c).Double();
        Fp e = a.Double() + a;
        Fp x = e.Square() - d.Double();
        Fp y = (e * (d - x)) - c.Double().Double().Double();
        return new G1(x, y, (Y * Z).Double());
    }

    /// <summary>P + Q (add-2007-bl), for all cases.</summary>
    public static G1 operator +(in G1 p, in G1 q)
    {
        if (p.IsInfinity) return q;
        if (q.IsInfinity) return p;
        Fp z1 = p.Z.Square(), z2 = q.Z.Square();
        Fp u1 = p.X * z2, u2 = q.X * z1;
        Fp s1 = p.Y * q.Z * z2, s2 = q.Y * p.Z * z1;
        Fp h = u2 - u1, r = (s2 - s1).Double();
        if (h.IsZero) return r.IsZero ? p.Double() : default;
        Fp i = h.Double().Square(), j = h * i, v = u1 * i;
        Fp x = r.Square() - j - v.Double();
        Fp y = (r * (v - x)) - (s1 * j).Double();
        return new G1(x, y, ((p.Z + q.Z).Square() - z1 - z2) * h);
    }

    /// <summary>k·P by a window of four bits.</summary>
    public G1 Multiply(in UInt256 scalar)
    {
        UInt256 k = scalar % Order;
        if (k.IsZero || IsInfinity) return default;
        Span<G1> multiples = stackalloc G1[16];
        multiples[0] = default;
        for (int i = 1; i < 16; i++) multiples[i] = multiples[i - 1] + this;
        Span<byte> digits = stackalloc byte[32];
        k.WriteBigEndian(digits);
        G1 result = default;
        foreach (byte b in digits)
        {
            result = result.Double().Double().Double().Double() + multiples[b >> 4];
            result = result.Double().Double().Double().Double() + multiples[b & 15];
        }

        return result;
    }
}
