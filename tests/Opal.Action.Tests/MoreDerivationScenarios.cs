using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Rarer histories of L1 and of the batcher.</summary>
public sealed class MoreDerivationScenarios
{
    [Fact]
    [Case("D-RG-03")]
    public async Task Back_and_forth_between_two_L1_chains_only_the_batches_of_the_chain_of_the_day_count()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.L1.MineEmpty(1);
        await net.Sequencer.BuildToL1HeadAsync();
        L1Item[] first = await net.Batcher.SubmitAllAsync();
        L2BlockRef target = net.Sequencer.Unsafe;
        net.L1.Mine(first);
        await net.Verifier.SyncAsync();
        Assert.Equal(target, net.Verifier.Safe);

        // chain B: longer, the origin of the second epoch is another block, the same batch is replayed and no longer fits
        net.L1.Reorg(2);
        net.L1.MineEmpty(1);
        net.L1.Mine(first);
        net.L1.MineEmpty(2);
        await net.Verifier.SyncAsync();
        ulong live = net.Verifier.Safe.Number;
        Assert.True(live < target.Number);

        // the sequencer follows to chain B, and what it posts then is derived
        await net.Sequencer.SyncAsync();
        net.Batcher.StartOver();
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.True(net.Verifier.Safe.Number > target.Number);
    }

    [Fact]
    [Case("S-DE-03")]
    public async Task An_L1_gap_wider_than_the_drift_is_filled_with_empty_blocks()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Ecotone); // drift 40 s
        await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
        net.L1.MineAfter(64);
        net.L1.MineEmpty(1);
        await net.Sequencer.BuildToL1HeadAsync();
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        foreach (Block block in await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number))
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            if (block.Header.Timestamp > info!.Timestamp + 40) Assert.Single(block.Transactions);
            Assert.True(block.Header.Timestamp >= info.Timestamp);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Delta)]
    [InlineData(OptimismFork.Jovian)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BA-07")]
    public async Task Singular_and_span_channels_may_take_turns(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 6; round++)
        {
            net.Batcher.Form = round % 2 == 0 ? BatchForm.Singular : BatchForm.Span;
            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256((ulong)round)));
            await net.RoundAsync();
            Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        }
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("D-DP-04 S-DP-05")]
    public async Task Many_deposits_keep_their_order(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        var items = new L1Item[150];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = new L1Item(
                net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true,
                L1Logs.Deposit(net.Alice.Address, net.Bob.Address, UInt256.Zero, new UInt256((ulong)i)), L1Logs.Deposit(net.Bob.Address, null, UInt256.One, UInt256.Zero, 60_000, [0x00]));
        }

        net.L1.Mine(items);
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Block first = (await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number)).Single(block => block.Transactions.Length > 1);
        Assert.Equal(301, first.Transactions.Length);
        for (int i = 0; i < items.Length; i++) Assert.Equal(new UInt256((ulong)i), first.Transactions[(2 * i) + 1].Value);
    }

    [Theory]
    [InlineData(OptimismFork.Canyon, 2ul)]
    [InlineData(OptimismFork.Delta, 2ul)]
    [Case("D-EN-05")]
    public async Task Before_Holocene_a_refused_batch_gives_the_unsafe_chain_back(OptimismFork fork, ulong badBlock)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync(5);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 5);
        foreach (Block block in blocks)
        {
            _ = net.Verifier.Node.Driver.PostUnsafePayloadAsync(PayloadEnvelopes.FromBlock(block, net.Rollup.Config));
            await net.Verifier.SyncAsync();
        }

        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Unsafe);
        List<Derivation.SingularBatch> batches = [.. blocks.Select(BatchWriter.Batch)];
        Transaction unfunded = new TestAccount("nobody").Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One);
        Derivation.SingularBatch bad = batches[(int)badBlock - 1];
        batches[(int)badBlock - 1] = new Derivation.SingularBatch
        {
            ParentHash = bad.ParentHash, EpochNumber = bad.EpochNumber, EpochHash = bad.EpochHash, Timestamp = bad.Timestamp, Transactions = [unfunded.Encoded],
        };
        net.L1.Mine(net.Batcher.Submit(BatchWriter.Channel(batches.Select(batch => batch.Encode()))));
        await net.Verifier.SyncAsync();
        Assert.Equal(badBlock - 1, net.Verifier.Safe.Number);
        Assert.Single(net.Verifier.Recorder.Invalid);
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Unsafe);
        Assert.Equal(net.Sequencer.Unsafe.Hash, net.Verifier.Execution.Chain.Head.Hash);
    }

    [Theory]
    [InlineData(OptimismFork.Delta)]
    [InlineData(OptimismFork.Granite)]
    public async Task A_span_of_the_future_before_one_that_overlaps_does_not_hold_derivation_up(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.Mine();
        await net.Sequencer.BuildAsync(8);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 8);
        net.Batcher.Form = BatchForm.Span;
        net.L1.Mine(net.Batcher.Submit(blocks[..3]));
        await net.Verifier.SyncAsync();
        Assert.Equal(3UL, net.Verifier.Safe.Number);

        // the first waits for its turn; the second needs blocks of the safe chain for its check, which the first one's check may not make forgotten
        net.L1.Mine([.. net.Batcher.Submit(blocks[6..]), .. net.Batcher.Submit(blocks[1..6])]);
        await net.Verifier.SyncAsync();
        Assert.Equal(8UL, net.Verifier.Safe.Number);
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }
}
