using Opal.Primitives;

namespace Opal.Crypto.Tests;

public class HashTests
{
    [Theory]
    [InlineData("", "9c1185a5c5e9fc54612808977ee8f548b2258d31")]
    [InlineData("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc")]
    [InlineData("message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36")]
    public void Ripemd160_is_that_of_its_paper(string text, string expected)
    {
        var digest = new byte[20];
        NativeCrypto.Instance.Ripemd160(System.Text.Encoding.ASCII.GetBytes(text), digest);
        Assert.Equal("0x" + expected, Hex.Encode(digest));
    }

    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Sha256_is_that_of_fips_180(string text, string expected)
    {
        var digest = new byte[32];
        NativeCrypto.Instance.Sha256(System.Text.Encoding.ASCII.GetBytes(text), digest);
        Assert.Equal("0x" + expected, Hex.Encode(digest));
    }

    [Fact]
    public void Modexp_agrees_with_the_platform_and_is_total()
    {
        var random = new Random(3);
        for (int i = 0; i < 500; i++)
        {
            byte[] b = Bytes(random.Next(0, 40)), e = Bytes(random.Next(0, 6)), m = Bytes(random.Next(0, 40));
            if (random.Next(10) == 0) m.AsSpan().Clear();
            if (random.Next(10) == 0 && m.Length > 0)
            {
                m.AsSpan().Clear();
                m[^1] = 1;
            }

            var result = new byte[m.Length];
            NativeCrypto.Instance.ModExp(b, e, m, result);
            System.Numerics.BigInteger B(byte[] x) => new(x, true, true);
            System.Numerics.BigInteger expected = B(m).IsZero ? 0 : System.Numerics.BigInteger.ModPow(B(b), B(e), B(m));
            Assert.Equal(expected, B(result));
        }

        byte[] Bytes(int length)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            return bytes;
        }
    }
}
