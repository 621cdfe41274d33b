namespace Opal.Crypto.Bn254;

/// <summary>b0 + b1·v + b2·v² with v³ = ξ. Methods and operators as in <see cref="Fp"/>.</summary>
internal struct Fp6(in Fp2 b0, in Fp2 b1, in Fp2 b2)
{
    public Fp2 B0 = b0;
    public Fp2 B1 = b1;
    public Fp2 B2 = b2;

    /// <summary>1.</summary>
    public static readonly Fp6 One = new(Fp2.One, default, default);

    public readonly bool IsZero => B0.IsZero && B1.IsZero && B2.IsZero;

    public static void Add(in Fp6 a, in Fp6 b, out Fp6 r)
    {
        Fp2.Add(a.B0, b.B0, out r.B0);
        Fp2.Add(a.B1, b.B1, out r.B1);
        Fp2.Add(a.B2, b.B2, out r.B2);
    }

    public static void Subtract(in Fp6 a, in Fp6 b, out Fp6 r)
    {
        Fp2.Subtract(a.B0, b.B0, out r.B0);
        Fp2.Subtract(a.B1, b.B1, out r.B1);
        Fp2.Subtract(a.B2, b.B2, out r.B2);
    }

    /// <summary>Six products instead of nine (Karatsuba).</summary>
    public static void Multiply(in Fp6 a, in Fp6 b, out Fp6 r)
    {
        Fp2.Multiply(a.B0, b.B0, out Fp2 v0);
        Fp2.Multiply(a.B1, b.B1, out Fp2 v1);
        Fp2.Multiply(a.B2, b.B2, out Fp2 v2);
        Crossed(a.B1, a.B2, b.B1, b.B2, v1, v2, out Fp2 m12);
        Crossed(a.B0, a.B1, b.B0, b.B1, v0, v1, out Fp2 m01);
        Crossed(a.B0, a.B2, b.B0, b.B2, v0, v2, out Fp2 m02);
        Fp2.MultiplyByXi(m12, out m12);
        Fp2.MultiplyByXi(v2, out v2);
        Fp2.Add(v0, m12, out r.B0);
        Fp2.Add(m01, v2, out r.B1);
        Fp2.Add(m02, v1, out r.B2);
    }

    /// <summary>(a + b)(c + d) - ac - bd, that is ad + bc.</summary>
    private static void Crossed(in Fp2 a, in Fp2 b, in Fp2 c, in Fp2 d, in Fp2 ac, in Fp2 bd, out Fp2 r)
    {
        Fp2.Add(a, b, out Fp2 s);
        Fp2.Add(c, d, out Fp2 t);
        Fp2.Multiply(s, t, out s);
        Fp2.Subtract(s, ac, out s);
        Fp2.Subtract(s, bd, out r);
    }

    /// <summary>The product with an element of Fp2.</summary>
    public static void Multiply(in Fp6 a, in Fp2 b, out Fp6 r)
    {
        Fp2.Multiply(a.B0, b, out r.B0);
        Fp2.Multiply(a.B1, b, out r.B1);
        Fp2.Multiply(a.B2, b, out r.B2);
    }

    /// <summary>The product with b0 + b1·v.</summary>
    public static void MultiplyBy01(in Fp6 a, in Fp2 b0, in Fp2 b1, out Fp6 r)
    {
        Fp2.Multiply(a.B0, b0, out Fp2 v0);
        Fp2.Multiply(a.B1, b1, out Fp2 v1);
        Crossed(a.B0, a.B1, b0, b1, v0, v1, out Fp2 m01);
        Fp2.Multiply(a.B2, b1, out Fp2 m12);
        Fp2.MultiplyByXi(m12, out m12);
        Fp2.Multiply(a.B2, b0, out Fp2 m02);
        Fp2.Add(v0, m12, out r.B0);
        r.B1 = m01;
        Fp2.Add(m02, v1, out r.B2);
    }

    /// <summary>The product with v.</summary>
    public static void MultiplyByV(in Fp6 a, out Fp6 r)
    {
        Fp2.MultiplyByXi(a.B2, out Fp2 first);
        Fp2 second = a.B0;
        r.B2 = a.B1;
        r.B1 = second;
        r.B0 = first;
    }

    public readonly Fp6 Inverse()
    {
        Fp2 a = B0.Square() - (B1 * B2).MultiplyByXi();
        Fp2 b = B2.Square().MultiplyByXi() - (B0 * B1);
        Fp2 c = B1.Square() - (B0 * B2);
        Fp2 norm = ((B0 * a) + ((B2 * b) + (B1 * c)).MultiplyByXi()).Inverse();
        return new Fp6(a * norm, b * norm, c * norm);
    }

    public static Fp6 operator -(in Fp6 a, in Fp6 b)
    {
        Subtract(a, b, out Fp6 r);
        return r;
    }

    public static Fp6 operator -(in Fp6 a) => new(-a.B0, -a.B1, -a.B2);

    public static Fp6 operator *(in Fp6 a, in Fp6 b)
    {
        Multiply(a, b, out Fp6 r);
        return r;
    }
}
