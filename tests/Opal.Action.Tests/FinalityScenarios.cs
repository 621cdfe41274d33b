using Opal.JsonRpc;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Finality, safe-head history, outputs.</summary>
public sealed class FinalityScenarios
{
    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("D-FN-01 S-FI-01")]
    public async Task Finality_follows_L1_finality(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        var safeAfter = new Dictionary<ulong, L2BlockRef>();
        for (int round = 0; round < 4; round++)
        {
            await net.RoundAsync();
            safeAfter[net.L1.Head.Number] = net.Verifier.Safe;
            Assert.Equal(0ul, net.Verifier.Finalized.Number);
        }

        foreach ((ulong l1, L2BlockRef safe) in safeAfter)
        {
            // what L1 calls safe finalizes nothing
            L2BlockRef before = net.Verifier.Finalized;
            net.L1.SafeNumber = l1;
            await net.Verifier.SyncAsync();
            Assert.Equal(l1, net.Verifier.Node.Status.SafeL1.Number);
            Assert.Equal(before, net.Verifier.Finalized);
            net.L1.FinalizedNumber = l1;
            await net.Verifier.SyncAsync();
            Assert.Equal(safe, net.Verifier.Finalized);
        }

        Assert.Equal(net.Verifier.Safe, net.Verifier.Finalized);
        Assert.Equal(net.Verifier.Finalized.Number, (await net.Verifier.Eth.FindHeaderAsync(BlockParameter.Finalized))!.Number);
        Assert.Equal(net.Verifier.Safe.Number, (await net.Verifier.Eth.FindHeaderAsync(BlockParameter.Safe))!.Number);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("D-FN-02 D-FN-03 S-FI-03 S-FI-04")]
    public async Task A_signal_ahead_of_derivation_is_applied_on_the_way_and_an_older_one_is_ignored(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await using var late = new NodeActor(net, new Node.SequencerOptions());
        net.L1.MineEmpty(1);
        for (int round = 0; round < 3; round++) await net.RoundAsync();
        net.L1.FinalizedNumber = net.L1.Head.Number - 1;
        await late.SyncAsync();
        Assert.Equal(net.Verifier.Safe, late.Safe);
        L2BlockRef finalized = late.Finalized;
        Assert.True(finalized.Number > 0 && finalized.Number < late.Safe.Number);
        net.L1.FinalizedNumber = 1;
        await late.SyncAsync();
        Assert.Equal(finalized, late.Finalized);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-FI-05")]
    public async Task The_finalized_head_never_goes_back_over_a_reset(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 3; round++) await net.RoundAsync();
        net.L1.FinalizedNumber = net.L1.Head.Number - 2;
        await net.Verifier.SyncAsync();
        L2BlockRef finalized = net.Verifier.Finalized;
        Assert.True(finalized.Number > 0);
        net.L1.Reorg(1);
        net.L1.MineEmpty(3);
        await net.Verifier.SyncAsync();
        Assert.True(net.Verifier.Safe.Number >= finalized.Number);
        Assert.Equal(finalized, net.Verifier.Finalized);
        await net.Verifier.RestartAsync();
        await net.Verifier.SyncAsync();
        Assert.Equal(finalized, net.Verifier.Finalized);
    }

    [Fact]
    [Case("D-DB-01 D-DB-02 D-DB-03")]
    public async Task Safe_heads_are_remembered_by_L1_block_and_forgotten_by_a_reorg()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        var client = new RollupNodeClient(new InProcessRpcClient(net.Verifier.Node.Registry));
        net.L1.MineEmpty(1);
        await net.RoundAsync();
        ulong first = net.L1.Head.Number;
        L2BlockRef safeFirst = net.Verifier.Safe;
        await net.RoundAsync();
        L2BlockRef safeSecond = net.Verifier.Safe;
        Assert.Equal((net.L1.HeadRef.Id, safeSecond.Id), await client.SafeHeadAtL1BlockAsync(first + 1));
        Assert.Equal(safeFirst.Id, (await client.SafeHeadAtL1BlockAsync(first)).SafeHead);
        Assert.Equal((net.L1.Genesis.Id, net.Rollup.Config.GenesisL2), await client.SafeHeadAtL1BlockAsync(first - 1));

        net.L1.Reorg(1);
        net.L1.MineEmpty(2);
        await net.Verifier.SyncAsync();
        Assert.Equal(safeFirst.Id, (await client.SafeHeadAtL1BlockAsync(first + 2)).SafeHead);
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Jovian)]
    public async Task Status_and_outputs_as_the_batcher_and_the_proposer_read_them(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        var client = new RollupNodeClient(new InProcessRpcClient(net.Verifier.Node.Registry));
        net.L1.MineEmpty(1);
        await net.RoundAsync();
        SyncStatus status = await client.SyncStatusAsync();
        Assert.Equal(net.L1.HeadRef, status.HeadL1);
        Assert.Equal(net.L1.HeadRef, status.CurrentL1);
        Assert.Equal(net.Verifier.Safe, status.SafeL2);
        OutputAtBlock output = await client.OutputAtBlockAsync(status.SafeL2.Number);
        Block block = await net.Verifier.BlockAsync(status.SafeL2.Number);
        Assert.Equal(status.SafeL2, output.Block);
        Assert.Equal(block.Header.StateRoot, output.StateRoot);
        Assert.Equal(OutputRoot.Compute(output.StateRoot, output.WithdrawalStorageRoot, block.Hash), output.OutputRoot);
        if (fork >= OptimismFork.Isthmus) Assert.Equal(block.Header.WithdrawalsRoot, output.WithdrawalStorageRoot);
        Assert.Equal(net.Rollup.Config.GenesisL2, (await client.RollupConfigAsync()).GenesisL2);
        await Assert.ThrowsAsync<RpcCallException>(() => client.OutputAtBlockAsync(1_000_000));
    }
}
