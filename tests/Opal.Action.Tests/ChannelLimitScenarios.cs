using System.IO.Compression;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Channels at the bounds of what nodes hold: a bank that is full, a staging channel that is too large, a little data that unpacks to a lot.</summary>
public sealed class ChannelLimitScenarios
{
    private const int MaxFrame = 1_000_000;
    private static readonly byte[] s_filler = new byte[MaxFrame];

    private static ChannelId Id(byte mark) => new((byte[])[mark, .. new byte[15]]);

    /// <summary>The largest frames with nothing in them, a channel's numbers from one to another.</summary>
    private static L1Item[] Filler(ActorNet net, ChannelId id, int first, int last) =>
        [.. Enumerable.Range(first, last - first + 1).Select(number => net.Batcher.PostFrames(new Frame(id, (ushort)number, s_filler, false)))];

    [Fact]
    [Case("S-DE-10")]
    public async Task A_full_bank_loses_its_oldest_channels_and_reads_the_newest()
    {
        // before Fjord the bank holds 100,000,000 bytes
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Ecotone);
        List<Block> blocks = await net.SequenceAsync(2);
        byte[] channel = BatchWriter.Channel(BatchWriter.Singular(blocks));
        Frame[] oldest = BatchWriter.Cut(channel, 2, Id(1)), newest = BatchWriter.Cut(channel, 2, Id(2));
        await net.DeriveAsync([net.Batcher.PostFrames(oldest[0]), .. Filler(net, Id(3), 0, 98)]);
        await net.DeriveAsync([net.Batcher.PostFrames(newest[0]), .. Filler(net, Id(3), 99, 99)]);
        await net.DeriveAsync(net.Batcher.PostFrames(oldest[1]));
        await net.AssertSafeAsync(0);
        await net.DeriveAsync(net.Batcher.PostFrames(newest[1]));
        await net.AssertSafeAsync(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case("S-DE-10")]
    public async Task A_closing_frame_that_removes_others_makes_its_channel_count_for_little(bool closes)
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Ecotone);
        List<Block> blocks = await net.SequenceAsync(2);
        Frame[] oldest = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks)), 2, Id(1));
        // 1 to 40 are held, 0 is not there; closing at 39 removes 40, and with it all held frames from the channel's size
        await net.DeriveAsync([net.Batcher.PostFrames(oldest[0]), .. Filler(net, Id(2), 1, 38), .. Filler(net, Id(2), 40, 40)]);
        if (closes) await net.DeriveAsync(net.Batcher.PostFrames(new Frame(Id(2), 39, new byte[10], true)));
        await net.DeriveAsync(Filler(net, Id(3), 1, 63)); // with 38 of the others it is over the limit
        await net.DeriveAsync(net.Batcher.PostFrames(oldest[1]));
        await net.AssertSafeAsync(closes ? 2ul : 0ul);
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    [Case("S-HO-16")]
    public async Task A_staging_channel_that_is_too_large_makes_room_for_the_next(int last, bool tooLarge)
    {
        // 100,000,000 bytes with 200 a frame: 99 frames fit, a hundred do not
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Karst);
        List<Block> blocks = await net.SequenceAsync(4);
        byte[] first = BatchWriter.Channel(BatchWriter.Singular(blocks[..2]));
        byte[] begin = [.. first, .. new byte[MaxFrame - first.Length]]; // bytes behind the stream are ignored
        await net.DeriveAsync(
        [
            net.Batcher.PostFrames(new Frame(Id(1), 0, begin, false)), .. Filler(net, Id(1), 1, last - 2), net.Batcher.PostFrames(new Frame(Id(1), (ushort)(last - 1), s_filler, true)),
        ]);
        await net.AssertSafeAsync(tooLarge ? 0ul : 2ul);
        await net.DeriveAsync(net.Batcher.Submit(blocks));
        await net.AssertSafeAsync(4);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-DE-11")]
    public async Task Of_a_bomb_the_batches_before_the_limit_stand(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(4);
        byte[] bomb = Bomb(BatchWriter.Stream(BatchWriter.Singular(blocks[..2])), 300_000_000);
        Assert.InRange(bomb.Length, 1, MaxFrame);
        await net.DeriveAsync(net.Batcher.PostFrames(BatchWriter.Cut(bomb, 1)));
        await net.AssertSafeAsync(2);
        await net.DeriveAsync(net.Batcher.Submit(blocks[2..]));
        await net.AssertSafeAsync(4);
    }

    /// <summary>Batches, and behind them one string of zeros.</summary>
    private static byte[] Bomb(byte[] batches, int zeros)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal))
        {
            zlib.Write(batches);
            zlib.Write([0xbb, (byte)(zeros >> 24), (byte)(zeros >> 16), (byte)(zeros >> 8), (byte)zeros]);
            for (int i = 0; i < zeros / MaxFrame; i++) zlib.Write(s_filler);
        }

        return packed.ToArray();
    }
}
