using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>c0 + c1·w with w² = v, so that w⁶ = ξ: where the pairing's values live.</summary>
internal readonly struct Fp12(in Fp6 c0, in Fp6 c1)
{
    public readonly Fp6 C0 = c0;
    public readonly Fp6 C1 = c1;

    /// <summary>1.</summary>
    public static readonly Fp12 One = new(Fp6.One, default);

    // ξ^(k(p-1)/6): what the p-th power does to w^k
    private static readonly Fp2 Gamma1 = Fp2.Xi.Power((Fp.Modulus - UInt256.One) / 6UL);
    private static readonly Fp2 Gamma2 = Gamma1 * Gamma1;
    private static readonly Fp2 Gamma3 = Gamma2 * Gamma1;
    private static readonly Fp2 Gamma4 = Gamma3 * Gamma1;
    private static readonly Fp2 Gamma5 = Gamma4 * Gamma1;

    public bool IsOne => (C0 - Fp6.One).IsZero && C1.IsZero;

    public static Fp12 operator *(in Fp12 a, in Fp12 b)
    {
        Fp6 v0 = a.C0 * b.C0, v1 = a.C1 * b.C1;
        return new Fp12(v0 + v1.MultiplyByV(), ((a.C0 + a.C1) * (b.C0 + b.C1)) - v0 - v1);
    }

    /// <summary>The product with a line, l0 + l1·w + l3·w³.</summary>
    public Fp12 MultiplyByLine(in Fp2 l0, in Fp2 l1, in Fp2 l3)
    {
        Fp6 v0 = C0 * l0, v1 = C1.MultiplyBy01(l1, l3);
        return new Fp12(v0 + v1.MultiplyByV(), (C0 + C1).MultiplyBy01(l0 + l1, l3) - v0 - v1);
    }

    public Fp12 Square()
    {
        Fp6 product = C0 * C1;
        return new Fp12(((C0 + C1) * (C0 + C1.MultiplyByV())) - product - product.MultiplyByV(), product + product);
    }

    /// <summary>c0 - c1·w: the p⁶-th power, and the inverse of an element of the cyclotomic subgroup.</summary>
    public Fp12 Conjugate() => new(C0, -C1);

    public Fp12 Inverse()
    {
        Fp6 norm = ((C0 * C0) - (C1 * C1).MultiplyByV()).Inverse();
        return new Fp12(C0 * norm, -(C1 * norm));
    }

    /// <summary>The p-th power.</summary>
    public Fp12 Frobenius() => new(
        new Fp6(C0.B0.Conjugate(), C0.B1.Conjugate() * Gamma2, C0.B2.Conjugate() * Gamma4),
        new Fp6(C1.B0.Conjugate() * Gamma1, C1.B1.Conjugate() * Gamma3, C1.B2.Conjugate() * Gamma5));

    public Fp12 Power(ulong exponent)
    {
        Fp12 result = One;
        for (int i = 63 - System.Numerics.BitOperations.LeadingZeroCount(exponent); i >= 0; i--)
        {
            result = result.Square();
            if (((exponent >> i) & 1) != 0) result *= this;
        }

        return result;
    }
}
