using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;

namespace Opal.Batcher.Tests;

/// <summary>The batcher over two sequencers of one chain.</summary>
public sealed class WatchFollowTests
{
    /// <summary>A sequencer's server, which can be switched off and be inactive.</summary>
    private sealed class Switched(IRpcClient inner, string name) : IRpcClient
    {
        public volatile bool IsActive;
        public volatile bool IsDown;

        public string Endpoint => name;

        public Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
        {
            if (IsDown) throw new RpcTransportException(requests[0].Method, name, "nothing listens there (connection refused)", isTransient: true);
            IRpcClient answering = requests[0].Method == "admin_sequencerActive" ? new InProcessRpcClient(new RpcRegistry().Register("admin_sequencerActive", _ => RpcResult.Bool(IsActive))) : inner;
            return answering.SendAsync(requests, cancellation);
        }
    }

    [Fact]
    public async Task The_batcher_goes_over_to_the_sequencer_that_takes_over_and_loses_no_block()
    {
        var world = new World();
        Switched a = new(world.Node.Rpc, "a"), b = new(world.Node.Rpc, "b");
        a.IsActive = true;
        using var sequencers = new ActiveSequencer([world.L2.Rpc, world.L2.Rpc], [a, b], new ActiveSequencerOptions(), TimeProvider.System, NullLogger.Instance);
        var options = new BatcherOptions { BatchInbox = World.Rollup.BatchInboxAddress, PollInterval = TimeSpan.FromMilliseconds(5), MaxChannelDurationBlocks = 1, SubSafetyMarginBlocks = 2 };
        await using var batcher = new BatcherService(options, sequencers, world, new ChannelCodec(World.Rollup, options), TimeProvider.System, NullLogger.Instance);
        batcher.Start();
        world.Build(3);
        await UntilAsync(() => world.Safe == 3);
        Assert.Equal("a", sequencers.Following);
        a.IsDown = true;
        await UntilAsync(() => batcher.Status.Trouble.Contains("b: is not sequencing", StringComparison.Ordinal)); // nobody has taken over yet
        b.IsActive = true;
        world.Build(3);
        await UntilAsync(() => world.Safe == 6);
        Assert.Equal("b", sequencers.Following);
        Assert.Empty(world.Problems);

        async Task UntilAsync(Func<bool> holds)
        {
            for (int i = 0; !holds(); i++)
            {
                Assert.True(i < 3_000, $"safe {world.Safe}, {batcher.Status.Trouble}");
                world.Derive();
                await Task.Delay(10);
            }
        }
    }
}
