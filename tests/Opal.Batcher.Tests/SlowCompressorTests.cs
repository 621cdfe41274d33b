using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher.Tests;

/// <summary>Whoever asks or commands does not wait for a channel that is being compressed.</summary>
public sealed class SlowCompressorTests
{
    private static readonly BatcherOptions Options = new()
    {
        BatchInbox = World.Rollup.BatchInboxAddress, PollInterval = TimeSpan.FromMilliseconds(5), MaxL1TransactionBytes = 2_000, MaxChannelDurationBlocks = 50, SubSafetyMarginBlocks = 2,
    };

    /// <summary>Compresses when it is let.</summary>
    private sealed class HeldCodec(IChannelCodec codec) : IChannelCodec
    {
        public ManualResetEventSlim Begun { get; } = new();

        public ManualResetEventSlim Let { get; } = new();

        public byte[] Encode(IReadOnlyList<Block> blocks)
        {
            Begun.Set();
            Let.Wait();
            return codec.Encode(blocks);
        }
    }

    private static BatcherService Make(World world, BatcherOptions options, IChannelCodec codec, IL1Submitter? submitter = null) =>
        new(options, new OnlySequencer(world.L2, world.Node), submitter ?? world, codec, TimeProvider.System, NullLogger.Instance);

    [Fact]
    public async Task Status_health_and_commands_are_answered_while_a_channel_is_compressed()
    {
        var world = new World();
        world.Build(3);
        var codec = new HeldCodec(new ChannelCodec(World.Rollup, Options));
        var registry = new RpcRegistry();
        await using BatcherService batcher = Make(world, Options, codec);
        batcher.Register(registry);
        var admin = new InProcessRpcClient(registry);
        batcher.Start();
        try
        {
            Assert.True(codec.Begun.Wait(TimeSpan.FromSeconds(30)));

            // everything here would wait for ever if it waited for the compressor
            await Task.Run(async () =>
            {
                Assert.Equal((true, 3), (batcher.Status.Running, batcher.Status.PendingBlocks));
                Assert.True(batcher.Health.IsHealthy);
                await admin.CallAsync("health_status", null, static v => v.AsString());
                await admin.CallAsync("admin_flushBatcher", null, static v => v.IsNull);
                await Assert.ThrowsAsync<RpcCallException>(() => admin.CallAsync("admin_startBatcher", null, static v => v.IsNull));
            }).WaitAsync(TimeSpan.FromSeconds(30));
            Task stopping = admin.CallAsync("admin_stopBatcher", null, static v => v.IsNull);
            codec.Let.Set();
            await stopping.WaitAsync(TimeSpan.FromSeconds(30)); // it was taken, and what there is was posted
            Assert.Equal((false, 0), (batcher.Status.Running, batcher.Status.PendingBlocks));
            world.Derive();
            Assert.Equal(3UL, world.Safe);
        }
        finally
        {
            codec.Let.Set();
        }
    }

    [Fact]
    public async Task A_stopped_batcher_has_nothing_to_flush()
    {
        var registry = new RpcRegistry();
        await using BatcherService batcher = Make(new World(), Options with { StartStopped = true }, new ChannelCodec(World.Rollup, Options));
        batcher.Register(registry);
        RpcCallException error = await Assert.ThrowsAsync<RpcCallException>(() => new InProcessRpcClient(registry).CallAsync("admin_flushBatcher", null, static v => v.IsNull));
        Assert.Contains("not running", error.Message, StringComparison.Ordinal);
        Assert.False(batcher.Flush());
    }

    /// <summary>Takes everything, and nothing is mined.</summary>
    private sealed class Stuck : IL1Submitter
    {
        public int Count { get; private set; }

        public async Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
        {
            Count++;
            await recorder!.PublishingAsync(new TxVersion((ulong)Count, Hash256.FromUInt256((ulong)Count), new TxFees(1, 2, 3)), cancellation);
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new InvalidOperationException("it is cancelled before");
        }
    }

    [Fact]
    public async Task A_long_backlog_is_loaded_in_turns_and_goes_out_at_once_when_all_of_it_is_there()
    {
        var world = new World();
        world.Build(100, bytes: 1); // with origins 0 to 16
        var submitter = new Stuck();
        await using BatcherService batcher = Make(world, Options with { MaxL1TransactionBytes = 100_000, MaxChannelDurationBlocks = 15 }, new ChannelCodec(World.Rollup, Options), submitter);
        await batcher.TurnAsync(default);
        Assert.Equal((64, 0), (batcher.Status.PendingBlocks, submitter.Count));
        await batcher.TurnAsync(default);
        Assert.Equal((0, 1), (batcher.Status.PendingBlocks, submitter.Count)); // L1 has not moved since the start
    }

    [Fact]
    public async Task What_builds_on_a_channel_that_may_be_too_late_waits_for_the_node()
    {
        var world = new World();
        world.Build(6);
        var submitter = new Stuck();
        BatcherOptions options = Options with { SequencingWindowBlocks = 120, MaxPendingTransactions = 0, MaxChannelDurationBlocks = 0 };
        await using BatcherService batcher = Make(world, options, new ChannelCodec(World.Rollup, options), submitter);
        batcher.Flush();
        await batcher.TurnAsync(default);
        Assert.Equal((1, ""), (submitter.Count, batcher.Status.Trouble)); // blocks 1 to 5 have origin 0, block 6 origin 1

        world.Build(60); // blocks whose windows are open
        world.L1Head = 120;
        batcher.Flush();
        await batcher.TurnAsync(default);
        Assert.Equal(1, submitter.Count);
        Assert.Contains("block 1 is on its way to L1, and its sequencing window is over", batcher.Status.Trouble, StringComparison.Ordinal);

        world.SetSafe(6); // it was there in time
        await batcher.TurnAsync(default);
        Assert.Equal("", batcher.Status.Trouble);
        Assert.True(submitter.Count > 1);
    }
}
