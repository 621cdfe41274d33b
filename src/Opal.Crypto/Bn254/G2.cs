using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>A point of the twist y² = x³ + 3/ξ over Fp2, affine; not infinity. The pairing takes those of the subgroup of order r.</summary>
internal readonly struct G2(in Fp2 x, in Fp2 y)
{
    public readonly Fp2 X = x;
    public readonly Fp2 Y = y;

    /// <summary>3/ξ.</summary>
    public static readonly Fp2 B = Fp2.Xi.Inverse() * Fp.FromUInt256(3UL);

    // ξ^((p-1)/3) and ξ^((p-1)/2): what the p-th power does to the twist's coordinates
    private static readonly Fp2 FrobeniusX = Fp2.Xi.Power((Fp.Modulus - UInt256.One) / 3UL);
    private static readonly Fp2 FrobeniusY = Fp2.Xi.Power((Fp.Modulus - UInt256.One) / 2UL);

    public bool IsOnCurve => Y.Square().Equals((X.Square() * X) + B);

    public static G2 operator -(in G2 p) => new(p.X, -p.Y);

    /// <summary>The p-power map carried over to the twist.</summary>
    public G2 Frobenius() => new(X.Conjugate() * FrobeniusX, Y.Conjugate() * FrobeniusY);

    /// <summary>Whether r·P is infinity. The point is on the curve.</summary>
    public bool IsInSubgroup()
    {
        // Jacobian, from the top bit of r down; the doubling formulas hold for every point (no point of the twist has order 2:
        // its order is odd), the addition meets ±P only at the very end
        UInt256 r = G1.Order;
        Fp2 x = X, y = Y, z = Fp2.One;
        for (int i = r.BitLength - 2; i >= 0; i--)
        {
            Double(ref x, ref y, ref z);
            if (r.BitAt(i)) Add(ref x, ref y, ref z, this);
        }

        return z.IsZero;
    }

    private static void Double(ref Fp2 x, ref Fp2 y, ref Fp2 z)
    {
        Fp2 a = x.Square(), b = y.Square(), c = b.Square();
        Fp2 d = ((x + b).Square() - a - c).Double();
        Fp2 e = a.Triple();
        Fp2 nextX = e.Square() - d.Double();
        z = (y * z).Double();
        y = (e * (d - nextX)) - c.Double().Double().Double();
        x = nextX;
    }

    private static void Add(ref Fp2 x, ref Fp2 y, ref Fp2 z, in G2 q)
    {
        if (z.IsZero)
        {
            x = q.X;
            y = q.Y;
            z = Fp2.One;
            return;
        }

        Fp2 zz = z.Square();
        Fp2 h = (q.X * zz) - x, r = ((q.Y * z * zz) - y).Double();
        if (h.IsZero)
        {
            if (r.IsZero) Double(ref x, ref y, ref z);
            else z = default;
            return;
        }

        Fp2 i = h.Double().Square(), j = h * i, v = x * i;
        Fp2 nextX = r.Square() - j - v.Double();
        z = (z * h).Double();
        y = (r * (v - nextX)) - (y * j).Double();
        x = nextX;
    }
}
