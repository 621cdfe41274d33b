using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>
/// A fork between the clocks: time of the L2 block, of its L1 origin, of the L1 block that carries its batch. The one that governs decides, the others do not.
/// Further rows of this kind are where their subject is: channel timeouts and spans in <see cref="ForkActivationScenarios"/>, Brotli in <see cref="ChannelScenarios"/>.
/// </summary>
public sealed class ClockScenarios
{
    private static L1BlockInfo InfoOf(Block block)
    {
        Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
        return info!;
    }

    [VectorFact]
    [Case("S-UP-09")]
    public async Task The_drift_of_a_block_goes_by_its_origin()
    {
        // Fjord begins at 10 s; the drift is 8 s before it and 100 s from it on; L1's second block is at 60 s
        OptimismForkTimes forks = TestRollup.ActivatingLater(OptimismFork.Fjord, 10);
        await using ActorNet net = await ActorNet.StartAsync(
            forks, static config => config with { MaxSequencerDriftSeconds = 8, MaxSequencerDriftFjordSeconds = 100 }, upgrades: PublishedBundles.For(forks));
        List<Block> blocks = await net.SequenceAsync(4);
        net.L1.MineAfter(60, net.Batcher.Submit(blocks));
        await net.Verifier.SyncAsync();
        await net.AssertSafeAsync(4);

        // at 10 s: in Fjord by its own time and its batch's, not by its origin's
        SingularBatch at10 = BatchWriter.With(BatchWriter.Batch(blocks[^1]), parent: blocks[^1].Hash, time: TestRollup.GenesisTime + 10, transactions: []);
        SingularBatch with = BatchWriter.Adding(at10, net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One).Encoded);
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([with.Encode()])));
        await net.AssertSafeAsync(4);
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([at10.Encode()])));
        Assert.Equal(5ul, net.Verifier.Safe.Number);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    [Fact]
    [Case("S-UP-09")]
    public async Task The_choice_among_channels_goes_by_the_block_that_carries_them()
    {
        // Canyon begins with L1 block 2; the L2 blocks are all before it
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Canyon, 24));
        List<Block> blocks = await net.SequenceAsync(2);
        Frame open = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks[..1])), 2)[0];
        await net.DeriveAsync([net.Batcher.PostFrames(open), .. net.Batcher.Submit(blocks)]);
        await net.AssertSafeAsync(0);
        await net.DeriveAsync();
        await net.AssertSafeAsync(2);
    }

    [Fact]
    [Case("S-UP-09")]
    public async Task Whether_blobs_or_calldata_count_goes_by_the_block_that_carries_them()
    {
        // Ecotone begins with L1 block 2; the L2 blocks are all before it
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Ecotone, 24));
        List<Block> blocks = await net.SequenceAsync(3);
        byte[] Data(int number) => FrameCodec.Encode(BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks[(number - 1)..number])), 1));
        await net.DeriveAsync(net.Batcher.PostBlobs([BatcherActor.Blob(Data(2))], Data(1)));
        await net.AssertSafeAsync(1);
        await net.DeriveAsync(net.Batcher.PostBlobs([BatcherActor.Blob(Data(2))], Data(3)));
        await net.AssertSafeAsync(2);
    }

    [Theory]
    [InlineData(12, 1)]
    [InlineData(24, 3)]
    [Case("S-UP-09")]
    public async Task The_order_of_batches_goes_by_the_block_that_carries_them(ulong holocene, ulong safe)
    {
        // the L2 blocks, at 2 to 6 s, are all before Holocene
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Holocene, holocene));
        List<byte[]> batches = BatchWriter.Singular(await net.SequenceAsync(3));
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([batches[0], batches[2], batches[1]])));
        await net.AssertSafeAsync(safe);
    }

    [VectorTheory]
    [InlineData(14, 7)] // the log's L1 block is before Ecotone: both words count, though the L2 block is in it
    [InlineData(13, 0)]
    [Case("S-UP-09")]
    public async Task Fee_scalars_are_read_by_the_time_of_the_block_that_logs_them(ulong ecotone, ulong overhead)
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(OptimismFork.Ecotone, ecotone);
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: PublishedBundles.For(forks));
        net.L1.MineAfter(13, new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, L1Logs.FeeScalars(new UInt256(7), new UInt256(9))));
        await net.Sequencer.BuildToL1HeadAsync();
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(7);

        // block 7, at 14 s, is the first with this origin, and the activation block: it still has Bedrock's form
        L1BlockInfo info = InfoOf(await net.Verifier.BlockAsync(7));
        Assert.Equal(L1BlockInfoFormat.Bedrock, info.Format);
        Assert.Equal(new UInt256(overhead), info.FeeOverhead);
        Assert.Equal(new UInt256(9), info.FeeScalar);
    }

    [VectorFact]
    [Case("S-UP-09")]
    public async Task Two_forks_in_one_block_bring_their_deposits_one_behind_the_other()
    {
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Delta) with { Ecotone = TestRollup.GenesisTime + 13, Fjord = TestRollup.GenesisTime + 14 };
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: PublishedBundles.For(forks));
        net.L1.MineAfter(14, new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, L1Logs.Deposit(net.Alice.Address, net.Bob.Address, UInt256.Zero, UInt256.One)));
        await net.Sequencer.BuildToL1HeadAsync();
        await net.Sequencer.BuildAsync();
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(8);
        Block activation = await net.Verifier.BlockAsync(7);
        Transaction[] expected = [.. PublishedBundles.Read(OptimismFork.Ecotone).Transactions, .. PublishedBundles.Read(OptimismFork.Fjord).Transactions];
        Assert.Equal(9, expected.Length);
        Assert.Equal([.. expected.Select(static transaction => transaction.Hash)], activation.Transactions[2..].Select(static transaction => transaction.Hash));
        Assert.Equal(net.Bob.Address, activation.Transactions[1].To);
        Assert.Equal(L1BlockInfoFormat.Bedrock, InfoOf(activation).Format);
        Assert.Equal(L1BlockInfoFormat.Ecotone, InfoOf(await net.Verifier.BlockAsync(8)).Format);
    }
}
