using System.Text;

namespace Opal.Storage.Tests;

/// <summary>Checksums and fingerprints against published values.</summary>
public class HashingTests
{
    [Fact]
    public void Crc32c_gives_the_values_of_RFC_3720()
    {
        Assert.Equal(0x8a9136aau, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62a8ab43u, Crc32C.Compute(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46dd794eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0xe3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")));
    }

    [Fact]
    public void Crc32c_by_instruction_and_by_table_agree()
    {
        var random = new Random(1);
        for (int length = 0; length < 300; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            Assert.Equal(Crc32C.ComputeByTable(bytes), Crc32C.Compute(bytes));
        }
    }

    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31), InlineData(1, 0x74f839c593dc67fd), InlineData(8, 0x93f5f5799a932462), InlineData(15, 0xa129ca6149be45e5)]
    public void SipHash_gives_its_authors_values(int length, ulong expected)
    {
        byte[] key = [.. Enumerable.Range(0, 16).Select(i => (byte)i)], input = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Assert.Equal(expected, new SipHash(key).Hash(input));
    }
}
