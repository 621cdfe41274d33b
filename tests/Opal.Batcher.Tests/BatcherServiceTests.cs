using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Batcher.Tests;

public sealed class BatcherServiceTests
{
    private static readonly BatcherOptions Options = new()
    {
        BatchInbox = World.Rollup.BatchInboxAddress, PollInterval = TimeSpan.FromMilliseconds(5), MaxL1TransactionBytes = 2_000, MaxChannelDurationBlocks = 1, SubSafetyMarginBlocks = 2,
        MaxPendingTransactions = 1,
    };

    private static BatcherService Make(World world, BatcherOptions options, ThrottleOptions? throttle = null) => new(
        options, new OnlySequencer(world.L2, world.Node), world, new ChannelCodec(World.Rollup, options), TimeProvider.System, NullLogger.Instance,
        throttle: throttle is null ? null : new SequencerThrottle(throttle, world.L2.Rpc, NullLogger.Instance));

    /// <summary>Lets L1 go on and the node derive until something holds.</summary>
    private static async Task UntilAsync(World world, Func<bool> holds, bool derive = true)
    {
        for (int i = 0; i < 2000; i++)
        {
            if (holds()) return;
            if (derive) world.Derive();
            await Task.Delay(10);
        }

        Assert.Fail($"safe {world.Safe} of {world.Unsafe}, {world.Submissions.Count} submissions");
    }

    [Theory]
    [InlineData(BatchType.Singular, ChannelCompression.Zlib, DataAvailabilityType.Calldata)]
    [InlineData(BatchType.Span, ChannelCompression.Brotli, DataAvailabilityType.Blobs)]
    [InlineData(BatchType.Span, ChannelCompression.Zlib, DataAvailabilityType.Calldata)]
    public async Task All_blocks_become_safe_as_they_were_built(BatchType type, ChannelCompression compression, DataAvailabilityType where)
    {
        var world = new World();
        world.Build(60, bytes: 200);
        await using BatcherService batcher = Make(world, Options with { BatchType = type, DataAvailability = where, Compression = compression });
        batcher.Start();
        await UntilAsync(world, () => world.Safe == 60);
        world.Build(5);
        await UntilAsync(world, () => world.Safe == 65);
        Assert.Empty(world.Problems);
        Assert.All(world.Submissions, s => Assert.Equal(where == DataAvailabilityType.Blobs, s.AsBlobs));
        await UntilAsync(world, () => batcher.Status is { PendingBlocks: 0, BacklogBytes: 0 });
        Assert.Equal("", batcher.Status.Trouble);
        Assert.True(batcher.Health.IsHealthy);
        Assert.NotNull(batcher.Status.LastL1Block);
    }

    [Fact]
    public async Task Failed_transactions_are_sent_again()
    {
        var world = new World { FailuresLeft = 1 };
        world.Build(3);
        await using BatcherService batcher = Make(world, Options);
        batcher.Start();
        await UntilAsync(world, () => world.Safe == 3);
    }

    [Fact]
    public async Task A_batch_that_L1_lost_is_posted_again()
    {
        var world = new World { LossesLeft = 1 };
        world.Build(3);
        await using BatcherService batcher = Make(world, Options);
        batcher.Start();
        await UntilAsync(world, () => world.Safe == 3);
        Assert.True(world.Submissions.Count >= 2);
        Assert.Equal((1, 0), (batcher.Status.Reposts, batcher.Status.Duplicates)); // the first one never counted
    }

    [Fact]
    public async Task A_reorg_of_unsafe_blocks_starts_over_from_the_safe_head()
    {
        var world = new World();
        world.Build(6);
        await using BatcherService batcher = Make(world, Options with { MaxChannelDurationBlocks = 1000 });
        batcher.Start();
        await UntilAsync(world, () => batcher.Status.PendingBlocks == 6);
        world.ReorgL2(keep: 2, build: 7, salt: 9);
        await UntilAsync(world, () => batcher.Status.PendingBlocks == 9);
        batcher.Flush();
        await UntilAsync(world, () => world.Safe == 9);
        Assert.Empty(world.Problems);
    }

    [Fact]
    public async Task Blocks_above_the_end_of_a_chain_that_became_shorter_are_let_go_of()
    {
        var world = new World();
        world.Build(6);
        await using BatcherService batcher = Make(world, Options with { MaxChannelDurationBlocks = 1000 });
        batcher.Start();
        await UntilAsync(world, () => batcher.Status.PendingBlocks == 6);
        world.ReorgL2(keep: 2, build: 1, salt: 9);
        await UntilAsync(world, () => batcher.Status.PendingBlocks == 3);
        batcher.Flush();
        await UntilAsync(world, () => world.Safe == 3);
        Assert.Empty(world.Problems);
        Assert.Single(world.Submissions);
    }

    [Fact]
    public async Task Stopping_posts_what_is_open_and_starting_goes_on()
    {
        var world = new World();
        world.Build(4);
        var registry = new RpcRegistry();
        await using BatcherService batcher = Make(world, Options with { MaxChannelDurationBlocks = 1000 });
        batcher.Register(registry);
        var admin = new InProcessRpcClient(registry);
        batcher.Start();
        await UntilAsync(world, () => batcher.Status.PendingBlocks == 4, derive: false);
        Assert.Empty(world.Submissions);
        await admin.CallAsync("admin_stopBatcher", null, v => v.IsNull);
        Assert.False(batcher.Status.Running);
        world.Derive();
        Assert.Equal(4UL, world.Safe);
        world.Build(2);
        await Task.Delay(30);
        Assert.Equal(0, batcher.Status.PendingBlocks);
        await Assert.ThrowsAsync<RpcCallException>(() => admin.CallAsync("admin_stopBatcher", null, v => v.IsNull));
        await admin.CallAsync("admin_startBatcher", null, v => v.IsNull);
        await UntilAsync(world, () => batcher.Status.PendingBlocks == 2, derive: false);
        await admin.CallAsync("admin_stopBatcher", null, v => v.IsNull);
        world.Derive();
        Assert.Equal(6UL, world.Safe);
    }

    [Fact]
    public async Task A_restarted_batcher_goes_on_behind_the_safe_head()
    {
        var world = new World();
        world.Build(10);
        await using (BatcherService first = Make(world, Options))
        {
            first.Start();
            await UntilAsync(world, () => world.Safe == 10);
        }

        int before = world.Submissions.Count;
        world.Build(1);
        await using BatcherService second = Make(world, Options);
        second.Start();
        await UntilAsync(world, () => world.Safe == 11);
        Assert.Equal(before + 1, world.Submissions.Count);
    }

    [Fact]
    public async Task A_safe_head_that_goes_back_counts_once_the_node_has_read_L1_again()
    {
        var world = new World();
        world.Build(10);
        await using (BatcherService first = Make(world, Options))
        {
            first.Start();
            await UntilAsync(world, () => world.Safe == 10);
        }

        await using BatcherService second = Make(world, Options);
        second.Start();
        world.Build(2);
        await UntilAsync(world, () => world.Safe == 12);
        int before = world.Submissions.Count;

        // a node that was reset, say
        world.CurrentL1 = 90;
        world.SetSafe(5);
        await Task.Delay(100);
        world.SetSafe(12);
        world.CurrentL1 = null;
        await Task.Delay(100);
        Assert.Equal(before, world.Submissions.Count);

        // and one that stays there
        world.SetSafe(5);
        await UntilAsync(world, () => world.Safe == 12);
        Assert.True(world.Submissions.Count > before);
        Assert.Empty(world.Problems);
    }

    [Fact]
    public async Task It_can_wait_for_the_node_at_the_start()
    {
        var world = new World { CurrentL1 = 90 };
        world.Build(3);
        await using BatcherService batcher = Make(world, Options with { WaitNodeSync = true });
        batcher.Start();
        await Task.Delay(50);
        Assert.Equal(0, batcher.Status.PendingBlocks);
        world.CurrentL1 = null;
        await UntilAsync(world, () => world.Safe == 3);
    }

    [Fact]
    public async Task A_node_that_is_away_is_named_and_waited_for()
    {
        var world = new World { IsNodeDown = true };
        world.Build(3);
        await using BatcherService batcher = Make(world, Options);
        batcher.Start();
        await UntilAsync(world, () => batcher.Status.Trouble.Contains("node is down", StringComparison.Ordinal));
        Assert.False(batcher.Health.IsHealthy);
        world.IsNodeDown = false;
        await UntilAsync(world, () => world.Safe == 3);
    }

    [Fact]
    public async Task A_node_that_knows_no_heads_yet_is_waited_for_and_that_is_said()
    {
        var world = new World { IsNodeNew = true };
        world.Build(3);
        await using BatcherService batcher = Make(world, Options);
        await batcher.TurnAsync(default);
        Assert.False(batcher.Health.IsHealthy);
        Assert.Contains("no safe head yet", batcher.Status.Trouble, StringComparison.Ordinal);
        world.IsNodeNew = false;
        await batcher.TurnAsync(default);
        Assert.Equal((true, 3), (batcher.Health.IsHealthy, batcher.Status.PendingBlocks));
    }

    [Fact]
    public async Task The_sequencer_is_slowed_down_while_the_backlog_is_large()
    {
        var world = new World { FailuresLeft = int.MaxValue };
        world.Build(20, bytes: 300);
        await using BatcherService batcher = Make(world, Options, ThrottleOptions.FirstGeneration(threshold: 3_000, transactionSize: 50, blockSize: 60, alwaysBlockSize: 70));
        batcher.Start();
        await UntilAsync(world, () => world.Limits.Contains((50, 60)), derive: false);
        world.FailuresLeft = 0;
        await UntilAsync(world, () => world.Safe == 20);
        await UntilAsync(world, () => world.Limits[^1] == (0, 70));
    }

    [Fact]
    public void The_gas_of_calldata_is_the_floor_price()
    {
        Assert.Equal(21_000UL, L1Submitter.CalldataGas([]));
        Assert.Equal(21_000UL + 10 + 40, L1Submitter.CalldataGas([0, 1]));
    }
}
