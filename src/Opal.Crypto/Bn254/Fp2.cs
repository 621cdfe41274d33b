using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>c0 + c1·i with i² = -1.</summary>
internal readonly struct Fp2(in Fp c0, in Fp c1) : IEquatable<Fp2>
{
    public readonly Fp C0 = c0;
    public readonly Fp C1 = c1;

    /// <summary>1.</summary>
    public static readonly Fp2 One = new(Fp.One, default);

    /// <summary>ξ = 9 + i, from which the upper fields and the twist are made.</summary>
    public static readonly Fp2 Xi = new(Fp.FromUInt256(9UL), Fp.One);

    public bool IsZero => C0.IsZero && C1.IsZero;

    public bool Equals(Fp2 other) => C0.Equals(other.C0) && C1.Equals(other.C1);

    public override bool Equals(object? obj) => obj is Fp2 other && Equals(other);

    public override int GetHashCode() => C0.GetHashCode() ^ C1.GetHashCode();

    public static Fp2 operator +(in Fp2 a, in Fp2 b) => new(a.C0 + b.C0, a.C1 + b.C1);

    public static Fp2 operator -(in Fp2 a, in Fp2 b) => new(a.C0 - b.C0, a.C1 - b.C1);

    public static Fp2 operator -(in Fp2 a) => new(-a.C0, -a.C1);

    /// <summary>Three products instead of four (Karatsuba).</summary>
    public static Fp2 operator *(in Fp2 a, in Fp2 b)
    {
        Fp v0 = a.C0 * b.C0, v1 = a.C1 * b.C1;
        return new Fp2(v0 - v1, ((a.C0 + a.C1) * (b.C0 + b.C1)) - v0 - v1);
    }

    /// <summary>The product with an element of the base field.</summary>
    public static Fp2 operator *(in Fp2 a, in Fp b) => new(a.C0 * b, a.C1 * b);

    public Fp2 Square() => new((C0 + C1) * (C0 - C1), (C0 * C1).Double());

    public Fp2 Double() => new(C0.Double(), C1.Double());

    public Fp2 Triple() => Double() + this;

    public Fp2 Half() => new(C0.Half(), C1.Half());

    /// <summary>c0 - c1·i, which is also the p-th power.</summary>
    public Fp2 Conjugate() => new(C0, -C1);

    /// <summary>The product with ξ: (9·c0 - c1) + (9·c1 + c0)·i.</summary>
    public Fp2 MultiplyByXi()
    {
        Fp2 nine = Double().Double().Double() + this;
        return new Fp2(nine.C0 - C1, nine.C1 + C0);
    }

    /// <summary>1/a; 0 for 0.</summary>
    public Fp2 Inverse()
    {
        Fp norm = (C0.Square() + C1.Square()).Inverse();
        return new Fp2(C0 * norm, -(C1 * norm));
    }

    public Fp2 Power(in UInt256 exponent)
    {
        Fp2 result = One;
        for (int i = exponent.BitLength - 1; i >= 0; i--)
        {
            result = result.Square();
            if (exponent.BitAt(i)) result *= this;
        }

        return result;
    }
}
