using Opal.Execution;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Faulty providers, restarts, unsafe blocks from outside: the same chain in the end.</summary>
public sealed class RobustnessScenarios
{
    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Jovian)]
    public async Task A_restart_goes_on_from_the_safe_head(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 3; round++)
        {
            await net.RoundAsync();
            await net.Verifier.RestartAsync();
            await net.Sequencer.RestartAsync();
            await net.Verifier.SyncAsync();
            Assert.Equal(net.Sequencer.Execution.Chain.Head.Hash, net.Verifier.Safe.Hash);
        }

        Assert.True(net.Verifier.Safe.Number > 12);
    }

    [Fact]
    [Case("S-DE-07")]
    public async Task A_restart_in_the_middle_of_a_channel_reads_its_beginning_again()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildToL1HeadAsync();
        net.Batcher.MaxFrameData = 300;
        L1Item[] items = await net.Batcher.SubmitAllAsync();
        foreach (L1Item item in items)
        {
            net.L1.Mine(item);
            await net.Verifier.SyncAsync();
            await net.Verifier.RestartAsync();
        }

        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [InlineData(1, OptimismFork.Bedrock)]
    [InlineData(2, OptimismFork.Jovian)]
    [InlineData(3, OptimismFork.Karst)]
    [Case("D-RT-09 D-TR-01 S-SY-01")]
    public async Task A_flaky_L1_delays_but_does_not_change_the_result(int seed, OptimismFork fork)
    {
        var random = new Random(seed);
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        await net.Sequencer.BuildToL1HeadAsync();
        net.Batcher.Carrier = fork >= OptimismFork.Ecotone ? Carrier.Blobs : Carrier.Calldata;
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        net.L1.MineEmpty(3);
        net.L1.BeforeAnswer = _ =>
        {
            if (random.Next(3) == 0) throw new SourceException("flaky");
        };
        await net.Verifier.RunUntilAsync(() => net.Verifier.Safe.Number == net.Sequencer.Unsafe.Number, TimeSpan.FromMinutes(5));
        net.L1.BeforeAnswer = null;
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [InlineData(1, OptimismFork.Granite)]
    [InlineData(2, OptimismFork.Granite)]
    [InlineData(3, OptimismFork.Jovian)]
    [InlineData(4, OptimismFork.Jovian)]
    public async Task Whatever_the_engine_answers_the_verifier_ends_on_the_same_chain(int seed, OptimismFork fork)
    {
        var random = new Random(seed);
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 2; round++) await net.RoundAsync();
        await net.Sequencer.BuildToL1HeadAsync();
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        L2BlockRef target = net.Sequencer.Unsafe;

        // INVALID is an answer about the block, and is believed: it is left out here
        EngineVerdict[] verdicts =
        [
            EngineVerdict.Syncing, EngineVerdict.Accepted, EngineVerdict.InvalidForkchoiceState, EngineVerdict.UnknownPayload, EngineVerdict.Refused, EngineVerdict.Unreachable,
        ];
        await using var node = new NodeActor(net, new SequencerOptions());
        node.Engine.Fault = _ => random.Next(4) == 0 ? verdicts[random.Next(verdicts.Length)] : null;
        DateTimeOffset until = net.Time.GetUtcNow() + TimeSpan.FromMinutes(2);
        await node.RunUntilAsync(() => net.Time.GetUtcNow() >= until || node.Safe == target, TimeSpan.FromMinutes(3));
        int calls = node.Engine.Calls;
        Assert.InRange(calls, 1, 5000);
        node.Engine.Fault = null;
        await node.RunUntilAsync(() => node.Safe == target, TimeSpan.FromMinutes(3));
        Assert.Equal(target, node.Unsafe);
    }

    [Fact]
    public async Task Temporary_engine_faults_cost_the_sequencer_no_block()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        var random = new Random(5);
        net.L1.MineEmpty(3);
        net.Sequencer.Engine.Fault = _ => random.Next(5) == 0 ? EngineVerdict.Unreachable : null;
        await net.Sequencer.RunUntilAsync(() => net.Sequencer.Unsafe.Number >= 20, TimeSpan.FromMinutes(4));
        net.Sequencer.Engine.Fault = null;
        await net.Sequencer.BuildToL1HeadAsync();
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        List<Block> blocks = await net.Sequencer.BlocksAsync(0, net.Sequencer.Unsafe.Number);
        for (int i = 1; i < blocks.Count; i++) Assert.Equal(blocks[i - 1].Header.Timestamp + 2, blocks[i].Header.Timestamp);
    }

    [Fact]
    [Case("D-EN-01 D-EN-11")]
    public async Task Unsafe_blocks_may_come_in_any_order_and_are_consolidated_without_rebuilding()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
        await net.Sequencer.BuildAsync(5);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 5);
        foreach (int i in (int[])[4, 2, 3, 1])
        {
            Assert.True(await PostAsync(net, blocks[i]));
            Assert.Equal(0ul, net.Verifier.Unsafe.Number);
        }

        Assert.True(await PostAsync(net, blocks[0]));
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Unsafe);
        Assert.Equal(0ul, net.Verifier.Safe.Number);

        net.Verifier.Engine.Fault = method => method == "build" ? throw new InvalidOperationException("nothing is to be built") : null;
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [InlineData(OptimismFork.Canyon)]
    [InlineData(OptimismFork.Jovian)]
    [Case("D-EN-02")]
    public async Task Unsafe_blocks_that_differ_from_L1_are_replaced(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await using var rogue = new NodeActor(net, new SequencerOptions { Enabled = true, L1Confirmations = 0 });
        await rogue.SyncAsync();
        await rogue.SendAsync(net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, new UInt256(99)));
        await rogue.BuildAsync(4);
        foreach (Block block in await rogue.BlocksAsync(1, 4)) await PostAsync(net, block);
        Assert.Equal(rogue.Unsafe, net.Verifier.Unsafe);

        await net.Sequencer.BuildAsync(6);
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Unsafe);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("D-RS-06 S-SY-12")]
    public async Task A_rewound_engine_is_caught_up_again(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 2; round++) await net.RoundAsync();
        L2BlockRef safe = net.Verifier.Safe;
        // a new engine with nothing but genesis behind the same rollup node's replacement
        await using var replacement = new NodeActor(net, new SequencerOptions());
        await replacement.SyncAsync();
        Assert.Equal(safe, replacement.Safe);

        ExecutedBlock middle = net.Verifier.Execution.Chain.FindCanonical(3)!;
        Assert.True(net.Verifier.Execution.Chain.TrySetHead(middle.Hash));
        net.L1.MineEmpty(1);
        await net.Verifier.Node.Driver.StepAsync(default);
        await net.RoundAsync();
        await net.Verifier.RunUntilAsync(() => net.Verifier.Safe == net.Sequencer.Unsafe, TimeSpan.FromMinutes(3));
        Assert.Equal(net.Sequencer.Unsafe.Hash, net.Verifier.Execution.Chain.Head.Hash);
    }

    private static async Task<bool> PostAsync(ActorNet net, Block block)
    {
        Task<bool> added = net.Verifier.Node.Driver.PostUnsafePayloadAsync(PayloadEnvelopes.FromBlock(block, net.Rollup.Config));
        await net.Verifier.SyncAsync();
        return await added;
    }
}
