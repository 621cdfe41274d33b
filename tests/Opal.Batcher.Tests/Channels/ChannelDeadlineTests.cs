using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Channels;

public sealed class ChannelDeadlineTests
{
    private const ulong GraniteTime = 1_000_000;

    private static readonly RollupConfig Config = new()
    {
        SequencingWindowSize = 3600, ChannelTimeoutBlocks = 300, ChannelTimeoutGraniteBlocks = 50, Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Fjord) with { Granite = GraniteTime },
    };

    [Fact]
    public void Without_a_frame_on_L1_the_window_of_the_first_block_ends_it()
    {
        ChannelDeadline deadline = ChannelDeadline.Of(firstOrigin: 1000, GraniteTime, Config, safetyMargin: 10, firstInclusion: null);
        Assert.Equal(new ChannelDeadline(4600, DeadlineRule.SequencingWindow, 10), deadline);
        Assert.False(deadline.IsDue(4589));
        Assert.True(deadline.IsDue(4590));
        Assert.False(deadline.IsTooLate(4599)); // what is sent at this head is included in 4600 at the earliest, which counts
        Assert.True(deadline.IsTooLate(4600));
    }

    [Theory]
    [InlineData(GraniteTime, 50)]
    [InlineData(GraniteTime - 1, 50)] // Granite begins while the channel is open
    [InlineData(GraniteTime - 3600, 50)] // it may, in the last block of the longer timeout
    [InlineData(GraniteTime - 3601, 300)]
    public void From_its_first_frame_on_the_timeout_counts_by_the_clock_of_inclusion(ulong lastTimestamp, ulong timeout)
    {
        ChannelDeadline deadline = ChannelDeadline.Of(1000, lastTimestamp, Config, 10, firstInclusion: 1200);
        Assert.Equal(new ChannelDeadline(1200 + timeout, DeadlineRule.ChannelTimeout, 10), deadline);
    }

    [Fact]
    public void The_earlier_of_the_two_counts()
    {
        Assert.Equal(DeadlineRule.SequencingWindow, ChannelDeadline.Of(1000, GraniteTime, Config, 10, firstInclusion: 4550).Rule);
        ChannelDeadline deadline = ChannelDeadline.Of(1000, GraniteTime, Config, 10, firstInclusion: 4549);
        Assert.Equal((4599UL, DeadlineRule.ChannelTimeout), (deadline.LastL1Block, deadline.Rule));
    }

    [Fact]
    public void The_first_block_decides()
    {
        Block first = BlockOf(origin: 77), second = BlockOf(origin: 78);
        var options = new BatcherOptions { BatchInbox = Address.FromNumber(1), SubSafetyMarginBlocks = 3 };
        Assert.Equal(77UL + 3600, ChannelDeadline.Of([first, second], Config, options, null).LastL1Block);
        Assert.Equal(3UL, ChannelDeadline.Of([first, second], Config, options, null).SafetyMargin);
        Assert.Throws<InvalidDataException>(() => ChannelDeadline.Of([new Block { Header = new BlockHeader() }], Config, options, null));
    }

    private static Block BlockOf(ulong origin)
    {
        var info = new L1BlockInfo { Format = L1BlockInfoFormat.Ecotone, Number = origin, Timestamp = GraniteTime };
        return new Block { Header = new BlockHeader { Timestamp = GraniteTime + 6 }, Transactions = [info.ToDepositTransaction(isRegolith: true)] };
    }
}
