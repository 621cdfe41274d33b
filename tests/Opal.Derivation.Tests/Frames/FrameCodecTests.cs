using Opal.Primitives;
using Opal.Testing;

namespace Opal.Derivation.Tests;

public sealed class FrameCodecTests
{
    private static readonly ChannelId Id = new(Hex.Decode("0x000102030405060708090a0b0c0d0e0f"));

    private static DataRule Parse(byte[] data, out List<Frame> frames)
    {
        frames = [];
        FrameCodec.TryParseAll(data, frames, out DataRule rule);
        return rule;
    }

    private static byte[] One(int length = 3, bool last = true, ushort number = 0) => FrameCodec.Encode([new Frame(Id, number, new byte[length], last)]);

    [Fact]
    [Case("D-FR-01")]
    public void D_FR_01_nothing_another_version_and_no_frames_are_rejected()
    {
        Assert.Equal(DataRule.Empty, Parse([], out _));
        Assert.Equal(DataRule.UnknownVersion, Parse([1, .. One()[1..]], out _));
        Assert.Equal(DataRule.NoFrames, Parse([0], out _));
    }

    [Fact]
    [Case("D-FR-02")]
    public void D_FR_02_any_cut_rejects_the_whole_item()
    {
        byte[] two = FrameCodec.Encode([new Frame(Id, 0, new byte[5], false), new Frame(Id, 1, new byte[7], true)]);
        int whole = 1 + Frame.Overhead + 5;
        for (int length = 2; length < two.Length; length++)
        {
            DataRule rule = Parse(two[..length], out List<Frame> frames);
            Assert.Equal(length == whole ? DataRule.None : DataRule.TruncatedFrame, rule);
            Assert.Equal(length == whole ? 1 : 0, frames.Count);
        }

        Assert.Equal(DataRule.TruncatedFrame, Parse([.. two, 0], out List<Frame> none));
        Assert.Empty(none);
    }

    [Theory]
    [InlineData(1_000_000, DataRule.None)]
    [InlineData(1_000_001, DataRule.FrameTooLong)]
    [Case("D-FR-03")]
    public void D_FR_03_data_length_is_capped(int length, DataRule expected)
    {
        byte[] data = [.. One(1_000_000)[..^1], .. new byte[length - 1_000_000], 1];
        data[19] = (byte)(length >> 24);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(19), (uint)length);
        Assert.Equal(expected, Parse(data, out _));
    }

    [Fact]
    [Case("D-FR-04 V-22")]
    public void D_FR_04_V_22_is_last_is_0_or_1()
    {
        byte[] data = FrameCodec.Encode([new Frame(Id, 0, new byte[5], false), new Frame(Id, 1, new byte[7], true)]);
        for (int value = 0; value < 256; value++)
        {
            data[^1] = (byte)value;
            Assert.Equal(value < 2 ? DataRule.None : DataRule.InvalidIsLast, Parse(data, out List<Frame> frames));
            Assert.Equal(value < 2 ? 2 : 0, frames.Count);
        }
    }

    [Fact]
    [Case("D-FR-05")]
    public void D_FR_05_empty_data_and_the_highest_number_are_valid()
    {
        Assert.Equal(DataRule.None, Parse(One(0), out _));
        Assert.Equal(DataRule.None, Parse(One(0, last: false), out _));
        Assert.Equal(DataRule.None, Parse(One(1, number: ushort.MaxValue), out List<Frame> frames));
        Assert.Equal(ushort.MaxValue, frames[0].Number);
    }

    [Fact]
    public void Random_frames_round_trip_and_random_bytes_do_not_break_the_parser()
    {
        var random = new Random(11);
        for (int round = 0; round < 2000; round++)
        {
            var frames = new List<Frame>();
            for (int i = random.Next(1, 5); i > 0; i--)
            {
                var data = new byte[random.Next(100)];
                random.NextBytes(data);
                var id = new byte[16];
                random.NextBytes(id);
                frames.Add(new Frame(new ChannelId(id), (ushort)random.Next(65536), data, random.Next(2) == 0));
            }

            byte[] encoded = FrameCodec.Encode(frames);
            Assert.Equal(DataRule.None, Parse(encoded, out List<Frame> decoded));
            Assert.Equal(encoded, FrameCodec.Encode(decoded));
            encoded[random.Next(encoded.Length)] ^= (byte)(1 << random.Next(8));
            DataRule rule = Parse(encoded, out decoded);
            if (rule == DataRule.None) Assert.Equal(encoded, FrameCodec.Encode(decoded));
            else Assert.Empty(decoded);
        }
    }
}
