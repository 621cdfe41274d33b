using Opal.Primitives;

namespace Opal.Primitives.Tests;

public class AddressAndHashTests
{
    [Theory] // the examples of EIP-55
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB")]
    [InlineData("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")]
    public void Checksums_follow_eip_55(string text) => Assert.Equal(text, Address.Parse(text).ToChecksumString());

    [Fact]
    public void Addresses_survive_words_bytes_and_text()
    {
        var random = new Random(31);
        for (int i = 0; i < 10_000; i++)
        {
            var bytes = new byte[20];
            random.NextBytes(bytes);
            var address = new Address(bytes);
            Assert.Equal(bytes, address.ToArray());
            Assert.Equal(address, Address.FromUInt256(address.ToUInt256()));
            Assert.Equal(address, Address.Parse(address.ToString()));
            Assert.Equal(address.ToUInt256(), UInt256.FromBigEndian(bytes));
        }
    }

    [Fact]
    public void Hashes_survive_words_bytes_and_text_and_order_as_bytes()
    {
        var random = new Random(32);
        var last = new byte[32];
        for (int i = 0; i < 10_000; i++)
        {
            var bytes = new byte[32];
            random.NextBytes(bytes);
            var hash = new Hash256(bytes);
            Assert.Equal(bytes, hash.ToArray());
            Assert.Equal(hash, Hash256.FromUInt256(hash.ToUInt256()));
            Assert.Equal(hash, Hash256.Parse(hash.ToString()));
            Assert.Equal(Math.Sign(bytes.AsSpan().SequenceCompareTo(last)), Math.Sign(hash.CompareTo(new Hash256(last))));
            last = bytes;
        }
    }

    [Theory]
    [InlineData("0x1")]
    [InlineData("0xzz")]
    [InlineData("12345")]
    public void Odd_or_foreign_hexadecimal_is_refused(string text) => Assert.False(Hex.TryDecode(text, out _));
}
