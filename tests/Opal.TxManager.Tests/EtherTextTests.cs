using System.Globalization;
using System.Numerics;
using Opal.Primitives;

namespace Opal.TxManager.Tests;

public class EtherTextTests
{
    private static UInt256 Wei(string digits)
    {
        Assert.True(UInt256.TryParse(digits, out UInt256 wei));
        return wei;
    }

    [Theory]
    [InlineData("0", "0", "0")]
    [InlineData("1", "0.000000000000000001", "0.000000001")]
    [InlineData("999999999999999999", "1", "1000000000")]
    [InlineData("1234567890123456789", "1.234568", "1234567890.123")]
    [InlineData("123456789012", "0.000000123", "123.457")]
    [InlineData("12340000000000", "0.0000123", "12340")]
    [InlineData("500", "0.0000000000000005", "0.0000005")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639935", "115792089237316195423570985008687907853269984665640564039457.584008", "115792089237316195423570985008687907853269984665640564039457584007913.13")]
    public void Costs_are_rounded_once(string wei, string ether, string gwei) => Assert.Equal((ether, gwei), (EtherText.Of(Wei(wei)), EtherText.Gwei(Wei(wei))));

    [Theory]
    [InlineData("0", "0.0000", "0.000")]
    [InlineData("99999999999999", "0.0000", "99999.999")]
    [InlineData("9999999899999999999999", "9999.9998", "9999999899999.999")]
    [InlineData("123456789", "0.0000", "0.123")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639935", "115792089237316195423570985008687907853269984665640564039457.5840", "115792089237316195423570985008687907853269984665640564039457584007913.129")]
    public void Balances_are_cut_and_never_look_larger(string wei, string ether, string gwei) => Assert.Equal((ether, gwei), (EtherText.Cut(Wei(wei), 4), EtherText.CutGwei(Wei(wei), 3)));

    [Fact]
    public void Text_is_within_half_of_its_last_place_of_the_amount()
    {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            var amount = new BigInteger(random.NextDouble() * Math.Pow(10, random.Next(1, 27)));
            string text = EtherText.Of(Wei(amount.ToString(CultureInfo.InvariantCulture)));
            string[] parts = text.Split('.');
            int places = parts.Length == 2 ? parts[1].Length : 0;
            Assert.True(places <= 6 || parts[0] == "0", text);
            BigInteger read = BigInteger.Parse(string.Concat(parts), CultureInfo.InvariantCulture) * BigInteger.Pow(10, 18 - places);
            BigInteger allowed = amount < 100_000_000_000_000 ? amount / 200 : 500_000_000_000; // three digits that count, or six places
            Assert.True(BigInteger.Abs(read - amount) <= allowed, $"{amount} as {text}");
        }
    }
}
