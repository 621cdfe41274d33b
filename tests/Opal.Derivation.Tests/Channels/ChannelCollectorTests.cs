using Opal.Protocol;

namespace Opal.Derivation.Tests;

public sealed class ChannelCollectorTests
{
    private const ulong HoloceneTime = 1000;

    private static readonly ChannelId s_id = new(Enumerable.Repeat((byte)7, ChannelId.Size).ToArray());

    private readonly RecordingObserver _observer = new();
    private readonly ChannelCollector _collector;

    public ChannelCollectorTests() => _collector = new ChannelCollector(
        new RollupConfig { ChannelTimeoutBlocks = 300, ChannelTimeoutGraniteBlocks = 50, Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Granite) with { Holocene = HoloceneTime } },
        _observer);

    private static L1BlockRef Block(ulong number, ulong time) => new(default, number, default, time);

    private static byte[] Data(ushort number, bool isLast) => FrameCodec.Encode([new Frame(s_id, number, new byte[] { (byte)number }, isLast)]);

    [Fact]
    public void Before_Holocene_frames_come_in_any_order()
    {
        _collector.Enter(Block(1, 10));
        _collector.Add(Data(1, isLast: true));
        Assert.False(_collector.TryTake(out _));
        _collector.Add(Data(0, isLast: false));
        Assert.True(_collector.TryTake(out RawChannel channel));
        Assert.Equal(s_id, channel.Id);
        Assert.Equal([0, 1], channel.Data.ToArray());
        Assert.Equal([0, 1], channel.Frames.Select(static frame => (int)frame.Number));
        Assert.False(_collector.TryTake(out _));
    }

    [Fact]
    public void From_Holocene_on_they_come_in_order_alone()
    {
        _collector.Enter(Block(1, HoloceneTime));
        _collector.Add(Data(1, isLast: true));
        _collector.Add(Data(0, isLast: false));
        Assert.Equal([FrameRule.NoChannel], _observer.Frames);
        _collector.Add(Data(1, isLast: true));
        Assert.True(_collector.TryTake(out _));
    }

    [Fact]
    public void An_open_channel_is_dropped_where_Holocene_begins_and_where_its_time_is_up()
    {
        _collector.Enter(Block(1, 10));
        _collector.Add(Data(0, isLast: false));
        _collector.Enter(Block(2, HoloceneTime));
        Assert.Equal([ChannelRule.StagesExchanged], _observer.Channels);
        _collector.Add(Data(0, isLast: false));
        _collector.Enter(Block(52, HoloceneTime + 600));
        Assert.Single(_observer.Channels);
        _collector.Enter(Block(53, HoloceneTime + 612));
        Assert.Equal([ChannelRule.StagesExchanged, ChannelRule.TimedOut], _observer.Channels);
    }

    [Fact]
    public void Data_that_are_no_frames_are_told_to_the_observer()
    {
        _collector.Enter(Block(1, 10));
        _collector.Add(new byte[] { 1 });
        _collector.Add(Data(0, isLast: true));
        Assert.Equal([DataRule.UnknownVersion], _observer.Data);
        Assert.True(_collector.TryTake(out _));
    }
}
