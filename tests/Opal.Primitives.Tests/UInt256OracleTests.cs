using System.Numerics;
using Opal.Primitives;

namespace Opal.Primitives.Tests;

/// <summary>Every operation against System.Numerics.BigInteger, over limbs that provoke carries: 0, all ones, random, one bit.</summary>
public class UInt256OracleTests
{
    private const int Cases = 1_000_000;
    private static readonly BigInteger Modulus = BigInteger.One << 256;
    private static readonly BigInteger Half = BigInteger.One << 255;

    private static ulong Limb(Random random) => random.Next(4) switch
    {
        0 => 0,
        1 => ulong.MaxValue,
        2 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        _ => 1UL << random.Next(64),
    };

    private static UInt256 Word(Random random) => random.Next(8) switch
    {
        0 => new UInt256(Limb(random)),
        1 => new UInt256(Limb(random), Limb(random)),
        2 => new UInt256(Limb(random), Limb(random), Limb(random)),
        3 => new UInt256((ulong)random.Next(300)),
        _ => new UInt256(Limb(random), Limb(random), Limb(random), Limb(random)),
    };

    private static BigInteger Big(in UInt256 x) => ((((((BigInteger)x.U3 << 64) | x.U2) << 64) | x.U1) << 64) | x.U0;

    private static BigInteger Signed(in UInt256 x) => Big(x) >= Half ? Big(x) - Modulus : Big(x);

    private static UInt256 Word(BigInteger x)
    {
        x %= Modulus;
        if (x.Sign < 0) x += Modulus;
        ulong At(int limb) => (ulong)((x >> (64 * limb)) & ulong.MaxValue);
        return new UInt256(At(0), At(1), At(2), At(3));
    }

    private static void Same(BigInteger expected, in UInt256 actual, string operation, params UInt256[] operands)
    {
        if (Word(expected) != actual) Assert.Fail($"{operation}({string.Join(", ", operands.Select(o => o.ToQuantity()))}) = {actual.ToQuantity()}, expected {Word(expected).ToQuantity()}");
    }

    [Fact]
    public void Sums_differences_products_and_comparisons_are_right()
    {
        var random = new Random(1);
        for (int i = 0; i < Cases; i++)
        {
            UInt256 a = Word(random), b = Word(random);
            BigInteger x = Big(a), y = Big(b);
            Same(x + y, a + b, "add", a, b);
            Same(x - y, a - b, "sub", a, b);
            Same(x * y, a * b, "mul", a, b);
            Assert.Equal(x < y, a < b);
            Assert.Equal(x < y, UInt256.Less(a, b));
            Assert.Equal(Signed(a) < Signed(b), UInt256.SignedLess(a, b));
            Assert.Equal(x == y, a == b);
            Assert.Equal(Math.Sign(x.CompareTo(y)), a.CompareTo(b));
            Assert.Equal(x + y < Modulus, UInt256.TryAdd(a, b, out _));
            Assert.Equal(x >= y, UInt256.TrySubtract(a, b, out _));
            Assert.Equal(x * y < Modulus, UInt256.TryMultiply(a, b, out _));
        }
    }

    [Fact]
    public void Quotients_and_remainders_are_right()
    {
        var random = new Random(2);
        for (int i = 0; i < Cases; i++)
        {
            UInt256 a = Word(random), b = Word(random);
            UInt256.DivRem(a, b, out UInt256 q, out UInt256 m);
            UInt256.SignedDivide(a, b, out UInt256 sq);
            UInt256.SignedModulo(a, b, out UInt256 sm);
            bool zero = b.IsZero;
            Same(zero ? 0 : Big(a) / Big(b), q, "div", a, b);
            Same(zero ? 0 : Big(a) % Big(b), m, "mod", a, b);
            Same(zero ? 0 : BigInteger.Divide(Signed(a), Signed(b)), sq, "sdiv", a, b);
            Same(zero ? 0 : BigInteger.Remainder(Signed(a), Signed(b)), sm, "smod", a, b);
        }
    }

    [Fact]
    public void Modular_sums_and_products_are_right()
    {
        var random = new Random(3);
        for (int i = 0; i < Cases; i++)
        {
            UInt256 a = Word(random), b = Word(random), m = Word(random);
            UInt256.AddModulo(a, b, m, out UInt256 sum);
            UInt256.MultiplyModulo(a, b, m, out UInt256 product);
            Same(m.IsZero ? 0 : (Big(a) + Big(b)) % Big(m), sum, "addmod", a, b, m);
            Same(m.IsZero ? 0 : Big(a) * Big(b) % Big(m), product, "mulmod", a, b, m);
        }
    }

    [Fact]
    public void Shifts_and_bits_are_right()
    {
        var random = new Random(4);
        for (int i = 0; i < Cases / 4; i++)
        {
            UInt256 a = Word(random), b = Word(random);
            int n = random.Next(256);
            UInt256.ShiftRightSigned(a, n, out UInt256 signed);
            Same(Big(a) << n, a << n, "shl", a, (ulong)n);
            Same(Big(a) >> n, a >> n, "shr", a, (ulong)n);
            Same(Signed(a) >> n, signed, "sar", a, (ulong)n);
            Same(Big(a) & Big(b), a & b, "and", a, b);
            Same(Big(a) | Big(b), a | b, "or", a, b);
            Same(Big(a) ^ Big(b), a ^ b, "xor", a, b);
            Same(Modulus - 1 - Big(a), ~a, "not", a);
            Assert.Equal((int)Big(a).GetBitLength(), a.BitLength);
            Assert.Equal(!(Big(a) >> n).IsEven, a.BitAt(n));
            Assert.Equal((byte)((Big(a) >> (8 * (31 - (n & 31)))) & 0xff), a.ByteAt(n & 31));
        }
    }

    [Fact]
    public void Powers_are_right()
    {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            UInt256 a = Word(random), e = Word(random);
            UInt256.Exponentiate(a, e, out UInt256 power);
            Same(BigInteger.ModPow(Big(a), Big(e), Modulus), power, "exp", a, e);
        }
    }

    [Fact]
    public void Results_may_take_the_place_of_any_operand()
    {
        var random = new Random(6);
        for (int i = 0; i < 100_000; i++)
        {
            UInt256 a = Word(random), b = Word(random), m = Word(random);
            Check(a, b, m);
        }

        static void Check(UInt256 a, UInt256 b, UInt256 m)
        {
            UInt256 x = a, y = b, z = m;
            UInt256.Add(x, y, out x);
            Assert.Equal(a + b, x);
            UInt256.Subtract(a, y, out y);
            Assert.Equal(a - b, y);
            (x, y) = (a, b);
            UInt256.Multiply(x, y, out y);
            Assert.Equal(a * b, y);
            UInt256.Multiply(x, x, out x);
            Assert.Equal(a * a, x);
            (x, y) = (a, b);
            UInt256.Divide(x, y, out y);
            Assert.Equal(a / b, y);
            (x, y) = (a, b);
            UInt256.Modulo(x, y, out x);
            Assert.Equal(a % b, x);
            (x, y) = (a, b);
            UInt256.AddModulo(x, y, z, out z);
            UInt256.AddModulo(a, b, m, out UInt256 sum);
            Assert.Equal(sum, z);
            z = m;
            UInt256.MultiplyModulo(x, y, z, out z);
            UInt256.MultiplyModulo(a, b, m, out UInt256 product);
            Assert.Equal(product, z);
            UInt256.Exponentiate(a, b, out UInt256 power);
            UInt256.Exponentiate(x, y, out y);
            Assert.Equal(power, y);
            UInt256.ShiftLeft(x, 77, out x);
            Assert.Equal(a << 77, x);
        }
    }

    [Fact]
    public void The_plain_division_equals_the_hardware_s()
    {
        var random = new Random(7);
        for (int i = 0; i < Cases; i++)
        {
            ulong divisor = Limb(random) | 1, high = Limb(random) % divisor, low = Limb(random);
            ulong q = UInt256.Divide128Plain(high, low, divisor, out ulong remainder);
            BigInteger n = ((BigInteger)high << 64) | low;
            Assert.Equal((ulong)(n / divisor), q);
            Assert.Equal((ulong)(n % divisor), remainder);
        }
    }

    [Fact]
    public void Text_and_bytes_come_back()
    {
        var random = new Random(8);
        for (int i = 0; i < 100_000; i++)
        {
            UInt256 a = Word(random);
            Assert.Equal(Big(a).ToString(System.Globalization.CultureInfo.InvariantCulture), a.ToString());
            Assert.True(UInt256.TryParse(a.ToString(), out UInt256 back));
            Assert.Equal(a, back);
            Assert.True(UInt256.TryParse(a.ToQuantity(), out back));
            Assert.Equal(a, back);
            Assert.Equal(a, UInt256.FromBigEndian(a.ToBigEndianArray()));
            var minimal = new byte[32];
            int length = a.WriteMinimalBigEndian(minimal);
            Assert.True(length == 0 || minimal[0] != 0);
            Assert.Equal(a, UInt256.FromBigEndian(minimal.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("-1")]
    [InlineData("1_0")]
    [InlineData("0xg")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639936")]
    [InlineData("0x10000000000000000000000000000000000000000000000000000000000000000")]
    public void Text_that_is_no_word_is_refused(string text) => Assert.False(UInt256.TryParse(text, out _));
}
