using Opal.Batcher.Tests.Journal;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Channels;

/// <summary>When a channel is closed, and what is not sent since it can no longer count.</summary>
public sealed class ChannelTimingTests
{
    private static readonly BatcherOptions Options = new()
    {
        BatchInbox = Address.FromNumber(0xff), MaxL1TransactionBytes = 1000, MaxChannelDurationBlocks = 5, SubSafetyMarginBlocks = 2, ChannelTimeoutBlocks = 50, SequencingWindowBlocks = 100,
    };

    /// <summary>A hundred bytes a block, and a hundred and ten as singular batches.</summary>
    private sealed class Codec(int bytesPerBlock = 100) : IChannelCodec
    {
        public byte[] Encode(IReadOnlyList<Block> blocks) => new byte[blocks.Count * bytesPerBlock];

        public IChannelCodec Singular => new Codec(bytesPerBlock + 10);
    }

    /// <summary>Blocks of the same origin.</summary>
    private static Block[] Chain(int count, ulong origin = 90)
    {
        var blocks = new Block[count];
        Hash256 parent = default;
        for (int i = 0; i < count; i++)
        {
            ulong time = 1000 + (ulong)i;
            var info = new L1BlockInfo { Format = L1BlockInfo.FormatAt(World.Rollup, new L2Time(World.Rollup.GenesisL2Time)), Number = origin, BlockHash = default, SequenceNumber = (ulong)i, Timestamp = time };
            blocks[i] = new Block { Header = new BlockHeader { ParentHash = parent, Number = 1 + (ulong)i, Timestamp = time }, Transactions = [info.ToDepositTransaction(isRegolith: true)] };
            parent = blocks[i].Hash;
        }

        return blocks;
    }

    private static ulong Origin(Block block) => L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info) ? info!.Number : throw new InvalidOperationException("no origin");

    private static ChannelManager Fed(BatcherOptions options, Block[] blocks)
    {
        var manager = new ChannelManager(options, new Codec());
        Feed(manager, blocks);
        return manager;
    }

    private static void Feed(ChannelManager manager, params Block[] blocks)
    {
        foreach (Block block in blocks) Assert.Equal(AddBlockResult.Added, manager.AddBlock(block));
    }

    [Fact]
    public void The_duration_of_a_block_that_is_loaded_late_began_when_it_was_made()
    {
        ChannelManager manager = Fed(Options, Chain(2));
        manager.NewestOrigin = 93; // it waited for three L1 blocks
        manager.Advance(100, Origin);
        manager.Advance(101, Origin);
        Assert.Null(manager.NextUnrecorded);
        manager.Advance(102, Origin);
        Assert.Equal(ChannelCloseReason.Duration, manager.NextUnrecorded!.Reason);

        manager = Fed(Options, Chain(2));
        manager.NewestOrigin = 95;
        manager.Advance(100, Origin);
        Assert.Equal(ChannelCloseReason.Duration, manager.NextUnrecorded!.Reason);
    }

    [Fact]
    public void A_channel_whose_duration_is_over_takes_the_blocks_that_are_being_loaded_first()
    {
        Block[] chain = Chain(4);
        ChannelManager manager = Fed(Options, chain[..2]);
        manager.NewestOrigin = 99;
        manager.Step(100, Origin, flush: false, hasMore: true);
        Assert.Null(manager.NextUnrecorded);
        Feed(manager, chain[2..]);
        manager.Step(100, Origin, flush: false, hasMore: false);
        Assert.Equal(4, manager.NextUnrecorded!.Blocks.Length);
    }

    [Fact]
    public void No_duration_and_no_margin_is_too_long()
    {
        ChannelManager manager = Fed(Options with { MaxChannelDurationBlocks = ulong.MaxValue }, Chain(1));
        manager.Advance(100, Origin);
        manager.Advance(120, Origin);
        Assert.Null(manager.NextUnrecorded);
        manager = Fed(Options with { MaxChannelDurationBlocks = 0, SubSafetyMarginBlocks = ulong.MaxValue }, Chain(1));
        manager.Advance(100, Origin);
        Assert.Equal(ChannelCloseReason.Safety, manager.NextUnrecorded!.Reason);
    }

    /// <summary>The margin closes a channel then: the duration says nothing of how near the window's end is.</summary>
    [Fact]
    public void A_duration_of_the_whole_window_does_not_take_span_batches_away()
    {
        foreach ((ulong duration, int bytes) in new[] { (5UL, 100), (100UL, 100), (4_000UL, 100) })
        {
            ChannelManager manager = Fed(Options with { BatchType = BatchType.Span, MaxChannelDurationBlocks = duration }, Chain(1));
            manager.Advance(95, Origin, flush: true);
            Assert.Equal(bytes, manager.NextUnrecorded!.DataBytes);
        }

        ChannelManager late = Fed(Options with { BatchType = BatchType.Span }, Chain(1));
        late.Advance(184, Origin, flush: true); // 6 blocks are left, duration and margin are 7
        Assert.Equal(110, late.NextUnrecorded!.DataBytes);
    }

    /// <summary>Closed channels that can only wait go out no sooner: at the end of the window, as after an outage, they would hold a few blocks each, and never catch up.</summary>
    [Fact]
    public void A_channel_at_risk_stays_open_while_it_could_not_be_sent()
    {
        Block[] chain = Chain(8);
        ChannelManager manager = Fed(Options, chain[..1]);
        manager.Advance(188, Origin);
        Assert.Equal(ChannelCloseReason.Safety, manager.NextUnrecorded!.Reason);
        manager.Recorded();
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? first));
        for (int i = 1; i < chain.Length; i++)
        {
            Feed(manager, chain[i]);
            manager.Advance(188, Origin);
            Assert.Null(manager.NextUnrecorded);
        }

        manager.Confirm(first!.Id, 189);
        manager.Advance(189, Origin);
        Assert.Equal(7, manager.NextUnrecorded!.Blocks.Length);
    }

    [Fact]
    public void A_blob_channel_waits_until_the_calldata_before_it_is_mined()
    {
        Block[] chain = Chain(2);
        ChannelManager manager = Fed(Options with { MaxPendingTransactions = 3 }, chain[..1]);
        manager.Advance(100, Origin, flush: true);
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? calldata));
        manager.UseBlobs = true;
        Feed(manager, chain[1]);
        manager.Advance(100, Origin, flush: true);
        Assert.False(manager.TryNextTransaction(out _));
        manager.Confirm(calldata!.Id, 101);
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? blobs));
        Assert.Equal((false, true), (calldata.AsBlobs, blobs!.AsBlobs));
    }

    [Fact]
    public void A_span_that_begins_behind_its_window_is_not_sent()
    {
        BatcherOptions options = Options with { BatchType = BatchType.Span, MaxChannelDurationBlocks = 0 };
        ChannelManager manager = Fed(options, Chain(3));
        manager.Advance(100, Origin);
        Assert.Null(manager.FindLateSpan(0, 189));
        Assert.Equal(1UL, manager.FindLateSpan(0, 190)!.Value.Number); // still open
        manager.Advance(189, Origin, flush: true);
        Assert.Equal(1UL, manager.FindLateSpan(0, 190)!.Value.Number); // closed
        Assert.Null(manager.FindLateSpan(3, 190)); // safe already
        Assert.True(manager.TryNextTransaction(out _));
        Assert.Null(manager.FindLateSpan(0, 190)); // on its way: nothing brings it back

        ChannelManager singular = Fed(options, Chain(3));
        singular.Advance(188, Origin, flush: true);
        Assert.Null(singular.FindLateSpan(0, 195)); // what is too late of it is passed over, block by block
    }

    [Fact]
    public void Frames_that_cannot_complete_their_channel_in_time_are_not_sent()
    {
        ClosedChannel channel = JournalTests.Channel(1, 1, 2, 3);
        var manager = new ChannelManager(Options, new Codec());
        SentTransaction first = channel.Take(0, 1);
        manager.Restore([channel], 1);
        Assert.False(manager.IsNextTooLate(1000)); // none is on L1, and the time-out has not begun
        channel.Confirm(first, new BlockId(default, 100));
        Assert.False(manager.IsNextTooLate(149)); // the next L1 block is the last that counts
        Assert.True(manager.IsNextTooLate(150));
    }

    [Fact]
    public void Blocks_of_which_only_a_part_is_on_its_way_are_unsent()
    {
        ClosedChannel channel = JournalTests.Channel(1, 1, 2, 2);
        SentTransaction first = channel.Take(0, 1);
        var manager = new ChannelManager(Options, new Codec());
        manager.Restore([channel], 1);
        Assert.Equal([1UL, 2], manager.UnsentAbove(0).Select(static b => b.Number));
        channel.Take(1, 1);
        Assert.Empty(manager.UnsentAbove(0));
        Assert.Equal([2UL], manager.NotOnL1Above(1).Select(static b => b.Number));
        foreach (SentTransaction transaction in channel.Transactions) channel.See(transaction, new BlockId(default, 20));
        Assert.Empty(manager.NotOnL1Above(1));
    }

    /// <summary>With one transaction at a time and ten confirmations, six of them take longer than a channel may.</summary>
    [Theory]
    [InlineData(1, 1, new[] { 6 })]
    [InlineData(1, 3, new[] { 2, 2, 2 })]
    [InlineData(1, 0, new[] { 1, 1, 1, 1, 1, 1 })]
    [InlineData(4, 0, new[] { 4, 2 })]
    public void A_channel_that_took_more_blobs_to_fill_them_goes_out_at_once(int target, int maxPending, int[] blobs)
    {
        BatcherOptions options = Options with { DataAvailability = DataAvailabilityType.Blobs, TargetFrames = target, MaxPendingTransactions = maxPending };
        var manager = new ChannelManager(options, new Codec(bytesPerBlock: 60_000));
        Feed(manager, Chain(14));
        manager.Advance(100, Origin);
        Assert.Equal(ChannelCloseReason.Full, manager.NextUnrecorded!.Reason);
        Assert.Equal(13, manager.NextUnrecorded.Blocks.Length); // 780,000 bytes: 99.98 % of six blobs
        var sent = new List<int>();
        while (manager.TryNextTransaction(out BatcherTransaction? transaction)) sent.Add(transaction!.Frames.Count);
        Assert.Equal(blobs, sent);
    }
}
