using Opal.Derivation;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Which L1 origin the sequencer gives its blocks, and what it puts into them.</summary>
public sealed class SequencerOriginScenarios
{
    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SQ-01")]
    public async Task An_origin_kept_beyond_the_drift_carries_transactions_to_the_limit_and_none_after(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, config => config with { MaxSequencerDriftFjordSeconds = 40 });
        net.L1.MineAfter(64);
        for (int i = 1; i <= 32; i++)
        {
            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
            await net.Sequencer.BuildAsync();
        }

        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 32);
        foreach (Block block in blocks)
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            ulong drift = block.Header.Timestamp - TestRollup.GenesisTime;
            Assert.Equal(drift < 64 ? 0ul : 1ul, info!.Number);
            Assert.Equal(drift <= 40 ? 1 : drift < 64 ? 0 : 12, block.Transactions.Length - 1);
        }

        // a batcher that puts a transaction where none may be gets that batch dropped, and all after it
        List<SingularBatch> batches = [.. blocks.Select(BatchWriter.Batch)];
        SingularBatch past = batches[20];
        Assert.Equal(TestRollup.GenesisTime + 42, past.Timestamp);
        batches[20] = new SingularBatch
        {
            ParentHash = past.ParentHash, EpochNumber = past.EpochNumber, EpochHash = past.EpochHash, Timestamp = past.Timestamp, Transactions = [blocks[31].Transactions[1].Encoded],
        };
        net.L1.Mine(net.Batcher.Submit(BatchWriter.Channel(batches.Select(static batch => batch.Encode()))));
        await net.Verifier.SyncAsync();
        Assert.Equal(20ul, net.Verifier.Safe.Number);
        Assert.Empty(net.Verifier.Recorder.Invalid);

        net.L1.Mine(net.Batcher.Submit(blocks));
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, 0)]
    [InlineData(OptimismFork.Bedrock, 4)]
    [InlineData(OptimismFork.Karst, 0)]
    [InlineData(OptimismFork.Karst, 4)]
    [Case("S-SQ-02")]
    public async Task An_origin_is_adopted_in_the_first_block_that_time_and_depth_allow(OptimismFork fork, int depth)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, sequencing: new SequencerOptions { Enabled = true, L1Confirmations = (ulong)depth });
        net.L1.MineEmpty(5 + depth); // the fifth is the last that is deep enough
        await net.Sequencer.BuildAsync(40);
        foreach (Block block in await net.Sequencer.BlocksAsync(1, 40))
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            Assert.Equal(Math.Min(5, (block.Header.Timestamp - TestRollup.GenesisTime) / 12), info!.Number);
        }

        // L1 moves by one block: time has come long ago, so that the very next block adopts
        net.L1.MineEmpty(1);
        await net.Sequencer.SyncAsync();
        ulong before = net.Sequencer.Unsafe.Number;
        await net.Sequencer.BuildAsync();
        Assert.Equal(6ul, net.Sequencer.Unsafe.L1Origin.Number);
        Assert.Equal(before + 1, net.Sequencer.Unsafe.Number);
        Assert.Equal(0ul, net.Sequencer.Unsafe.SequenceNumber);
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SQ-03")]
    public async Task An_origin_that_only_unsafe_blocks_used_is_orphaned_and_the_sequencer_alone_builds_anew(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        await net.RoundAsync();
        L2BlockRef safe = net.Verifier.Safe;
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildToL1HeadAsync();
        L2BlockRef dead = net.Sequencer.Unsafe;
        int resets = net.Sequencer.Recorder.Resets.Count;

        net.L1.Reorg(2);
        net.L1.MineEmpty(3);
        await net.Verifier.SyncAsync();
        Assert.Equal(safe, net.Verifier.Safe);
        Assert.Equal(safe.Hash, net.Verifier.Execution.Chain.Head.Hash);
        await net.Sequencer.BuildToL1HeadAsync();
        Assert.True(net.Sequencer.Recorder.Resets.Count > resets);
        Assert.Equal(safe.Hash, (await net.Sequencer.BlockAsync(safe.Number)).Hash);
        Assert.NotEqual(dead.Hash, (await net.Sequencer.BlockAsync(dead.Number)).Hash);
        Assert.Equal(net.L1.HeadRef.Id, net.Sequencer.Unsafe.L1Origin);

        net.Batcher.StartOver();
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    [VectorTheory]
    [InlineData(OptimismFork.Ecotone, true)]
    [InlineData(OptimismFork.Fjord, true)]
    [InlineData(OptimismFork.Granite, false)]
    [InlineData(OptimismFork.Holocene, false)]
    [InlineData(OptimismFork.Isthmus, true)]
    [InlineData(OptimismFork.Jovian, true)]
    [InlineData(OptimismFork.Karst, true)]
    [Case("S-SQ-10")]
    public async Task The_pool_waits_in_activation_blocks_that_carry_upgrade_transactions(OptimismFork fork, bool waits)
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(fork, 20);
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: PublishedBundles.For(forks));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(9);
        Transaction pooled = net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One);
        await net.Sequencer.SendAsync(pooled);
        await net.Sequencer.BuildAsync(2);
        Block activation = await net.Sequencer.BlockAsync(10), next = await net.Sequencer.BlockAsync(11);
        Assert.Equal(TestRollup.GenesisTime + 20, activation.Header.Timestamp);
        Assert.Equal(waits, activation.Transactions.All(static transaction => transaction.IsDeposit));
        Assert.Equal(pooled.Hash, (waits ? next : activation).Transactions[^1].Hash);
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }
}
