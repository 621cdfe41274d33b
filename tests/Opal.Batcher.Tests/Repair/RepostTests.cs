using Microsoft.Extensions.Logging.Abstractions;
using Opal.Batcher.Tests.Journal;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Repair;

/// <summary>What was lost is posted again at once, however long channels may stay open.</summary>
public sealed class RepostTests
{
    private static readonly BatcherOptions Options = new()
    {
        BatchInbox = World.Rollup.BatchInboxAddress, PollInterval = TimeSpan.FromHours(1), MaxL1TransactionBytes = 2_000, MaxChannelDurationBlocks = 1_000, SequencingWindowBlocks = 100_000,
    };

    private static BatcherService Make(World world, IL1Facts? l1 = null, BatcherJournal? journal = null) =>
        new(Options, new OnlySequencer(world.L2, world.Node), world, new ChannelCodec(World.Rollup, Options), TimeProvider.System, NullLogger.Instance, journal: journal, l1: l1);

    /// <summary>One turn, and until what it sent is on L1.</summary>
    private static async Task TurnAsync(World world, BatcherService batcher, int submissions)
    {
        await batcher.TurnAsync(default);
        for (int i = 0; i < 1000 && (world.Submissions.Count < submissions || batcher.Status.InFlight > 0); i++) await Task.Delay(5);
        Assert.Equal((submissions, 0), (world.Submissions.Count, batcher.Status.InFlight));
    }

    [Fact]
    public async Task A_lost_batch_does_not_wait_for_its_new_channel_to_be_due()
    {
        var world = new World { LossesLeft = 1 };
        world.Build(3);
        await using BatcherService batcher = Make(world);
        batcher.Flush();
        await TurnAsync(world, batcher, submissions: 1);
        world.Derive();
        Assert.Equal(0ul, world.Safe);
        world.Build(1);
        await TurnAsync(world, batcher, submissions: 2);
        world.Derive();
        Assert.Equal(4ul, world.Safe);

        // and from then on channels take their time again
        world.Build(3);
        await TurnAsync(world, batcher, submissions: 2);
        Assert.Equal(3, batcher.Status.PendingBlocks);
        Assert.Empty(world.Problems);
    }

    [Fact]
    public async Task A_safe_head_that_went_back_is_brought_forward_again_at_once()
    {
        var world = new World();
        world.Build(10);
        await using (BatcherService first = Make(world))
        {
            first.Flush();
            await TurnAsync(world, first, submissions: 1);
            world.Derive();
        }

        await using BatcherService second = Make(world);
        world.Build(2);
        second.Flush();
        await TurnAsync(world, second, submissions: 2);
        world.Derive();
        Assert.Equal(12ul, world.Safe);
        world.SetSafe(5);
        await TurnAsync(world, second, submissions: 3);
        world.Derive();
        Assert.Equal(12ul, world.Safe);
    }

    [Fact]
    public async Task A_node_that_does_not_have_the_newest_blocks_yet_is_no_reason_to_post_again()
    {
        var world = new World { CurrentL1 = 90 };
        world.Build(6);
        await using BatcherService batcher = Make(world);
        batcher.Flush();
        await TurnAsync(world, batcher, submissions: 1);
        for (int turn = 0; turn < 4; turn++)
        {
            world.Shown = turn % 2 == 0 ? 4 : null; // one of two nodes behind one URL, say
            world.L1Head++;
            await TurnAsync(world, batcher, submissions: 1);
        }

        world.CurrentL1 = null;
        world.Derive();
        world.Build(2);
        batcher.Flush();
        await TurnAsync(world, batcher, submissions: 2);
        world.Derive();
        Assert.Equal(8ul, world.Safe);
        Assert.Equal((0L, 2L), (batcher.Status.Duplicates, batcher.Status.ClosedChannels));
    }

    [Fact]
    public async Task A_chain_that_stays_shorter_is_believed_two_L1_blocks_later()
    {
        var world = new World();
        world.Build(6);
        await using BatcherService batcher = Make(world);
        await TurnAsync(world, batcher, submissions: 0);
        Assert.Equal(6, batcher.Status.PendingBlocks);
        world.ReorgL2(keep: 4, build: 0, salt: 0);
        for (int l1Block = 0; l1Block < 2; l1Block++)
        {
            batcher.Flush();
            await TurnAsync(world, batcher, submissions: 0);
            world.L1Head++;
        }

        await TurnAsync(world, batcher, submissions: 1);
        world.Derive();
        Assert.Equal(4ul, world.Safe);
        Assert.Empty(world.Problems);
    }

    [Fact]
    public async Task Trouble_of_the_journal_is_over_when_there_is_room_also_with_nothing_to_post()
    {
        var world = new World { CurrentL1 = 90 };
        var log = new FullLog();
        var journal = new BatcherJournal(log);
        world.Build(3);
        await using BatcherService batcher = Make(world, journal: journal);
        batcher.Flush();
        await TurnAsync(world, batcher, submissions: 1);
        world.ReorgL2(keep: 0, build: 0, salt: 0); // the channel is given up two L1 blocks later
        await TurnAsync(world, batcher, submissions: 1);
        world.L1Head += 2;
        log.IsFull = true;
        for (int turn = 0; turn < 3; turn++)
        {
            await TurnAsync(world, batcher, submissions: 1);
            Assert.Contains("no space left", batcher.Health.Detail, StringComparison.Ordinal);
        }

        log.IsFull = false;
        await TurnAsync(world, batcher, submissions: 1);
        Assert.True(batcher.Health.IsHealthy, batcher.Health.Detail);
        Assert.Empty(new BatcherJournal(log).ChannelIds);
    }

    [Fact]
    public async Task An_L1_that_does_not_say_who_the_batcher_is_keeps_nothing_from_being_posted_again()
    {
        var world = new World { LossesLeft = 1 };
        world.Build(3);
        await using BatcherService batcher = Make(world, new SilentSystemConfig(world));
        batcher.Flush();
        await TurnAsync(world, batcher, submissions: 1);
        world.Derive();
        await TurnAsync(world, batcher, submissions: 2);
        Assert.Equal("", batcher.Status.Trouble);
        Assert.Equal(LossRule.Unknown, batcher.Status.LastLoss!.Rule);
    }

    /// <summary>An L1 that answers all but the question for the SystemConfig's batcher.</summary>
    private sealed class SilentSystemConfig(World world) : IL1Facts
    {
        public Address Sender => Address.FromNumber(0xba);

        public async Task<BlockId?> FindBlockAsync(ulong number, CancellationToken cancellation)
        {
            L1BlockRef current = (await world.Node.SyncStatusAsync(cancellation)).CurrentL1;
            return number == current.Number ? current.Id : null;
        }

        public Task<L1Inclusion?> FindInclusionAsync(Hash256 transaction, CancellationToken cancellation) => Task.FromResult<L1Inclusion?>(null);

        public Task<Address?> FindBatcherAsync(CancellationToken cancellation) => throw new RpcCallException("eth_call", "l1", new RpcError(-32000, "execution reverted"));

        public Task<ulong?> FindNewestOwnBlockAsync(int depth, CancellationToken cancellation) => Task.FromResult<ulong?>(null);
    }
}
