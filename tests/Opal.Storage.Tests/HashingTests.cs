namespace Opal.Storage.Tests;

/// <summary>Checksums and fingerprints against published values.</summary>
public class HashingTests
{
    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31), InlineData(1, 0x74f839c593dc67fd), InlineData(8, 0x93f5f5799a932462), InlineData(15, 0xa129ca6149be45e5)]
    public void SipHash_gives_its_authors_values(int length, ulong expected)
    {
        byte[] key = [.. Enumerable.Range(0, 16).Select(i => (byte)i)], input = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Assert.Equal(expected, new SipHash(key).Hash(input));
    }
}
