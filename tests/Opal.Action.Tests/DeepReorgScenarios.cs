using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>L1 reorgs that go deep, or back and forth.</summary>
public sealed class DeepReorgScenarios
{
    [Theory]
    [InlineData(OptimismFork.Bedrock, BatchForm.Singular)]
    [InlineData(OptimismFork.Granite, BatchForm.Span)]
    [InlineData(OptimismFork.Karst, BatchForm.Singular)]
    [InlineData(OptimismFork.Karst, BatchForm.Span)]
    [Case("S-RG-02 D-RG-03")]
    public async Task From_one_chain_to_another_and_back_only_batches_with_live_origins_count(OptimismFork fork, BatchForm form)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.Batcher.Form = form;
        net.L1.MineEmpty(1);
        await net.Sequencer.BuildToL1HeadAsync();
        L1Item[] first = await net.Batcher.SubmitAllAsync();
        L2BlockRef onA = net.Sequencer.Unsafe; // its origin is block 1 of chain A
        net.L1.Mine(first);
        await net.Verifier.SyncAsync();
        Assert.Equal(onA, net.Verifier.Safe);
        L1BlockRef[] chainA = net.L1.Remember();

        // chain B is longer, and the batch of A is replayed on it: the blocks on A's block 1 have no origin there
        net.L1.Reorg(2);
        net.L1.MineEmpty(1);
        net.L1.Mine(first);
        net.L1.MineEmpty(1);
        await net.Verifier.SyncAsync();
        L2BlockRef common = net.Verifier.Safe;
        Assert.Equal(0ul, common.L1Origin.Number);
        Assert.Equal(common.Hash, (await net.Sequencer.BlockAsync(common.Number)).Hash);
        Assert.Equal(6ul, onA.Number);
        Assert.Equal(form == BatchForm.Singular ? 5ul : 0ul, common.Number); // a span whose last origin is dead falls as a whole
        L1BlockRef[] chainB = net.L1.Remember();

        // A grows beyond B
        net.L1.Return(chainA);
        net.L1.MineEmpty(2);
        await net.Verifier.SyncAsync();
        Assert.Equal(onA, net.Verifier.Safe);
        Assert.Equal(onA.Hash, net.Verifier.Execution.Chain.Head.Hash);

        // and B once more
        net.L1.Return(chainB);
        net.L1.MineEmpty(3);
        await net.Verifier.SyncAsync();
        Assert.Equal(common, net.Verifier.Safe);
        await net.Sequencer.SyncAsync();
        net.Batcher.StartOver();
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-RG-03")]
    public async Task Three_windows_deep_the_block_on_the_last_common_origin_survives_and_the_next_does_not(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork); // window 12
        net.L1.MineEmpty(1);
        const ulong aliceOrigin = 16;
        const int rewind = 21;
        for (int round = 0; round < 35; round++)
        {
            if (net.L1.Head.Number == aliceOrigin)
            {
                // in the first block of its epoch
                await net.Sequencer.SyncAsync();
                while (net.Sequencer.Unsafe.L1Origin.Number < aliceOrigin - 1 || net.Sequencer.Unsafe.Timestamp + 2 < net.L1.Head.Timestamp) await net.Sequencer.BuildAsync();
                await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256(99)));
            }

            await net.RoundAsync();
        }

        Assert.Equal(36ul, net.L1.Head.Number);
        List<Block> blocks = await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number);
        Block alices = blocks.Single(static block => block.Transactions.Any(static transaction => !transaction.IsDeposit));
        Assert.True(L1BlockInfo.TryParse(alices.Transactions[0], out L1BlockInfo? info));
        Assert.Equal((aliceOrigin, 0ul), (info!.Number, info.SequenceNumber));

        net.L1.Reorg(rewind); // block 15 stays
        net.L1.MineEmpty(rewind + 2);
        await net.Verifier.SyncAsync();
        await net.Sequencer.SyncAsync();
        net.Batcher.StartOver();
        for (int round = 0; round < 3; round++) await net.RoundAsync();
        await net.Sequencer.SyncAsync();
        Assert.Equal(alices.Header.ParentHash, (await net.Verifier.BlockAsync(alices.Number - 1)).Hash);
        Assert.NotEqual(alices.Hash, (await net.Verifier.BlockAsync(alices.Number)).Hash);
        Assert.NotEqual(alices.Hash, (await net.Verifier.Eth.FindReceiptAsync(alices.Transactions[^1].Hash))?.Block.Hash ?? default);
        Assert.Equal(net.Sequencer.Safe, net.Verifier.Safe);
        Assert.True(net.Verifier.Safe.L1Origin.Number > 25);
        Assert.Null(net.Verifier.Node.Driver.HaltReason);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-RG-04")]
    public async Task As_deep_as_a_window_over_an_empty_chain_nothing_moves_before_the_old_height_is_passed(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        int window = (int)net.Rollup.Config.SequencingWindowSize;
        net.L1.MineEmpty(window * 3);
        await net.Verifier.SyncAsync();
        L2BlockRef before = net.Verifier.Safe;
        Assert.True(before.Number > 20);
        ulong height = net.L1.Head.Number;

        net.L1.Reorg(window);
        for (int i = 0; i < window; i++)
        {
            net.L1.MineEmpty(1);
            await net.Verifier.SyncAsync();
            Assert.Equal(before, net.Verifier.Safe);
            Assert.Equal(before.Hash, net.Verifier.Execution.Chain.Head.Hash);
        }

        Assert.Equal(height, net.L1.Head.Number);
        net.L1.MineEmpty(1);
        await net.Verifier.SyncAsync();
        L2BlockRef after = net.Verifier.Safe;
        Assert.True(after.Number > before.Number);
        await using var fresh = new NodeActor(net, new Node.SequencerOptions());
        await fresh.SyncAsync();
        Assert.Equal(fresh.Safe, after);
    }
}
