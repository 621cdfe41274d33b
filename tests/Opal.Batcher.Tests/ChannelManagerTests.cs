using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests;

public sealed class ChannelManagerTests
{
    private static readonly BatcherOptions Options = new()
    {
        BatchInbox = Address.FromNumber(0xff), MaxL1TransactionBytes = 1000, TargetFrames = 1, MaxChannelDurationBlocks = 5, SubSafetyMarginBlocks = 2,
        ChannelTimeoutBlocks = 50, SequencingWindowBlocks = 100,
    };

    /// <summary>"Compresses" a block into a fixed number of bytes.</summary>
    private sealed class FixedCodec(int bytesPerBlock) : IChannelCodec
    {
        public byte[] Encode(IReadOnlyList<Block> blocks) => new byte[blocks.Count * bytesPerBlock];
    }

    private static Block[] Chain(int count, ulong first = 1, Hash256 parent = default, byte salt = 0)
    {
        var blocks = new Block[count];
        for (int i = 0; i < count; i++)
        {
            blocks[i] = new Block { Header = new BlockHeader { ParentHash = parent, Number = first + (ulong)i, Timestamp = 1000 + (ulong)i, ExtraData = new byte[] { salt } } };
            parent = blocks[i].Hash;
        }

        return blocks;
    }

    private static ChannelManager Fed(BatcherOptions options, Block[] blocks, int bytesPerBlock = 100)
    {
        var manager = new ChannelManager(options, new FixedCodec(bytesPerBlock));
        foreach (Block block in blocks) Assert.Equal(AddBlockResult.Added, manager.AddBlock(block));
        return manager;
    }

    private static ulong Origin(Block block) => 10;

    [Fact]
    public void A_block_that_does_not_follow_is_refused()
    {
        ChannelManager manager = Fed(Options, Chain(3));
        Assert.Equal(AddBlockResult.NotNext, manager.AddBlock(Chain(1, 4)[0]));
        manager.Clear();
        Assert.Equal(AddBlockResult.Added, manager.AddBlock(Chain(1, 9)[0]));
    }

    /// <summary>Osaka takes six blobs a transaction (EIP-7594), and so does Cancun a block.</summary>
    [Fact]
    public void A_channel_of_more_blobs_than_a_transaction_takes_goes_out_in_several()
    {
        ChannelManager manager = Fed(Options with { TargetFrames = 9, MaxPendingTransactions = 0, DataAvailability = DataAvailabilityType.Blobs }, Chain(9), 125_000);
        manager.Advance(20, Origin);
        manager.Advance(25, Origin);
        var carried = new List<int>();
        while (manager.TryNextTransaction(out BatcherTransaction? transaction))
        {
            Assert.True(transaction!.AsBlobs);
            carried.Add(transaction.Frames.Count);
        }

        Assert.Equal([6, 3], carried);
    }

    [Fact]
    public void A_channel_stays_open_until_its_duration_is_over()
    {
        ChannelManager manager = Fed(Options, Chain(2));
        manager.Advance(20, Origin);
        Assert.False(manager.TryNextTransaction(out _));
        manager.Advance(24, Origin);
        Assert.False(manager.TryNextTransaction(out _));
        manager.Advance(25, Origin);
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? transaction));
        Frame frame = Assert.Single(transaction!.Frames);
        Assert.True(frame.IsLast);
        Assert.Equal(200, frame.Data.Length);
    }

    /// <summary>With one transaction at a time and an L1 block between two L2 blocks, a channel a duration would hold one block for ever, and the safe head fall behind.</summary>
    [Fact]
    public void A_channel_whose_duration_is_over_stays_open_while_it_could_not_be_sent()
    {
        Block[] chain = Chain(10);
        ChannelManager manager = Fed(Options with { MaxChannelDurationBlocks = 1 }, chain[..1]);
        manager.Advance(20, Origin);
        manager.Advance(21, Origin);
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? first));
        Assert.Equal(100, Assert.Single(first!.Frames).Data.Length);
        for (int i = 1; i < chain.Length; i++)
        {
            manager.AddBlock(chain[i]);
            manager.Advance(21 + (ulong)i, Origin);
            Assert.False(manager.TryNextTransaction(out _));
        }

        manager.Confirm(first.Id, 22);
        manager.Advance(31, Origin);
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? second));
        Assert.Equal(900, second!.Frames.Sum(static frame => frame.Data.Length)); // all nine that came meanwhile, in one channel
        Assert.True(Assert.Single(second.Frames).IsLast);
    }

    [Fact]
    public void A_full_channel_closes_at_once_and_its_frames_fit_the_carrier()
    {
        ChannelManager manager = Fed(Options, Chain(40), bytesPerBlock: 120);
        manager.Advance(20, Origin);
        int frames = 0;
        while (manager.TryNextTransaction(out BatcherTransaction? transaction))
        {
            foreach (Frame frame in transaction!.Frames) Assert.True(frame.Data.Length + Frame.Overhead + 1 <= Options.CarrierBytes(asBlobs: false));
            frames += transaction.Frames.Count;
            manager.Confirm(transaction.Id, 21);
        }

        Assert.True(frames >= 4);
        Assert.True(manager.PendingBlocks < 15);
    }

    [Fact]
    public void The_end_of_the_sequencing_window_closes_a_channel()
    {
        BatcherOptions options = Options with { MaxChannelDurationBlocks = 0 };
        ChannelManager manager = Fed(options, Chain(1));
        manager.Advance(100, Origin);
        Assert.False(manager.TryNextTransaction(out _));
        manager.Advance(108, Origin); // origin 10 + window 100 - margin 2
        Assert.True(manager.TryNextTransaction(out _));
    }

    [Fact]
    public void No_more_transactions_are_in_flight_than_allowed_and_a_failed_one_is_sent_again()
    {
        ChannelManager manager = Fed(Options, Chain(40), bytesPerBlock: 120);
        manager.Advance(20, Origin);
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? first));
        Assert.False(manager.TryNextTransaction(out _));
        manager.Fail(first!.Id);
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? again));
        Assert.Equal(first.Frames[0].Channel, again!.Frames[0].Channel);
        Assert.Equal(first.Frames[0].Number, again.Frames[0].Number);
        Assert.NotEqual(first.Id, again.Id);
    }

    [Fact]
    public void A_channel_that_the_node_read_past_without_effect_is_lost()
    {
        Block[] chain = Chain(3);
        ChannelManager manager = Fed(Options, chain);
        manager.Advance(20, Origin, flush: true);
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? transaction));
        manager.Confirm(transaction!.Id, 22);
        BlockId genesis = new(default, 0);
        Assert.False(manager.HasLostChannel(genesis, 22));
        Assert.True(manager.HasLostChannel(genesis, 23));
        Assert.True(manager.PruneSafe(new BlockId(chain[2].Hash, 3)));
        Assert.False(manager.HasLostChannel(new BlockId(chain[2].Hash, 3), 23));
        Assert.True(manager.IsDrained);
    }

    [Fact]
    public void Another_block_on_the_safe_chain_is_a_reorg()
    {
        ChannelManager manager = Fed(Options, Chain(3));
        manager.Advance(20, Origin, flush: true);
        Assert.False(manager.PruneSafe(new BlockId(Chain(3, salt: 7)[1].Hash, 2)));
    }

    [Fact]
    public void A_half_posted_channel_times_out()
    {
        BatcherOptions options = Options with { MaxPendingTransactions = 0 };
        ChannelManager manager = Fed(options, Chain(1), bytesPerBlock: 1500); // two frames
        manager.Advance(20, Origin, flush: true);
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? first));
        Assert.True(manager.TryNextTransaction(out BatcherTransaction? second));
        manager.Confirm(first!.Id, 21);
        Assert.False(manager.HasTimedOutChannel(71)); // the second may be in this block
        Assert.True(manager.HasTimedOutChannel(72));
        manager.Fail(second!.Id);
        Assert.False(manager.HasTimedOutChannel(70));
        Assert.True(manager.HasTimedOutChannel(71)); // sent now it would be in 72
    }
}
