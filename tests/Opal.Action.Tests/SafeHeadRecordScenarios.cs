using Opal.JsonRpc;
using Opal.Node;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>optimism_safeHeadAtL1Block over batches, reorgs, resets and restarts.</summary>
public sealed class SafeHeadRecordScenarios : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-safeheads-").FullName;

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SD-01 S-SD-02")]
    public async Task The_head_of_a_batch_is_recorded_with_its_L1_block_and_forgotten_with_it(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        RollupNodeClient client = ClientOf(net.Verifier);
        BlockId genesis = net.Rollup.Config.GenesisL2;
        net.L1.MineEmpty(3);
        await net.Sequencer.BuildAsync(4);
        L1Item[] batch = await net.Batcher.SubmitAllAsync();
        L1BlockRef n = net.L1.Mine(batch);
        net.L1.MineEmpty(2);
        await net.Verifier.SyncAsync();
        L2BlockRef head = net.Verifier.Safe;
        Assert.Equal(4ul, head.Number);
        for (ulong l1 = 0; l1 < n.Number; l1++) Assert.Equal((net.L1.Genesis.Id, genesis), await client.SafeHeadAtL1BlockAsync(l1));
        for (ulong l1 = n.Number; l1 <= net.L1.Head.Number + 5; l1++) Assert.Equal((n.Id, head.Id), await client.SafeHeadAtL1BlockAsync(l1));

        // the batch's block is orphaned by a longer chain without it
        net.L1.Reorg(3);
        net.L1.MineEmpty(5);
        await net.Verifier.SyncAsync();
        Assert.Equal((net.L1.Genesis.Id, genesis), await client.SafeHeadAtL1BlockAsync(n.Number));
        Assert.Equal((net.L1.Genesis.Id, genesis), await client.SafeHeadAtL1BlockAsync(net.L1.Head.Number));

        L1BlockRef replay = net.L1.Mine(batch);
        await net.Verifier.SyncAsync();
        Assert.Equal((replay.Id, head.Id), await client.SafeHeadAtL1BlockAsync(replay.Number));
        Assert.Equal((net.L1.Genesis.Id, genesis), await client.SafeHeadAtL1BlockAsync(replay.Number - 1));
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SD-03")]
    public async Task A_reset_into_the_middle_cuts_what_came_after_and_derivation_writes_it_again(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        RollupNodeClient client = ClientOf(net.Verifier);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 32; round++) await net.RoundAsync();
        ulong top = net.L1.Head.Number;
        var before = new List<(BlockId, BlockId)>();
        for (ulong l1 = 0; l1 <= top; l1++) before.Add(await client.SafeHeadAtL1BlockAsync(l1));

        // an operator's reset walks back to a safe head S in the middle
        await ResetAsync(net.Verifier);
        L2BlockRef safe = net.Verifier.Node.Heads.Safe;
        Assert.InRange(safe.Number, 12ul, (ulong)net.Sequencer.Unsafe.Number - 12);
        int first = before.FindIndex(record => record.Item2.Number >= safe.Number);
        for (ulong l1 = 0; l1 <= top; l1++)
        {
            (BlockId at, BlockId head) = await client.SafeHeadAtL1BlockAsync(l1);
            if ((int)l1 < first) Assert.Equal(before[(int)l1], (at, head));
            else Assert.Equal((before[first].Item1, safe.Id), (at, head));
        }

        await net.Verifier.SyncAsync();
        for (ulong l1 = 0; l1 <= top; l1++) Assert.Equal(before[(int)l1].Item2, (await client.SafeHeadAtL1BlockAsync(l1)).SafeHead);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SD-03")]
    public async Task A_reset_to_the_first_record_leaves_none_since_nobody_knows_what_was_before(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 32; round++) await net.RoundAsync();

        // a node that began in the middle of the chain: its engine was there before it
        await net.Verifier.RestartAsync();
        RollupNodeClient client = ClientOf(net.Verifier);
        await net.Verifier.SyncAsync();
        ulong earliest = 1;
        while (!net.Verifier.Node.Driver.SafeHeads.TryGet(earliest, out _, out _)) earliest++;
        await Assert.ThrowsAsync<RpcCallException>(() => client.SafeHeadAtL1BlockAsync(earliest - 1));
        Assert.True(net.Verifier.Node.Driver.SafeHeads.TryGet(earliest, out _, out BlockId first));

        await ResetAsync(net.Verifier);
        Assert.True(net.Verifier.Node.Heads.Safe.Number <= first.Number);
        await Assert.ThrowsAsync<RpcCallException>(() => client.SafeHeadAtL1BlockAsync(net.L1.Head.Number));
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Verifier.Safe.Id, (await client.SafeHeadAtL1BlockAsync(net.L1.Head.Number)).SafeHead);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SD-04")]
    public async Task A_reopened_record_answers_the_same_and_a_closed_one_refuses(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await using var node = new NodeActor(net, new SequencerOptions(), _folder);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 4; round++)
        {
            await net.RoundAsync();
            net.L1.MineEmpty(1);
            await node.SyncAsync();
        }

        RollupNodeClient client = ClientOf(node);
        var before = new List<(BlockId, BlockId)>();
        for (ulong l1 = 0; l1 <= net.L1.Head.Number; l1++) before.Add(await client.SafeHeadAtL1BlockAsync(l1));
        Assert.True(before.Select(static record => record.Item2).Distinct().Count() > 4);

        await node.StopAsync();
        await Assert.ThrowsAsync<RpcCallException>(() => client.SafeHeadAtL1BlockAsync(1));
        await node.RestartAsync();
        client = ClientOf(node);
        for (ulong l1 = 0; l1 <= net.L1.Head.Number; l1++) Assert.Equal(before[(int)l1], await client.SafeHeadAtL1BlockAsync(l1));
        await node.SyncAsync();
        for (ulong l1 = 0; l1 <= net.L1.Head.Number; l1++) Assert.Equal(before[(int)l1], await client.SafeHeadAtL1BlockAsync(l1));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static RollupNodeClient ClientOf(NodeActor node) => new(new InProcessRpcClient(node.Node.Registry));

    /// <summary>Resets, and stops right behind it.</summary>
    private static async Task ResetAsync(NodeActor node)
    {
        int resets = node.Recorder.Resets.Count;
        _ = node.Node.Driver.ResetDerivationAsync();
        for (int i = 0; i < 1000 && node.Recorder.Resets.Count == resets; i++) await node.Node.Driver.StepAsync(default);
        Assert.Equal(resets + 1, node.Recorder.Resets.Count);
    }
}
