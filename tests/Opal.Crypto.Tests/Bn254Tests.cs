using System.Numerics;
using Opal.Crypto.Bn254;
using Opal.Primitives;

namespace Opal.Crypto.Tests;

public class Bn254Tests
{
    private static readonly BigInteger P = Number(Fp.Modulus), R = Number(G1.Order);
    private static readonly G1 Generator1 = new(Fp.One, Fp.FromUInt256(2UL), Fp.One);

    // the generator of EIP-197
    private static readonly G2 Generator2 = new(
        new Fp2(Element("10857046999023057135944570762232829481370756359578518086990519993285655852781"), Element("11559732032986387107991004021392285783925812861821192530917403151452391805634")),
        new Fp2(Element("8495653923123431417604973247489272438418190587263600148770280649306958101930"), Element("4082367875863433681332203403145435568316851327593401208105741076214120093531")));

    private static BigInteger Number(UInt256 value) => new(value.ToBigEndianArray(), true, true);

    private static UInt256 Word(BigInteger value) => UInt256.FromBigEndian(value.ToByteArray(true, true));

    private static Fp Element(string number) => Fp.FromUInt256(Word(BigInteger.Parse(number)));

    private static Fp RandomElement(Random random)
    {
        var bytes = new byte[32];
        random.NextBytes(bytes);
        if (random.Next(8) == 0) bytes.AsSpan(0, random.Next(32)).Clear();
        return random.Next(12) switch { 0 => Fp.FromUInt256(Word(P - 1)), 1 => default, _ => Fp.FromUInt256(Word(new BigInteger(bytes, true) % P)) };
    }

    private static Fp2 RandomElement2(Random random) => new(RandomElement(random), RandomElement(random));

    private static Fp6 RandomElement6(Random random) => new(RandomElement2(random), RandomElement2(random), RandomElement2(random));

    private static Fp12 RandomElement12(Random random) => new(RandomElement6(random), RandomElement6(random));

    private static bool Same(Fp12 a, Fp12 b) => (a * b.Inverse()).IsOne;

    [Fact]
    public void The_base_field_agrees_with_big_integers()
    {
        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            Fp a = RandomElement(random), b = RandomElement(random);
            BigInteger x = Number(a.ToUInt256()), y = Number(b.ToUInt256());
            Assert.Equal((x + y) % P, Number((a + b).ToUInt256()));
            Assert.Equal((x - y + P) % P, Number((a - b).ToUInt256()));
            Assert.Equal(x * y % P, Number((a * b).ToUInt256()));
            Assert.Equal((P - x) % P, Number((-a).ToUInt256()));
            Assert.Equal(x, Number(a.Half().Double().ToUInt256()));
            Fp.AddUnreduced(a, b, out Fp sum);
            Fp.AddUnreduced(b, b, out Fp twice);
            Assert.Equal((x + y) * 2 * y % P, Number((sum * twice).ToUInt256()));
            if (i < 100) Assert.Equal(BigInteger.ModPow(x, P - 2, P), Number(a.Inverse().ToUInt256()));
        }
    }

    [Fact]
    public void The_tower_is_a_field_and_the_frobenius_is_the_pth_power()
    {
        var random = new Random(2);
        for (int i = 0; i < 20; i++)
        {
            Fp12 a = RandomElement12(random), b = RandomElement12(random), c = RandomElement12(random);
            Assert.True(Same((a * b) * c, a * (b * c)));
            Assert.True(Same(a.Square(), a * a));
            Assert.True((a * a.Inverse()).IsOne);
            Fp2 l0 = RandomElement2(random), l1 = RandomElement2(random), l3 = RandomElement2(random);
            Fp12 line = a;
            Fp12.MultiplyByLine(ref line, l0, l1, l3);
            Assert.True(Same(line, a * new Fp12(new Fp6(l0, default, default), new Fp6(l1, l3, default))));
            Fp12 cyclotomic = a.Conjugate() * a.Inverse();
            cyclotomic = cyclotomic.Frobenius().Frobenius() * cyclotomic;
            Fp12.CyclotomicSquare(cyclotomic, out Fp12 square);
            Assert.True(Same(square, cyclotomic.Square()));
            Assert.True(Same(cyclotomic.CyclotomicPower(12345), Power(cyclotomic, 12345)));
            Fp12.Multiply(a, b, out Fp12 aliased);
            Fp12 target = a;
            Fp12.Multiply(target, b, out target);
            Assert.True(Same(target, aliased));
            target = b;
            Fp12.Multiply(a, target, out target);
            Assert.True(Same(target, aliased));
            if (i < 3) Assert.True(Same(a.Frobenius(), Power(a, P)));
            Assert.True(Same(a.Conjugate(), a.Frobenius().Frobenius().Frobenius().Frobenius().Frobenius().Frobenius()));
            Fp2 s = RandomElement2(random);
            Assert.True(s.Square().Equals(s * s));
            Assert.True(s.MultiplyByXi().Equals(s * Fp2.Xi));
            Assert.True(s.IsZero || (s * s.Inverse()).Equals(Fp2.One));
        }
    }

    private static Fp12 Power(Fp12 a, BigInteger exponent)
    {
        Fp12 result = Fp12.One;
        for (long i = (long)exponent.GetBitLength() - 1; i >= 0; i--)
        {
            result = result.Square();
            if (!(exponent >> (int)i).IsEven) result *= a;
        }

        return result;
    }

    [Fact]
    public void The_final_power_is_that_of_the_definition()
    {
        Fp12 a = RandomElement12(new Random(3));
        Fp12 exact = Power(a, (BigInteger.Pow(P, 12) - 1) / R);
        Assert.True(Same(exact, Pairing.FinalPower(a)));
        Assert.True(Power(exact, R).IsOne);
    }

    [Fact]
    public void Multiplication_agrees_with_repeated_addition_and_the_order()
    {
        G1 sum = default;
        for (int k = 0; k < 40; k++)
        {
            AssertSame(sum, Generator1.Multiply((ulong)k));
            AssertSame(sum + sum, sum.Double());
            sum += Generator1;
        }

        Assert.True(Generator1.Multiply(G1.Order).IsInfinity);
        AssertSame(Generator1, Generator1.Multiply(G1.Order + UInt256.One));
        AssertSame(Generator1.Multiply(Word(R - 1)), new G1(Generator1.X, -Generator1.Y, Fp.One));
        Assert.True((Generator1 + new G1(Generator1.X, -Generator1.Y, Fp.One)).IsInfinity);
    }

    [Fact]
    public void Multiplication_by_the_endomorphism_agrees_with_the_plain_one()
    {
        var random = new Random(9);
        var bytes = new byte[32];
        BigInteger lambda = BigInteger.Parse("30644e72e131a029048b6e193fd84104cc37a73fec2bc5e9b8ca0b2d36636f23", System.Globalization.NumberStyles.HexNumber);
        var scalars = new List<UInt256> { 0ul, 1ul, 2ul, 15ul, 16ul, 17ul, UInt256.MaxValue, G1.Order, G1.Order - 1ul, G1.Order + 1ul, Word(lambda), Word(R - lambda), Word(lambda + 1), UInt256.One << 128, UInt256.One << 253 };
        for (int i = 0; i < 300; i++)
        {
            random.NextBytes(bytes);
            scalars.Add(UInt256.FromBigEndian(bytes) >> random.Next(200));
        }

        foreach (UInt256 scalar in scalars)
        {
            G1 point = Generator1.MultiplyPlainly((ulong)random.Next(1, 1000));
            AssertSame(point.MultiplyPlainly(scalar), point.Multiply(scalar));
            UInt256 k = scalar % G1.Order;
            G1.Split(k, out UInt256 k1, out bool negative1, out UInt256 k2, out bool negative2);
            Assert.True(k1.BitLength <= 130 && k2.BitLength <= 130);
            BigInteger sum = ((negative1 ? -1 : 1) * Big(k1)) + ((negative2 ? -1 : 1) * Big(k2) * lambda) - Big(k);
            Assert.True((sum % R).IsZero);
        }

        Assert.True(default(G1).Multiply(5ul).IsInfinity);
    }

    private static BigInteger Big(in UInt256 value) => new(value.ToBigEndianArray(), isUnsigned: true, isBigEndian: true);

    private static void AssertSame(G1 a, G1 b)
    {
        a.ToAffine(out Fp ax, out Fp ay);
        b.ToAffine(out Fp bx, out Fp by);
        Assert.True(ax.Equals(bx) && ay.Equals(by));
    }

    private static Fp12 Pair(G1 p, G2 q)
    {
        p.ToAffine(out Fp x, out Fp y);
        return Pairing.FinalPower(Pairing.MillerLoop([new Pairing.Track(x, y, q)]));
    }

    [Fact]
    public void The_pairing_is_bilinear_and_not_degenerate()
    {
        Fp12 e = Pair(Generator1, Generator2);
        Assert.False(e.IsOne);
        Assert.True(Power(e, R).IsOne);
        Assert.True(Same(Pair(Generator1.Multiply(12345UL), Generator2), Power(e, 12345)));
        Assert.True(Same(Pair(Generator1, Generator2.Frobenius()), Power(e, P % R)));
        Assert.True(Same(Pair(Generator1, -Generator2), e.Conjugate()));
    }

    [Fact]
    public void Points_of_the_twist_outside_the_subgroup_are_refused()
    {
        Assert.True(Generator2.IsOnCurve && Generator2.IsInSubgroup());
        int found = 0;
        for (ulong i = 1; found < 3 && i < 200; i++)
        {
            var x = new Fp2(Fp.FromUInt256(i), Fp.One);
            Fp2 square = (x.Square() * x) + G2.B;
            if (!TrySquareRoot(square, out Fp2 y)) continue;
            var point = new G2(x, y);
            Assert.True(point.IsOnCurve);
            Assert.False(point.IsInSubgroup());
            found++;

            var input = new byte[192];
            Generator1.X.Write(input);
            Generator1.Y.Write(input.AsSpan(32));
            x.C1.Write(input.AsSpan(64));
            x.C0.Write(input.AsSpan(96));
            y.C1.Write(input.AsSpan(128));
            y.C0.Write(input.AsSpan(160));
            Assert.False(NativeCrypto.Instance.TryBn254Pairing(input, out _));
        }

        Assert.Equal(3, found);
    }

    /// <summary>p ≡ 3 mod 4: the complex method.</summary>
    private static bool TrySquareRoot(Fp2 a, out Fp2 root)
    {
        Fp norm = (a.C0.Square() + a.C1.Square()).Power(Word((P + 1) / 4));
        foreach (Fp sign in new[] { norm, -norm })
        {
            Fp real = (a.C0 + sign).Half().Power(Word((P + 1) / 4));
            if (real.IsZero) continue;
            root = new Fp2(real, a.C1 * real.Double().Inverse());
            if (root.Square().Equals(a)) return true;
        }

        root = default;
        return false;
    }

    [Fact]
    public void Invalid_encodings_are_refused()
    {
        ICrypto crypto = NativeCrypto.Instance;
        Span<byte> output = new byte[64];
        byte[] offCurve = new byte[128];
        offCurve[31] = 1;
        offCurve[63] = 1;
        Assert.False(crypto.TryBn254Add(offCurve, output));
        byte[] tooLarge = new byte[96];
        Fp.Modulus.WriteBigEndian(tooLarge);
        Assert.False(crypto.TryBn254Mul(tooLarge, output));
        Assert.False(crypto.TryBn254Pairing(new byte[191], out _));
        Assert.True(crypto.TryBn254Pairing([], out bool one) && one);
        Assert.True(crypto.TryBn254Pairing(new byte[192 * 3], out one) && one);
    }
}
