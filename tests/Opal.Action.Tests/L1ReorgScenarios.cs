using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>L1 changes its mind.</summary>
public sealed class L1ReorgScenarios
{
    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("D-RG-01 S-RG-01")]
    public async Task Safe_head_rewinds_when_a_reorg_orphans_the_batch(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        L2BlockRef genesis = net.Verifier.Safe;
        await net.Sequencer.BuildAsync(5);
        L1Item[] batch = await net.Batcher.SubmitAllAsync();
        net.L1.Mine(batch);
        await net.Verifier.SyncAsync();
        L2BlockRef derived = net.Verifier.Safe;
        Assert.Equal(net.Sequencer.Unsafe, derived);

        net.L1.Reorg(depth: 1);
        net.L1.MineEmpty(2); // the batch is gone
        await net.Verifier.SyncAsync();
        Assert.Equal(genesis, net.Verifier.Safe);
        Assert.Equal(derived, net.Verifier.Unsafe); // its blocks' origins still stand

        net.L1.Mine(batch);
        await net.Verifier.SyncAsync();
        Assert.Equal(derived, net.Verifier.Safe);
    }

    [Fact]
    public async Task Nothing_happens_before_the_new_chain_is_longer()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        await net.Sequencer.BuildAsync(5);
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        L2BlockRef derived = net.Verifier.Safe;
        net.L1.Reorg(depth: 1);
        await net.Verifier.SyncAsync();
        net.L1.MineEmpty(1);
        await net.Verifier.SyncAsync();
        Assert.Equal(derived, net.Verifier.Safe);
    }

    [Fact]
    [Case("D-RG-02 D-RG-04 D-SQ-04")]
    public async Task Unsafe_blocks_on_an_orphaned_origin_are_replaced()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.L1.MineEmpty(3);
        await net.Sequencer.BuildToL1HeadAsync();
        L2BlockRef old = net.Sequencer.Unsafe;
        Assert.Equal(3ul, old.L1Origin.Number);

        net.L1.Reorg(depth: 2);
        net.L1.MineEmpty(4);
        await net.Sequencer.BuildToL1HeadAsync();
        Assert.Equal(5ul, net.Sequencer.Unsafe.L1Origin.Number);
        Assert.Equal(net.L1.HeadRef.Hash, net.Sequencer.Unsafe.L1Origin.Hash);
        Assert.NotEqual(old.Hash, (await net.Sequencer.BlockAsync(old.Number)).Hash);

        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Fact]
    public async Task A_reorg_as_deep_as_the_window_ends_in_the_same_chain_everywhere()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 3; round++) await net.RoundAsync();
        net.L1.MineEmpty((int)net.Rollup.Config.SequencingWindowSize * 2);
        await net.Verifier.SyncAsync();
        net.L1.Reorg((int)net.Rollup.Config.SequencingWindowSize * 2);
        net.Batcher.StartOver();
        net.L1.MineEmpty(((int)net.Rollup.Config.SequencingWindowSize * 2) + 2);
        await net.Verifier.SyncAsync();
        await net.Sequencer.SyncAsync();
        Assert.Equal(net.Verifier.Safe, net.Sequencer.Safe);

        await using var fresh = new NodeActor(net, new Node.SequencerOptions());
        await fresh.SyncAsync();
        Assert.Equal(fresh.Safe, net.Verifier.Safe);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-RG-05")]
    public async Task An_orphaned_config_change_is_undone(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        var rival = new TestAccount("rival");
        net.L1.Mine(new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, L1Logs.Batcher(rival.Address)));
        await net.Sequencer.BuildAsync(3);
        L1Item[] batch = await net.Batcher.SubmitAllAsync();
        net.L1.Mine(batch);
        await net.Verifier.SyncAsync();
        Assert.Equal(0ul, net.Verifier.Safe.Number); // no longer the batcher

        net.L1.Reorg(depth: 2);
        net.L1.MineEmpty(1);
        net.L1.Mine(batch);
        net.L1.MineEmpty(1);
        await net.Verifier.SyncAsync();
        Assert.Equal(3ul, net.Verifier.Safe.Number);
    }

    [Fact]
    public async Task Deposits_follow_the_reorg()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        var item = new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, L1Logs.Deposit(net.Alice.Address, net.Bob.Address, new UInt256(7), new UInt256(7)));
        UInt256 before = await net.Sequencer.Eth.GetBalanceAsync(net.Bob.Address);
        net.L1.Mine(item);
        await net.Sequencer.BuildToL1HeadAsync();
        Assert.Equal(before + new UInt256(7), await net.Sequencer.Eth.GetBalanceAsync(net.Bob.Address));

        net.L1.Reorg(depth: 1);
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildToL1HeadAsync();
        Assert.Equal(before, await net.Sequencer.Eth.GetBalanceAsync(net.Bob.Address));
        net.L1.Mine(item);
        await net.Sequencer.BuildToL1HeadAsync();
        Assert.Equal(before + new UInt256(7), await net.Sequencer.Eth.GetBalanceAsync(net.Bob.Address));
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }
}
