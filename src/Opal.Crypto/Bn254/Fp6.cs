namespace Opal.Crypto.Bn254;

/// <summary>b0 + b1·v + b2·v² with v³ = ξ.</summary>
internal readonly struct Fp6(in Fp2 b0, in Fp2 b1, in Fp2 b2)
{
    public readonly Fp2 B0 = b0;
    public readonly Fp2 B1 = b1;
    public readonly Fp2 B2 = b2;

    /// <summary>1.</summary>
    public static readonly Fp6 One = new(Fp2.One, default, default);

    public bool IsZero => B0.IsZero && B1.IsZero && B2.IsZero;

    public static Fp6 operator +(in Fp6 a, in Fp6 b) => new(a.B0 + b.B0, a.B1 + b.B1, a.B2 + b.B2);

    public static Fp6 operator -(in Fp6 a, in Fp6 b) => new(a.B0 - b.B0, a.B1 - b.B1, a.B2 - b.B2);

    public static Fp6 operator -(in Fp6 a) => new(-a.B0, -a.B1, -a.B2);

    /// <summary>Six products instead of nine (Karatsuba).</summary>
    public static Fp6 operator *(in Fp6 a, in Fp6 b)
    {
        Fp2 v0 = a.B0 * b.B0, v1 = a.B1 * b.B1, v2 = a.B2 * b.B2;
        return new Fp6(
            v0 + (((a.B1 + a.B2) * (b.B1 + b.B2)) - v1 - v2).MultiplyByXi(),
            ((a.B0 + a.B1) * (b.B0 + b.B1)) - v0 - v1 + v2.MultiplyByXi(),
            ((a.B0 + a.B2) * (b.B0 + b.B2)) - v0 - v2 + v1);
    }

    /// <summary>The product with an element of Fp2.</summary>
    public static Fp6 operator *(in Fp6 a, in Fp2 b) => new(a.B0 * b, a.B1 * b, a.B2 * b);

    /// <summary>The product with b0 + b1·v.</summary>
    public Fp6 MultiplyBy01(in Fp2 b0, in Fp2 b1)
    {
        Fp2 v0 = B0 * b0, v1 = B1 * b1;
        return new Fp6(
            v0 + (((B1 + B2) * b1) - v1).MultiplyByXi(),
            ((B0 + B1) * (b0 + b1)) - v0 - v1,
            ((B0 + B2) * b0) - v0 + v1);
    }

    /// <summary>The product with v.</summary>
    public Fp6 MultiplyByV() => new(B2.MultiplyByXi(), B0, B1);

    public Fp6 Inverse()
    {
        Fp2 a = B0.Square() - (B1 * B2).MultiplyByXi();
        Fp2 b = B2.Square().MultiplyByXi() - (B0 * B1);
        Fp2 c = B1.Square() - (B0 * B2);
        Fp2 norm = ((B0 * a) + ((B2 * b) + (B1 * c)).MultiplyByXi()).Inverse();
        return new Fp6(a * norm, b * norm, c * norm);
    }
}
