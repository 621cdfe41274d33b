using Opal.Batcher.Tests.Journal;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Repair;

/// <summary>A safe head that moves, forwards and back, over channels.</summary>
public sealed class SafeHeadTests
{
    private static readonly BatcherOptions Options = new() { BatchInbox = Address.FromNumber(0xff) };

    private static BlockId Id(ulong number) => new(Hash256.FromUInt256(number), number);

    private static ChannelManager Of(params ClosedChannel[] channels)
    {
        var manager = new ChannelManager(Options, new ChannelCodec(World.Rollup, Options));
        manager.Restore(channels, 0);
        return manager;
    }

    private static ClosedChannel Confirmed(byte id, ulong first, int blocks, ulong l1Block)
    {
        ClosedChannel channel = JournalTests.Channel(id, first, blocks, 1);
        channel.Confirm(channel.Take(id, 1), new BlockId(default, l1Block));
        return channel;
    }

    [Fact]
    public void A_safe_head_that_comes_back_finds_the_channels_again()
    {
        ChannelManager manager = Of(Confirmed(1, 1, 5, 20), Confirmed(2, 6, 5, 21), Confirmed(3, 11, 5, 22));
        Assert.True(manager.PruneSafe(Id(15)));
        Assert.Null(manager.FindSuspect(Id(15), 30));
        Assert.True(manager.PruneSafe(Id(7)));
        Assert.Equal(6ul, manager.FindSuspect(Id(7), 30)!.FirstBlock.Number);
        Assert.True(manager.Connects(7));
        Assert.Equal([1ul], manager.TakeFinal(5).Select(static c => c.FirstBlock.Number));
        Assert.True(manager.PruneSafe(Id(5)));
        Assert.True(manager.Connects(5));
        Assert.False(manager.Connects(4));
    }

    [Fact]
    public void A_missing_channel_is_a_gap()
    {
        ChannelManager manager = Of(Confirmed(1, 1, 5, 20), Confirmed(3, 11, 5, 22));
        Assert.True(manager.PruneSafe(Id(10)));
        Assert.True(manager.Connects(10));
        Assert.True(manager.PruneSafe(Id(3)));
        Assert.False(manager.Connects(3));
    }

    [Fact]
    public void Another_safe_block_is_seen_in_channels_that_were_safe()
    {
        ChannelManager manager = Of(Confirmed(1, 1, 5, 20));
        Assert.True(manager.PruneSafe(Id(5)));
        Assert.False(manager.PruneSafe(new BlockId(Hash256.FromUInt256(77), 4)));
    }

    [Fact]
    public void Starting_over_keeps_what_is_safe()
    {
        ChannelManager manager = Of(Confirmed(1, 1, 5, 20), Confirmed(2, 6, 5, 21));
        Assert.True(manager.PruneSafe(Id(5)));
        Assert.Equal([6ul], manager.StartOver(safeToo: false).Select(static c => c.FirstBlock.Number));
        Assert.Null(manager.Tip);
        Assert.Equal([1ul], manager.StartOver(safeToo: true).Select(static c => c.FirstBlock.Number));
    }

    [Fact]
    public void A_channel_that_somebody_else_posted_is_sent_no_more()
    {
        ChannelManager manager = Of(JournalTests.Channel(1, 1, 5, 2));
        Assert.True(manager.PruneSafe(Id(5)));
        Assert.False(manager.TryNextTransaction(out _));
        Assert.True(manager.IsDrained);
        Assert.Equal(0, manager.BacklogBytes);
        Assert.True(manager.PruneSafe(Id(4)));
        Assert.True(manager.TryNextTransaction(out _));
    }

    [Fact]
    public void What_is_on_L1_and_not_deep_yet_is_missed_as_soon_as_what_is_deep()
    {
        ClosedChannel channel = JournalTests.Channel(1, 1, 5, 2);
        SentTransaction first = channel.Take(0, 1), second = channel.Take(1, 1);
        ChannelManager manager = Of(channel);
        channel.See(first, new BlockId(default, 20));
        Assert.False(channel.IsOnL1);
        Assert.Null(manager.FindSuspect(Id(0), 30));
        channel.See(second, new BlockId(default, 21));
        Assert.True(channel is { IsOnL1: true, IsConfirmed: false });
        Assert.Null(manager.FindSuspect(Id(0), 21));
        Assert.Equal(channel, manager.FindSuspect(Id(0), 22));
        channel.See(second, null);
        Assert.Null(manager.FindSuspect(Id(0), 30));
        Assert.Equal(channel, manager.FindTimedOut(0, 71));
    }
}
