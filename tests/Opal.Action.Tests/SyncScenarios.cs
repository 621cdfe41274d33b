using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Unsafe blocks of another client, and engines that sync themselves.</summary>
public sealed class SyncScenarios
{
    [Fact]
    public async Task Another_clients_unsafe_blocks_are_followed_in_order_and_its_faults_reported()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        var source = new Source(net.Sequencer);
        await using var node = new NodeActor(net, new SequencerOptions()) { Follow = source };
        await node.RestartAsync();
        await node.SyncAsync();
        UnsafeFollower follower = node.Node.Follower!;

        await net.Sequencer.BuildAsync(40);
        for (int i = 0; i < 4; i++)
        {
            await PollAsync(node);
            Assert.Equal(Math.Min(40ul, (ulong)((i + 1) * UnsafeFollower.BatchSize)), node.Unsafe.Number);
        }

        Assert.Equal(net.Sequencer.Unsafe, node.Unsafe);
        Assert.Equal(0ul, node.Safe.Number);
        Assert.Null(follower.Report.Trouble);

        // away: reported, asked ever more seldom, and followed again by itself
        source.Fault = "no route";
        int asked = source.Asked;
        for (int i = 0; i < 120; i++)
        {
            net.Time.Advance(TimeSpan.FromSeconds(1));
            await PollAsync(node);
        }

        Assert.InRange(source.Asked - asked, 3, 12);
        Assert.Contains("no route", (await ReportAsync(node)).UnsafeReason, StringComparison.Ordinal);
        source.Fault = null;
        net.Time.Advance(TimeSpan.FromSeconds(31));
        await net.Sequencer.SyncAsync();
        await net.Sequencer.BuildAsync();
        await PollAsync(node);
        await PollAsync(node);
        Assert.Null((await ReportAsync(node)).Following!.Trouble);
        Assert.True(node.Unsafe.Number > 40);

        // another fork, and behind
        await using var other = new NodeActor(net, new SequencerOptions { Enabled = true, L1Confirmations = 0 });
        await other.SyncAsync();
        await other.SendAsync(net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One));
        await other.BuildAsync(1);
        source.Of = other;
        await PollAsync(node);
        Assert.Contains("behind", follower.Report.Trouble, StringComparison.Ordinal);
        ulong unsafeHead = node.Unsafe.Number;
        await other.BuildAsync((int)unsafeHead + 3);
        net.Time.Advance(TimeSpan.FromSeconds(31));
        await PollAsync(node);
        Assert.Contains("another fork", follower.Report.Trouble, StringComparison.Ordinal);
        Assert.Equal(unsafeHead, node.Unsafe.Number);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SY-06")]
    public async Task An_engine_that_syncs_itself_is_given_the_tip_and_derivation_begins_there(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(2);
        await net.RoundAsync();
        await net.Sequencer.BuildAsync(3);
        await using NodeActor node = await SyncingNodeAsync(net, offset: 0);
        L2BlockRef tip = net.Sequencer.Unsafe;

        await PollAsync(node);
        Assert.True(node.Node.Driver.WantsTip);
        Assert.Equal(0ul, node.Execution.Chain.Head.Number);
        Assert.Contains("execution-layer sync", (await ReportAsync(node)).UnsafeReason, StringComparison.Ordinal);

        // the engine gets the blocks from its peers
        await FillAsync(node, net, 1, tip.Number);
        net.Time.Advance(TimeSpan.FromSeconds(3));
        await node.SyncAsync();
        Assert.False(node.Node.Driver.WantsTip);
        Assert.Equal(tip, node.Unsafe);
        Assert.Equal(tip.Hash, (await node.Eth.FindHeaderAsync(BlockParameter.Finalized))!.Hash);

        // consensus mode from here on
        for (int i = 0; i < 2; i++)
        {
            await net.Sequencer.BuildToL1HeadAsync();
            net.L1.Mine(await net.Batcher.SubmitAllAsync());
            await node.SyncAsync();
        }

        await net.Sequencer.SyncAsync();
        Assert.Equal(net.Sequencer.Safe, node.Safe);
        Assert.True(node.Safe.Number > tip.Number);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SY-07")]
    public async Task An_engine_that_has_synced_before_is_left_alone(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 3; round++) await net.RoundAsync();
        net.L1.FinalizedNumber = net.L1.Head.Number - 1;
        await net.Verifier.SyncAsync();
        Assert.True(net.Verifier.Finalized.Number > 0);
        net.Verifier.EngineSync = true;
        await net.Verifier.RestartAsync();
        await net.Sequencer.BuildAsync(6);
        Task<bool> post = net.Verifier.Node.Driver.PostUnsafePayloadAsync(PayloadEnvelopes.FromBlock(await net.Sequencer.BlockAsync(net.Sequencer.Unsafe.Number), net.Rollup.Config));
        net.Verifier.Engine.Fault = method => method == "newPayload" ? throw new InvalidOperationException("a block with a gap below it is not handed over") : null;
        await net.Verifier.SyncAsync();
        Assert.True(await post);
        Assert.False(net.Verifier.Node.Driver.WantsTip);
        Assert.True(net.Verifier.Node.Driver.IsSettled);
    }

    [Theory]
    [Case("S-SY-08")]
    [InlineData(OptimismFork.Bedrock, 4)]
    [InlineData(OptimismFork.Karst, 4)]
    [InlineData(OptimismFork.Karst, 1000)]
    public async Task Safe_and_finalized_trail_the_synced_block_by_the_offset(OptimismFork fork, ulong offset)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(9);
        await using NodeActor node = await SyncingNodeAsync(net, offset);
        await PollAsync(node);
        await FillAsync(node, net, 1, 9);
        net.Time.Advance(TimeSpan.FromSeconds(3));
        await node.SyncAsync();
        ulong expected = offset > 9 ? 0 : 9 - offset;
        Assert.Equal(9ul, node.Unsafe.Number);
        Assert.Equal(expected, (await node.Eth.FindHeaderAsync(BlockParameter.Finalized))?.Number ?? 0);
        Assert.Equal(expected, node.Finalized.Number);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SY-06")]
    public async Task An_engine_that_cannot_sync_itself_has_the_chain_derived_for_it(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(2);
        await net.RoundAsync();
        await using NodeActor node = await SyncingNodeAsync(net, offset: 0);
        for (int i = 0; i < 40 && node.Node.Driver.WantsTip; i++)
        {
            await PollAsync(node);
            net.Time.Advance(TimeSpan.FromSeconds(5));
            await node.SyncAsync();
        }

        Assert.False(node.Node.Driver.WantsTip);
        Assert.Contains("Deriving the chain from L1 instead", node.Log.ToString(), StringComparison.Ordinal);
        await node.SyncAsync();
        Assert.Equal(net.Verifier.Safe, node.Safe);
    }

    private static async Task<NodeActor> SyncingNodeAsync(ActorNet net, ulong offset)
    {
        var node = new NodeActor(net, new SequencerOptions()) { Follow = new Source(net.Sequencer), EngineSync = true, EngineSyncOffset = offset };
        await node.RestartAsync();
        await node.SyncAsync();
        Assert.True(node.Node.Driver.WantsTip);
        return node;
    }

    private static async Task FillAsync(NodeActor node, ActorNet net, ulong from, ulong to)
    {
        foreach (Block block in await net.Sequencer.BlocksAsync(from, to))
            Assert.Equal(EngineVerdict.Valid, (await node.Engine.NewPayloadAsync(PayloadEnvelopes.FromBlock(block, net.Rollup.Config), default)).Verdict);
    }

    private static async Task PollAsync(NodeActor node)
    {
        Task<bool> poll = node.Node.Follower!.PollAsync(default);
        for (int i = 0; i < 1000 && !poll.IsCompleted; i++)
        {
            await node.SyncAsync();
            await Task.WhenAny(poll, Task.Delay(1));
        }

        await poll;
        await node.SyncAsync();
    }

    private static async Task<NodeReport> ReportAsync(NodeActor node)
    {
        Task<NodeReport> report = node.Node.Driver.ReportAsync(new DroppedItems(), default);
        await node.SyncAsync();
        return await report;
    }

    private sealed class Source(NodeActor of) : IUnsafeSource
    {
        private RpcUnsafeSource _inner = new(of.Connection);

        public NodeActor Of
        {
            set => _inner = new RpcUnsafeSource(value.Connection);
        }

        public string? Fault { get; set; }

        public int Asked { get; private set; }

        public string Name => "http://sequencer";

        public Task<ulong> ChainIdAsync(CancellationToken cancellation) => _inner.ChainIdAsync(cancellation);

        public Task<BlockHeader?> LatestAsync(CancellationToken cancellation)
        {
            Asked++;
            return Fault is null ? _inner.LatestAsync(cancellation) : Task.FromException<BlockHeader?>(new SourceException(Fault));
        }

        public Task<Block?> BlockAsync(ulong number, CancellationToken cancellation) => _inner.BlockAsync(number, cancellation);
    }
}
