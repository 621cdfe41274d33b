using Opal.Testing;

namespace Opal.Derivation.Tests;

public sealed class BlobCodecTests
{
    private static DataRule Decode(byte[] blob, out byte[] data)
    {
        BlobCodec.TryDecode(blob, out data, out DataRule rule);
        return rule;
    }

    [Fact]
    [Case("D-BL-02")]
    public void S_BL_07_every_length_round_trips_up_to_the_most_and_not_beyond()
    {
        var random = new Random(13);
        foreach (int length in (int[])[0, 1, 26, 27, 28, 122, 123, 124, 250, 251, 1000, 130_043, 130_044])
        {
            var data = new byte[length];
            random.NextBytes(data);
            Assert.Equal(DataRule.None, Decode(FakeL1.Blob(data), out byte[] again));
            Assert.Equal(data, again);
        }

        Assert.False(BlobCodec.TryEncode(new byte[130_045], new byte[BlobCodec.BlobSize]));
    }

    [Fact]
    [Case("D-BL-01")]
    public void D_BL_01_another_version_is_ignored()
    {
        byte[] blob = FakeL1.Blob([1, 2, 3]);
        blob[1] = 1;
        Assert.Equal(DataRule.BlobUnknownVersion, Decode(blob, out _));
    }

    [Fact]
    [Case("D-BL-02")]
    public void D_BL_02_a_length_beyond_the_most_is_ignored()
    {
        byte[] blob = FakeL1.Blob(new byte[130_044]);
        Assert.Equal(DataRule.None, Decode(blob, out _));
        blob[4]++;
        Assert.Equal(DataRule.BlobLengthTooLarge, Decode(blob, out _));
    }

    [Theory]
    [InlineData(0, DataRule.None)] // V-20
    [InlineData(32, DataRule.BlobHighBits)]
    [InlineData(64, DataRule.BlobHighBits)]
    [InlineData(96, DataRule.BlobHighBits)]
    [InlineData(128, DataRule.BlobTrailingData)]
    [Case("D-BL-03 V-20")]
    public void D_BL_03_high_bits_count_in_every_element_but_the_first(int position, DataRule expected)
    {
        foreach (byte bit in (byte[])[0x80, 0x40])
        {
            byte[] blob = FakeL1.Blob([5, 6, 7]);
            blob[position] |= bit;
            Assert.Equal(expected, Decode(blob, out _));
        }
    }

    [Theory]
    [InlineData(8)] // same element
    [InlineData(33)] // same round
    [InlineData(129)] // next round
    [InlineData(131_071)]
    [Case("D-BL-04")]
    public void D_BL_04_bytes_behind_the_data_must_be_zero(int position)
    {
        byte[] blob = FakeL1.Blob([5, 6, 7]);
        blob[position] = 1;
        Assert.Equal(DataRule.BlobTrailingData, Decode(blob, out _));
    }

    [Fact]
    public void Decoding_is_the_inverse_wherever_it_succeeds()
    {
        var random = new Random(14);
        int accepted = 0;
        for (int round = 0; round < 300; round++)
        {
            var data = new byte[random.Next(600)];
            random.NextBytes(data);
            byte[] blob = FakeL1.Blob(data);
            blob[random.Next(700)] ^= (byte)(1 << random.Next(8));
            if (Decode(blob, out byte[] decoded) != DataRule.None) continue;
            accepted++;
            byte[] again = FakeL1.Blob(decoded);
            blob[0] &= 0x3f;
            Assert.Equal(blob, again);
        }

        Assert.True(accepted > 50);
    }
}
