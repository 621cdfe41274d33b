using Opal.Batcher.Tests.Journal;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests;

/// <summary>What counts as posted twice.</summary>
public sealed class DuplicateTests
{
    private static readonly BatcherOptions Options = new() { BatchInbox = Address.FromNumber(0xff) };

    private static BlockId At(ulong number) => new(default, number);

    /// <summary>A channel with blocks 1 to 3 that was not safe at the first look, and its transaction.</summary>
    private static (ChannelManager Manager, ClosedChannel Channel, SentTransaction Transaction) Sent()
    {
        ClosedChannel channel = JournalTests.Channel(1, 1, 3, 1);
        SentTransaction transaction = channel.Take(0, 1);
        var manager = new ChannelManager(Options, new ChannelCodec(World.Rollup, Options));
        manager.Restore([channel], 1);
        Assert.Empty(manager.FindDuplicates(safe: 0, derivedL1Block: 15));
        return (manager, channel, transaction);
    }

    [Fact]
    public void A_channel_on_L1_behind_where_its_blocks_were_safe_is_one_and_counts_once()
    {
        (ChannelManager manager, ClosedChannel channel, SentTransaction transaction) = Sent();
        Assert.Empty(manager.FindDuplicates(safe: 1, derivedL1Block: 20)); // somebody else's made them safe; ours is not on L1 yet
        channel.Confirm(transaction, At(22));
        Assert.Same(channel, Assert.Single(manager.FindDuplicates(safe: 3, derivedL1Block: 23)));
        Assert.Empty(manager.FindDuplicates(safe: 3, derivedL1Block: 24));
    }

    [Fact]
    public void A_channel_that_made_its_blocks_safe_is_none_also_when_it_is_found_on_L1_late()
    {
        (ChannelManager manager, ClosedChannel channel, SentTransaction transaction) = Sent();
        Assert.Empty(manager.FindDuplicates(safe: 3, derivedL1Block: 22)); // the node saw it before our L1 endpoint did
        channel.Confirm(transaction, At(22));
        Assert.Empty(manager.FindDuplicates(safe: 3, derivedL1Block: 30));
    }

    [Fact]
    public void A_channel_that_an_L1_reorg_moved_is_none()
    {
        (ChannelManager manager, ClosedChannel channel, SentTransaction transaction) = Sent();
        channel.See(transaction, At(22));
        Assert.Empty(manager.FindDuplicates(safe: 3, derivedL1Block: 22));
        channel.See(transaction, At(25)); // the node does not know of the reorg yet
        Assert.Empty(manager.FindDuplicates(safe: 3, derivedL1Block: 22));
        channel.Confirm(transaction, At(25));
        Assert.Empty(manager.FindDuplicates(safe: 3, derivedL1Block: 26));
    }

    [Fact]
    public void A_channel_of_an_earlier_run_that_is_safe_already_is_none_while_the_node_reads_L1_again()
    {
        ClosedChannel channel = JournalTests.Channel(1, 1, 3, 1);
        channel.Confirm(channel.Take(0, 1), At(22));
        var manager = new ChannelManager(Options, new ChannelCodec(World.Rollup, Options));
        manager.Restore([channel], 1);
        Assert.Empty(manager.FindDuplicates(safe: 3, derivedL1Block: 10));
        Assert.Empty(manager.FindDuplicates(safe: 3, derivedL1Block: 30));
    }

    [Fact]
    public void A_channel_with_a_block_of_another_that_is_on_L1_is_one_unless_that_was_lost()
    {
        ClosedChannel first = JournalTests.Channel(1, 1, 3, 1), again = JournalTests.Channel(2, 3, 3, 1);
        var carried = new CarriedBlocks();
        Assert.False(carried.Add(first));
        Assert.False(carried.Add(first)); // it is confirmed again
        Assert.True(carried.Add(again));
        carried.Remove(again);
        carried.Remove(first);
        Assert.False(carried.Add(again));
    }
}
