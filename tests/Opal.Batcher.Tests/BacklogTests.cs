using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;
using Opal.TxManager;

namespace Opal.Batcher.Tests;

/// <summary>The backlog that throttling goes by is that of the whole unsafe chain, also where no more of it is loaded.</summary>
public sealed class BacklogTests
{
    private static readonly BatcherOptions Options = new()
    {
        BatchInbox = World.Rollup.BatchInboxAddress, PollInterval = TimeSpan.FromHours(1), MaxL1TransactionBytes = 2_000, MaxChannelDurationBlocks = 1, SequencingWindowBlocks = 100_000,
    };

    /// <summary>Keeps what it hears.</summary>
    private sealed class Heard : IDataThrottle
    {
        public List<long> Backlogs { get; } = [];

        public bool IsActive => false;

        public Task ApplyAsync(long backlogBytes, CancellationToken cancellation)
        {
            Backlogs.Add(backlogBytes);
            return Task.CompletedTask;
        }
    }

    /// <summary>Signs, and then nothing is heard of the transaction any more.</summary>
    private sealed class SilentL1 : IL1Submitter, IL1Facts
    {
        public Address Sender => Address.FromNumber(0xba);

        public async Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
        {
            await recorder!.PublishingAsync(new TxVersion(0, Hash256.FromUInt256(1), new TxFees(1, 2, 3)), cancellation);
            await Task.Delay(Timeout.Infinite, cancellation);
            return default;
        }

        public Task<BlockId?> FindBlockAsync(ulong number, CancellationToken cancellation) => throw Down();

        public Task<L1Inclusion?> FindInclusionAsync(Hash256 transaction, CancellationToken cancellation) => throw Down();

        public Task<Address?> FindBatcherAsync(CancellationToken cancellation) => throw Down();

        public Task<ulong?> FindNewestOwnBlockAsync(int depth, CancellationToken cancellation) => throw Down();

        private static RpcTransportException Down() => new("eth_getTransactionReceipt", "l1", "nothing listens there", isTransient: true);
    }

    private static BatcherService Make(World world, IL1Submitter submitter, IDataThrottle throttle, IL1Facts? l1 = null, BatcherJournal? journal = null) => new(
        Options, new OnlySequencer(world.L2, world.Node), submitter, new ChannelCodec(World.Rollup, Options), TimeProvider.System, NullLogger.Instance, throttle: throttle, journal: journal, l1: l1);

    [Fact]
    public async Task It_counts_the_blocks_that_wait_to_be_loaded()
    {
        var world = new World { FailuresLeft = int.MaxValue };
        var throttle = new Heard();
        world.Build(400, bytes: 300);
        await using BatcherService batcher = Make(world, world, throttle);
        for (int turn = 0; turn < 3; turn++) await batcher.TurnAsync(default);
        Assert.InRange(throttle.Backlogs[^1], 400 * 300, 400 * 600);
        Assert.Equal(throttle.Backlogs[^1], batcher.Status.BacklogBytes);

        // what goes away is not counted any more
        world.ReorgL2(keep: 100, build: 1, salt: 9);
        for (int turn = 0; turn < 3; turn++) await batcher.TurnAsync(default);
        Assert.InRange(throttle.Backlogs[^1], 100 * 300, 102 * 600);
    }

    [Fact]
    public async Task It_is_the_same_whether_blocks_are_loaded_or_not_and_nothing_when_all_is_posted()
    {
        var world = new World { FailuresLeft = int.MaxValue };
        var throttle = new Heard();
        world.Build(60, bytes: 200);
        await using BatcherService batcher = Make(world, world, throttle);
        await batcher.TurnAsync(default);
        long all = throttle.Backlogs[^1];
        Assert.InRange(all, 60 * 200, 60 * 500);
        world.FailuresLeft = 0;
        for (int turn = 0; turn < 2000 && throttle.Backlogs[^1] > 0; turn++)
        {
            world.Derive();
            await batcher.TurnAsync(default);
            Assert.InRange(throttle.Backlogs[^1], 0, all);
            await Task.Delay(5);
        }

        Assert.Equal(0, throttle.Backlogs[^1]);
    }

    [Fact]
    public async Task It_is_heard_of_while_L1_does_not_answer()
    {
        var world = new World();
        var throttle = new Heard();
        var l1 = new SilentL1();
        world.Build(3, bytes: 300);
        await using BatcherService batcher = Make(world, l1, throttle, l1);
        batcher.Flush();
        await batcher.TurnAsync(default); // one transaction is signed
        world.Derive();
        for (int turn = 0; turn < 10; turn++)
        {
            world.Build(1, bytes: 300);
            await batcher.TurnAsync(default);
            Assert.Contains("nothing listens there", batcher.Status.Trouble, StringComparison.Ordinal);
            Assert.Equal(turn + 2, throttle.Backlogs.Count);
            Assert.True(throttle.Backlogs[^1] >= throttle.Backlogs[^2] + 300);
        }
    }

    [Fact]
    public async Task It_is_heard_of_while_L1_does_not_answer_at_the_start()
    {
        var world = new World();
        var throttle = new Heard();
        var l1 = new SilentL1();
        var log = new MemoryFrameLog();
        world.Build(3, bytes: 300);
        await using (BatcherService first = Make(world, l1, throttle, l1, new BatcherJournal(log)))
        {
            first.Flush();
            await first.TurnAsync(default); // one transaction is signed
        }

        throttle.Backlogs.Clear();
        world.Build(100, bytes: 300);
        await using BatcherService second = Make(world, l1, throttle, l1, new BatcherJournal(log));
        await second.TurnAsync(default);
        Assert.Contains("nothing listens there", second.Status.Trouble, StringComparison.Ordinal);
        Assert.InRange(Assert.Single(throttle.Backlogs), 103 * 300, 103 * 600);
    }

    [Fact]
    public async Task A_node_that_does_not_know_its_heads_yet_is_named()
    {
        var world = new World { IsNodeNew = true };
        world.Build(3);
        await using BatcherService batcher = Make(world, world, new Heard());
        batcher.Flush();
        await batcher.TurnAsync(default);
        Assert.Contains("rollup node knows no", batcher.Status.Trouble, StringComparison.Ordinal);
        Assert.False(batcher.Health.IsHealthy);
        world.IsNodeNew = false;
        await batcher.TurnAsync(default);
        Assert.Equal("", batcher.Status.Trouble);
        Assert.Equal(0, batcher.Status.PendingBlocks);
    }
}
