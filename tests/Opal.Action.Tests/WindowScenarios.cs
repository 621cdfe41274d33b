using Opal.Derivation;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Sequencing windows and sequencer drift, at their bounds.</summary>
public sealed class WindowScenarios
{
    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-DE-01")]
    public async Task A_restart_near_L1s_genesis_resets_once(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.Mine();
        await net.RoundAsync();
        Assert.Equal(1ul, net.Verifier.Safe.L1Origin.Number);
        for (int restart = 0; restart < 3; restart++)
        {
            int resets = net.Verifier.Recorder.Resets.Count;
            await net.Verifier.RestartAsync();
            await net.Verifier.SyncAsync();
            Assert.Equal(resets + 1, net.Verifier.Recorder.Resets.Count); // every start walks back once
            await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        }

        await net.RoundAsync();
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, 12, true)]
    [InlineData(OptimismFork.Bedrock, 13, false)]
    [InlineData(OptimismFork.Granite, 12, true)]
    [InlineData(OptimismFork.Granite, 13, false)]
    [InlineData(OptimismFork.Holocene, 12, true)]
    [InlineData(OptimismFork.Holocene, 13, false)]
    [InlineData(OptimismFork.Karst, 12, true)]
    [InlineData(OptimismFork.Karst, 13, false)]
    [Case("S-DE-02")]
    public async Task The_last_block_of_the_window_still_counts_and_the_next_does_not(OptimismFork fork, int inclusion, bool taken)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork); // window: 12 L1 blocks
        List<Block> blocks = await net.SequenceAsync(3);
        L1Item[] items = net.Batcher.Submit(blocks);
        net.L1.MineEmpty(inclusion - 1);
        await net.Verifier.SyncAsync();
        // with the window's last block read to its end, the epoch is over
        Assert.Equal(taken, net.Verifier.Safe.Number == 0);
        await net.DeriveAsync(items);
        Assert.True(net.Verifier.Safe.Number >= 3);
        for (ulong number = 1; number <= 3; number++)
        {
            Block block = await net.Verifier.BlockAsync(number);
            if (taken) Assert.Equal(blocks[(int)number - 1].Hash, block.Hash);
            else Assert.Single(block.Transactions);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-DE-03")]
    public async Task A_gap_in_L1_wider_than_the_drift_is_filled_with_empty_blocks_on_the_old_origin(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, static config => config with { MaxSequencerDriftSeconds = 32, MaxSequencerDriftFjordSeconds = 32 });
        net.L1.BlockTime = 4;
        net.L1.MineAfter(48);
        net.L1.MineEmpty(1);
        await net.Sequencer.SyncAsync();
        while (net.Sequencer.Unsafe.L1Origin.Number < 2)
        {
            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
            await net.Sequencer.BuildAsync();
        }

        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        List<Block> blocks = await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number);
        for (int i = 0; i < blocks.Count; i++)
        {
            // 2 to 46 s on the old origin; past 32 s without transactions
            ulong time = (ulong)(i + 1) * 2;
            Assert.True(L1BlockInfo.TryParse(blocks[i].Transactions[0], out L1BlockInfo? info));
            Assert.Equal(time < 48 ? 0ul : time < 52 ? 1ul : 2ul, info!.Number);
            Assert.Equal(time is > 32 and < 48, blocks[i].Transactions.Length == 1);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-DE-16 S-DE-17")]
    public async Task What_comes_after_the_window_changes_no_block_that_was_forced(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork); // window: 12, timeout: 8
        List<Block> blocks = await net.SequenceAsync(5);
        Frame[] frames = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks)), 2);
        net.L1.MineEmpty(8);
        await net.DeriveAsync(net.Batcher.PostFrames(frames[0])); // block 9, inside the window
        net.L1.MineEmpty(5);
        await net.Verifier.SyncAsync();
        L2BlockRef forced = net.Verifier.Safe;
        Assert.True(forced.Number >= 5);
        List<Block> before = await net.Verifier.BlocksAsync(1, forced.Number);
        Assert.All(before, static block => Assert.Single(block.Transactions));
        int resets = net.Verifier.Recorder.Resets.Count;

        await net.DeriveAsync(net.Batcher.PostFrames(frames[1])); // block 15: the channel is complete, and too late
        await net.DeriveAsync(net.Batcher.Submit(blocks)); // and so is a whole one
        // batches that would fit at their places, on the forced blocks
        List<byte[]> late = [.. before.Skip(1).Select(block => BatchWriter.Adding(BatchWriter.Batch(block), net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One).Encoded).Encode())];
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel(late)));
        Assert.Equal([.. before.Select(static block => block.Hash)], (await net.Verifier.BlocksAsync(1, forced.Number)).Select(static block => block.Hash));
        Assert.True(net.Verifier.Safe.Number >= forced.Number);
        Assert.Equal(resets, net.Verifier.Recorder.Resets.Count);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-DE-18")]
    public async Task Past_the_drift_a_block_is_empty_and_keeps_its_origin_only_while_the_next_is_later(OptimismFork fork)
    {
        var held = new SequencerOptions { Enabled = true, L1Confirmations = 1 };
        await using ActorNet net = await ActorNet.StartAsync(fork, static config => config with { MaxSequencerDriftSeconds = 8, MaxSequencerDriftFjordSeconds = 8 }, held);
        L1BlockRef next = net.L1.Mine(); // at 12 s, not known to the sequencer yet
        List<Block> blocks = await net.SequenceAsync(4); // 2 to 8 s
        await net.DeriveAsync(net.Batcher.Submit(blocks));
        await net.AssertSafeAsync(4);

        // at 10 s the origin may be kept by an empty block
        byte[] transaction = net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One).Encoded;
        SingularBatch Next(ulong time, byte[][] transactions, L1BlockRef? origin = null) => BatchWriter.With(
            BatchWriter.Batch(blocks[^1]), net.Verifier.Safe.Hash, origin?.Number ?? 0, origin?.Hash ?? net.L1.Genesis.Hash, TestRollup.GenesisTime + time, transactions);
        async Task PostAsync(SingularBatch batch, ulong safe)
        {
            await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([batch.Encode()])));
            Assert.Equal(safe, net.Verifier.Safe.Number);
        }

        await PostAsync(Next(10, [transaction]), 4);
        await PostAsync(Next(10, []), 5);

        // at 12 s the next origin could be taken
        await PostAsync(Next(12, []), 5);
        await PostAsync(Next(12, [transaction]), 5);
        await PostAsync(Next(12, [transaction], next), 6);
        Assert.Equal(2, (await net.Verifier.BlockAsync(6)).Transactions.Length);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }
}
