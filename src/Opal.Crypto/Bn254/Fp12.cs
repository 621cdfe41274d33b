using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>c0 + c1·w with w² = v, so that w⁶ = ξ: where the pairing's values live. Methods and operators as in <see cref="Fp"/>.</summary>
internal struct Fp12(in Fp6 c0, in Fp6 c1)
{
    public Fp6 C0 = c0;
    public Fp6 C1 = c1;

    /// <summary>1.</summary>
    public static readonly Fp12 One = new(Fp6.One, default);

    // ξ^(k(p-1)/6): what the p-th power does to w^k
    private static readonly Fp2 Gamma1 = Fp2.Xi.Power((Fp.Modulus - UInt256.One) / 6UL);
    private static readonly Fp2 Gamma2 = Gamma1 * Gamma1;
    private static readonly Fp2 Gamma3 = Gamma2 * Gamma1;
    private static readonly Fp2 Gamma4 = Gamma3 * Gamma1;
    private static readonly Fp2 Gamma5 = Gamma4 * Gamma1;

    public readonly bool IsOne => (C0 - Fp6.One).IsZero && C1.IsZero;

    public static void Multiply(in Fp12 a, in Fp12 b, out Fp12 r)
    {
        Fp6.Multiply(a.C0, b.C0, out Fp6 v0);
        Fp6.Multiply(a.C1, b.C1, out Fp6 v1);
        Fp6.Add(a.C0, a.C1, out Fp6 s);
        Fp6.Add(b.C0, b.C1, out Fp6 t);
        Fp6.Multiply(s, t, out s);
        Fp6.Subtract(s, v0, out s);
        Fp6.Subtract(s, v1, out r.C1);
        Fp6.MultiplyByV(v1, out v1);
        Fp6.Add(v0, v1, out r.C0);
    }

    /// <summary>f ← f · (l0 + l1·w + l3·w³): the product with a line.</summary>
    public static void MultiplyByLine(ref Fp12 f, in Fp2 l0, in Fp2 l1, in Fp2 l3)
    {
        Fp6.Multiply(f.C0, l0, out Fp6 v0);
        Fp6.MultiplyBy01(f.C1, l1, l3, out Fp6 v1);
        Fp6.Add(f.C0, f.C1, out Fp6 s);
        Fp2.Add(l0, l1, out Fp2 l01);
        Fp6.MultiplyBy01(s, l01, l3, out s);
        Fp6.Subtract(s, v0, out s);
        Fp6.Subtract(s, v1, out f.C1);
        Fp6.MultiplyByV(v1, out v1);
        Fp6.Add(v0, v1, out f.C0);
    }

    public static void Square(in Fp12 a, out Fp12 r)
    {
        Fp6.Multiply(a.C0, a.C1, out Fp6 product);
        Fp6.Add(a.C0, a.C1, out Fp6 s);
        Fp6.MultiplyByV(a.C1, out Fp6 t);
        Fp6.Add(a.C0, t, out t);
        Fp6.Multiply(s, t, out s);
        Fp6.Subtract(s, product, out s);
        Fp6.MultiplyByV(product, out t);
        Fp6.Subtract(s, t, out r.C0);
        Fp6.Add(product, product, out r.C1);
    }

    /// <summary>The square of an element of the cyclotomic subgroup, where nine squares in Fp2 do (Granger and Scott, PKC 2010).</summary>
    public static void CyclotomicSquare(in Fp12 a, out Fp12 r)
    {
        SquarePair(a.C0.B0, a.C1.B1, out Fp2 s0, out Fp2 p0);
        SquarePair(a.C1.B0, a.C0.B2, out Fp2 s1, out Fp2 p1);
        SquarePair(a.C0.B1, a.C1.B2, out Fp2 s2, out Fp2 p2);
        Fp2.MultiplyByXi(p2, out p2);
        ThriceLess(s0, a.C0.B0, out r.C0.B0);
        ThriceLess(s1, a.C0.B1, out r.C0.B1);
        ThriceLess(s2, a.C0.B2, out r.C0.B2);
        ThriceMore(p2, a.C1.B0, out r.C1.B0);
        ThriceMore(p0, a.C1.B1, out r.C1.B1);
        ThriceMore(p1, a.C1.B2, out r.C1.B2);
    }

    /// <summary>x² + ξ·y² and 2xy.</summary>
    private static void SquarePair(in Fp2 x, in Fp2 y, out Fp2 squares, out Fp2 product)
    {
        Fp2.Square(x, out Fp2 xx);
        Fp2.Square(y, out Fp2 yy);
        Fp2.Add(x, y, out Fp2 s);
        Fp2.Square(s, out s);
        Fp2.Subtract(s, xx, out s);
        Fp2.Subtract(s, yy, out product);
        Fp2.MultiplyByXi(yy, out yy);
        Fp2.Add(xx, yy, out squares);
    }

    /// <summary>3t - 2a.</summary>
    private static void ThriceLess(in Fp2 t, in Fp2 a, out Fp2 r)
    {
        Fp2.Subtract(t, a, out Fp2 s);
        Fp2.Add(s, s, out s);
        Fp2.Add(s, t, out r);
    }

    /// <summary>3t + 2a.</summary>
    private static void ThriceMore(in Fp2 t, in Fp2 a, out Fp2 r)
    {
        Fp2.Add(t, a, out Fp2 s);
        Fp2.Add(s, s, out s);
        Fp2.Add(s, t, out r);
    }

    /// <summary>c0 - c1·w: the p⁶-th power, and the inverse of an element of the cyclotomic subgroup.</summary>
    public readonly Fp12 Conjugate() => new(C0, -C1);

    public readonly Fp12 Inverse()
    {
        Fp6.MultiplyByV(C1 * C1, out Fp6 norm);
        norm = ((C0 * C0) - norm).Inverse();
        return new Fp12(C0 * norm, -(C1 * norm));
    }

    /// <summary>The p-th power.</summary>
    public readonly Fp12 Frobenius() => new(
        new Fp6(C0.B0.Conjugate(), C0.B1.Conjugate() * Gamma2, C0.B2.Conjugate() * Gamma4),
        new Fp6(C1.B0.Conjugate() * Gamma1, C1.B1.Conjugate() * Gamma3, C1.B2.Conjugate() * Gamma5));

    /// <summary>The power of an element of the cyclotomic subgroup, by the exponent's non-adjacent form: its digits are the bits of three times the exponent less those of the exponent.</summary>
    public readonly Fp12 CyclotomicPower(ulong exponent)
    {
        UInt128 triple = (UInt128)exponent * 3, bits = exponent;
        Fp12 inverse = Conjugate(), result = One;
        for (int i = 127 - (int)UInt128.LeadingZeroCount(triple); i >= 1; i--)
        {
            CyclotomicSquare(result, out result);
            bool more = ((triple >> i) & 1) != 0, less = ((bits >> i) & 1) != 0;
            if (more == less) continue;
            if (more) Multiply(result, this, out result);
            else Multiply(result, inverse, out result);
        }

        return result;
    }

    public readonly Fp12 Square()
    {
        Square(this, out Fp12 r);
        return r;
    }

    public static Fp12 operator *(in Fp12 a, in Fp12 b)
    {
        Multiply(a, b, out Fp12 r);
        return r;
    }
}
