using Opal.Primitives;

namespace Opal.Evm.Tests;

public sealed unsafe class KeccakCacheTests
{
    /// <summary>Many more inputs than places, so that they take each other's; every one is asked for twice, and the first ones again at the end.</summary>
    [Fact]
    public void Every_digest_is_that_of_its_input()
    {
        var cache = new KeccakCache();
        var random = new Random(64);
        var inputs = new List<byte[]> { new byte[64] };
        for (int i = 0; i < 5000; i++)
        {
            var input = new byte[64];
            if (i % 2 == 0) random.NextBytes(input);
            else random.NextBytes(input.AsSpan(12, 20)); // an address and a small slot
            input[63] = (byte)i;
            inputs.Add(input);
        }

        foreach (byte[] input in inputs.Concat(inputs.Take(1000)))
        {
            UInt256 expected = Keccak256.Hash(input).ToUInt256();
            Assert.Equal(expected, Ask(cache, input));
            Assert.Equal(expected, Ask(cache, input));
        }
    }

    [Fact]
    public void An_input_of_zeros_has_its_digest_from_the_start()
    {
        Assert.Equal(Keccak256.Hash(new byte[64]).ToUInt256(), Ask(new KeccakCache(), new byte[64]));
    }

    private static UInt256 Ask(KeccakCache cache, byte[] input)
    {
        UInt256 digest;
        fixed (byte* at = input) cache.Hash(at, &digest);
        return digest;
    }
}
