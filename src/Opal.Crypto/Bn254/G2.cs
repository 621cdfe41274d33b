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

    /// <summary>ψ: the p-power map carried over to the twist.</summary>
    public G2 Frobenius() => new(X.Conjugate() * FrobeniusX, Y.Conjugate() * FrobeniusY);

    /// <summary>Whether the point, which is on the curve, is in the subgroup of order r.</summary>
    /// <remarks>
    /// It is if and only if [u+1]P + ψ([u]P) + ψ²([u]P) = ψ³([2u]P) (Dai, Lin, Zhao and Zhou, IACR ePrint 2022/348). On the
    /// subgroup ψ is multiplication by p, and (u+1) + up + up² - 2up³ ≡ 0 mod r. And as ψ² = (6u²+1)ψ - p, the endomorphism
    /// is some a + bψ of norm N; a point it sends to infinity has an order that divides both N and the twist's r(2p - r), and
    /// their greatest common divisor is r.
    /// </remarks>
    public bool IsInSubgroup()
    {
        var p = new Jacobian(X, Y);
        Jacobian up = p.Multiply(Pairing.U);
        Jacobian first = up.Frobenius(), second = first.Frobenius(), third = second.Frobenius();
        Jacobian left = up;
        left.Add(p);
        left.Add(first);
        left.Add(second);
        third.Double();
        return left.IsSame(third);
    }

    /// <summary>A point in Jacobian coordinates (x = X/Z², y = Y/Z³); Z = 0 is infinity.</summary>
    internal struct Jacobian(in Fp2 x, in Fp2 y)
    {
        private Fp2 _x = x, _y = y, _z = Fp2.One;

        public readonly bool IsInfinity => _z.IsZero;

        public readonly Jacobian Frobenius() => new(_x.Conjugate() * FrobeniusX, _y.Conjugate() * FrobeniusY) { _z = _z.Conjugate() };

        public readonly bool IsSame(in Jacobian other)
        {
            if (IsInfinity || other.IsInfinity) return IsInfinity && other.IsInfinity;
            Fp2 z1 = _z.Square(), z2 = other._z.Square();
            return (_x * z2).Equals(other._x * z1) && (_y * z2 * other._z).Equals(other._y * z1 * _z);
        }

        /// <summary>k·P, bit by bit; k is not zero.</summary>
        public readonly Jacobian Multiply(ulong k)
        {
            Jacobian result = this;
            for (int i = 62 - System.Numerics.BitOperations.LeadingZeroCount(k); i >= 0; i--)
            {
                result.Double();
                if (((k >> i) & 1) != 0) result.Add(this);
            }

            return result;
        }

        /// <summary>dbl-2009-l of the Explicit-Formulas Database. Infinity stays infinity; there is no point of order two, the curve's order is odd.</summary>
        public void Double()
        {
            Fp2.Square(_x, out Fp2 a);
            Fp2.Square(_y, out Fp2 b);
            Fp2.Square(b, out Fp2 c);
            Fp2.Add(_x, b, out Fp2 d);
            Fp2.Square(d, out d);
            Fp2.Subtract(d, a, out d);
            Fp2.Subtract(d, c, out d);
            Fp2.Add(d, d, out d); // d = 2((X + b)² - a - c)
            Fp2.Add(a, a, out Fp2 e);
            Fp2.Add(e, a, out e); // e = 3a
            Fp2.Multiply(_y, _z, out _z);
            Fp2.Add(_z, _z, out _z);
            Fp2.Square(e, out _x);
            Fp2.Subtract(_x, d, out _x);
            Fp2.Subtract(_x, d, out _x); // X = e² - 2d
            Fp2.Subtract(d, _x, out d);
            Fp2.Multiply(e, d, out _y);
            Fp2.Add(c, c, out c);
            Fp2.Add(c, c, out c);
            Fp2.Add(c, c, out c);
            Fp2.Subtract(_y, c, out _y); // Y = e(d - X) - 8c
        }

        /// <summary>add-2007-bl, for all cases.</summary>
        public void Add(in Jacobian q)
        {
            if (q.IsInfinity) return;
            if (IsInfinity)
            {
                this = q;
                return;
            }

            Fp2.Square(_z, out Fp2 z1);
            Fp2.Square(q._z, out Fp2 z2);
            Fp2.Multiply(_x, z2, out Fp2 u1);
            Fp2.Multiply(q._x, z1, out Fp2 h);
            Fp2.Multiply(_y, q._z, out Fp2 s1);
            Fp2.Multiply(s1, z2, out s1);
            Fp2.Multiply(q._y, _z, out Fp2 r);
            Fp2.Multiply(r, z1, out r);
            Fp2.Subtract(h, u1, out h); // h = u2 - u1
            Fp2.Subtract(r, s1, out r);
            Fp2.Add(r, r, out r); // r = 2(s2 - s1)
            if (h.IsZero)
            {
                if (r.IsZero) Double();
                else _z = default;
                return;
            }

            Fp2.Add(h, h, out Fp2 i);
            Fp2.Square(i, out i);
            Fp2.Multiply(h, i, out Fp2 j);
            Fp2.Multiply(u1, i, out Fp2 v);
            Fp2.Add(_z, q._z, out _z);
            Fp2.Square(_z, out _z);
            Fp2.Subtract(_z, z1, out _z);
            Fp2.Subtract(_z, z2, out _z);
            Fp2.Multiply(_z, h, out _z); // Z = ((Z1 + Z2)² - Z1² - Z2²)h
            Fp2.Square(r, out _x);
            Fp2.Subtract(_x, j, out _x);
            Fp2.Subtract(_x, v, out _x);
            Fp2.Subtract(_x, v, out _x); // X = r² - j - 2v
            Fp2.Subtract(v, _x, out v);
            Fp2.Multiply(r, v, out _y);
            Fp2.Multiply(s1, j, out s1);
            Fp2.Subtract(_y, s1, out _y);
            Fp2.Subtract(_y, s1, out _y); // Y = r(v - X) - 2 s1 j
        }
    }
}
