using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>c0 + c1·i with i² = -1. Methods and operators as in <see cref="Fp"/>.</summary>
internal struct Fp2(in Fp c0, in Fp c1) : IEquatable<Fp2>
{
    public Fp C0 = c0;
    public Fp C1 = c1;

    /// <summary>1.</summary>
    public static readonly Fp2 One = new(Fp.One, default);

    /// <summary>ξ = 9 + i, from which the upper fields and the twist are made.</summary>
    public static readonly Fp2 Xi = new(Fp.FromUInt256(9UL), Fp.One);

    public readonly bool IsZero => C0.IsZero && C1.IsZero;

    public readonly bool Equals(Fp2 other) => C0.Equals(other.C0) && C1.Equals(other.C1);

    public override readonly bool Equals(object? obj) => obj is Fp2 other && Equals(other);

    public override readonly int GetHashCode() => C0.GetHashCode() ^ C1.GetHashCode();

    public static void Add(in Fp2 a, in Fp2 b, out Fp2 r)
    {
        Fp.Add(a.C0, b.C0, out r.C0);
        Fp.Add(a.C1, b.C1, out r.C1);
    }

    public static void Subtract(in Fp2 a, in Fp2 b, out Fp2 r)
    {
        Fp.Subtract(a.C0, b.C0, out r.C0);
        Fp.Subtract(a.C1, b.C1, out r.C1);
    }

    /// <summary>Three products instead of four (Karatsuba).</summary>
    public static void Multiply(in Fp2 a, in Fp2 b, out Fp2 r)
    {
        Fp.Multiply(a.C0, b.C0, out Fp v0);
        Fp.Multiply(a.C1, b.C1, out Fp v1);
        Fp.AddUnreduced(a.C0, a.C1, out Fp s);
        Fp.AddUnreduced(b.C0, b.C1, out Fp t);
        Fp.Multiply(s, t, out s);
        Fp.Subtract(v0, v1, out r.C0);
        Fp.Subtract(s, v0, out s);
        Fp.Subtract(s, v1, out r.C1);
    }

    /// <summary>The product with an element of the base field.</summary>
    public static void Multiply(in Fp2 a, in Fp b, out Fp2 r)
    {
        Fp.Multiply(a.C0, b, out r.C0);
        Fp.Multiply(a.C1, b, out r.C1);
    }

    /// <summary>(c0 + c1)(c0 - c1) + 2·c0·c1·i.</summary>
    public static void Square(in Fp2 a, out Fp2 r)
    {
        Fp.AddUnreduced(a.C0, a.C1, out Fp sum);
        Fp.Subtract(a.C0, a.C1, out Fp difference);
        Fp.Multiply(a.C0, a.C1, out Fp product);
        Fp.Multiply(sum, difference, out r.C0);
        Fp.Add(product, product, out r.C1);
    }

    /// <summary>The product with ξ: (9·c0 - c1) + (9·c1 + c0)·i.</summary>
    public static void MultiplyByXi(in Fp2 a, out Fp2 r)
    {
        Fp.Add(a.C0, a.C0, out Fp x);
        Fp.Add(x, x, out x);
        Fp.Add(x, x, out x);
        Fp.Add(x, a.C0, out x);
        Fp.Add(a.C1, a.C1, out Fp y);
        Fp.Add(y, y, out y);
        Fp.Add(y, y, out y);
        Fp.Add(y, a.C1, out y);
        Fp.Subtract(x, a.C1, out x);
        Fp.Add(y, a.C0, out r.C1);
        r.C0 = x;
    }

    public static void Halve(in Fp2 a, out Fp2 r)
    {
        Fp.Halve(a.C0, out r.C0);
        Fp.Halve(a.C1, out r.C1);
    }

    /// <summary>c0 - c1·i, which is also the p-th power.</summary>
    public readonly Fp2 Conjugate() => new(C0, -C1);

    /// <summary>1/a; 0 for 0.</summary>
    public readonly Fp2 Inverse()
    {
        Fp norm = (C0.Square() + C1.Square()).Inverse();
        return new Fp2(C0 * norm, -(C1 * norm));
    }

    public readonly Fp2 Power(in UInt256 exponent)
    {
        Fp2 result = One;
        for (int i = exponent.BitLength - 1; i >= 0; i--)
        {
            Square(result, out result);
            if (exponent.BitAt(i)) Multiply(result, this, out result);
        }

        return result;
    }

    public readonly Fp2 Square()
    {
        Square(this, out Fp2 r);
        return r;
    }

    public readonly Fp2 Double() => this + this;

    public readonly Fp2 Triple() => this + this + this;

    public readonly Fp2 MultiplyByXi()
    {
        MultiplyByXi(this, out Fp2 r);
        return r;
    }

    public static Fp2 operator +(in Fp2 a, in Fp2 b)
    {
        Add(a, b, out Fp2 r);
        return r;
    }

    public static Fp2 operator -(in Fp2 a, in Fp2 b)
    {
        Subtract(a, b, out Fp2 r);
        return r;
    }

    public static Fp2 operator -(in Fp2 a) => new(-a.C0, -a.C1);

    public static Fp2 operator *(in Fp2 a, in Fp2 b)
    {
        Multiply(a, b, out Fp2 r);
        return r;
    }

    public static Fp2 operator *(in Fp2 a, in Fp b)
    {
        Multiply(a, b, out Fp2 r);
        return r;
    }
}
