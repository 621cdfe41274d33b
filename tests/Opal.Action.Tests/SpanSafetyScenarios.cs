using Opal.Derivation;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Spans over blocks that are there already: what becomes of the unsafe chain when one is bad, and when the safe head moves.</summary>
public sealed class SpanSafetyScenarios
{
    [Theory]
    [MemberData(nameof(ForkMatrix.LooseSpans), MemberType = typeof(ForkMatrix))]
    [Case("S-SY-04")]
    public async Task Before_Holocene_a_bad_block_of_a_span_costs_the_safe_head_nothing_and_the_unsafe_chain_is_given_back(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync(5);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 5);
        await PostAsync(net, blocks);
        L2BlockRef tip = net.Verifier.Unsafe;
        Assert.Equal(5ul, tip.Number);

        int told = net.Verifier.Engine.Forkchoices.Count;
        net.L1.Mine(net.Batcher.Submit(SpanWithBadThird(net, blocks)));
        await net.Verifier.SyncAsync();
        // down to block 2 to build the third on it, and back by one call
        Assert.Equal([(blocks[1].Hash, true), (tip.Hash, false)], net.Verifier.Engine.Forkchoices.Skip(told).Select(static call => (call.State.Head, call.Builds)));
        Assert.Equal(0ul, net.Verifier.Safe.Number);
        Assert.Single(net.Verifier.Recorder.Invalid);
        Assert.Equal(tip, net.Verifier.Unsafe);
        Assert.Equal(tip.Hash, net.Verifier.Execution.Chain.Head.Hash);

        net.Batcher.Form = BatchForm.Span;
        net.L1.Mine(net.Batcher.Submit(blocks));
        await net.Verifier.SyncAsync();
        Assert.Equal(tip, net.Verifier.Safe);
    }

    [Theory]
    [Case("S-SY-05")]
    [InlineData(EngineVerdict.Unreachable, true)]
    [InlineData(EngineVerdict.InvalidForkchoiceState, false)]
    public async Task Giving_the_unsafe_chain_back_is_tried_again_unless_the_engine_refuses_it(EngineVerdict fault, bool comesBack)
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Granite);
        await net.Sequencer.BuildAsync(5);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 5);
        await PostAsync(net, blocks);
        L2BlockRef tip = net.Verifier.Unsafe;
        bool isOver = false;
        net.Verifier.Engine.Fault = method =>
        {
            // the one forkchoice update after the batch was found to be invalid
            if (isOver || method != "forkchoice" || net.Verifier.Recorder.Invalid.Count == 0) return null;
            isOver = true;
            return fault;
        };
        int resets = net.Verifier.Recorder.Resets.Count;
        net.L1.Mine(net.Batcher.Submit(SpanWithBadThird(net, blocks)));
        await net.Verifier.RunUntilAsync(() => isOver && net.Verifier.Node.Driver.IsSettled && net.Verifier.Node.Status.CurrentL1 == net.L1.HeadRef, TimeSpan.FromMinutes(2));
        await net.Verifier.RunUntilAsync(() => !comesBack || net.Verifier.Unsafe == tip, TimeSpan.FromMinutes(2));
        Assert.Equal(comesBack ? 5ul : 2ul, net.Verifier.Unsafe.Number);
        Assert.Equal(comesBack ? 0 : 1, net.Verifier.Recorder.Resets.Count - resets);
        Assert.Equal(0ul, net.Verifier.Safe.Number);
    }

    [Theory]
    [Case("S-SY-10")]
    [InlineData(OptimismFork.Delta, true)]
    [InlineData(OptimismFork.Delta, false)]
    [InlineData(OptimismFork.Granite, true)]
    [InlineData(OptimismFork.Granite, false)]
    [InlineData(OptimismFork.Holocene, true)]
    [InlineData(OptimismFork.Holocene, false)]
    [InlineData(OptimismFork.Karst, true)]
    [InlineData(OptimismFork.Karst, false)]
    public async Task A_span_becomes_safe_as_a_whole_before_Holocene_and_block_by_block_after(OptimismFork fork, bool isConsolidated)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync(5);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 5);
        if (isConsolidated) await PostAsync(net, blocks);
        net.Batcher.Form = BatchForm.Span;
        net.L1.Mine(net.Batcher.Submit(blocks));
        await net.Verifier.SyncAsync();
        ulong[] expected = fork < OptimismFork.Holocene ? [5] : [1, 2, 3, 4, 5];
        Assert.Equal(expected, net.Verifier.Recorder.SafeHeads.Select(static head => head.Number));
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-FI-02")]
    public async Task With_batches_far_apart_finality_moves_at_their_L1_blocks_only(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        var expected = new SortedDictionary<ulong, ulong> { [0] = 0 };
        for (int round = 0; round < 3; round++)
        {
            net.L1.MineEmpty(4);
            await net.RoundAsync();
            expected[net.L1.Head.Number] = net.Verifier.Safe.Number;
        }

        for (ulong final = 1; final <= net.L1.Head.Number; final++)
        {
            net.L1.FinalizedNumber = final;
            await net.Verifier.SyncAsync();
            Assert.Equal(expected.Last(entry => entry.Key <= final).Value, net.Verifier.Finalized.Number);
        }
    }

    /// <summary>Blocks 1 and 2 as they are, and a third with a transaction whose nonce is far too high.</summary>
    private static byte[] SpanWithBadThird(ActorNet net, List<Block> blocks)
    {
        var builder = new SpanBatchBuilder(net.Rollup.Config);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(L1BlockInfo.TryParse(blocks[i].Transactions[0], out L1BlockInfo? info));
            SingularBatch batch = BatchWriter.Batch(blocks[i]);
            if (i == 2)
            {
                batch = new SingularBatch
                {
                    ParentHash = batch.ParentHash,
                    EpochNumber = batch.EpochNumber,
                    EpochHash = batch.EpochHash,
                    Timestamp = batch.Timestamp,
                    Transactions = [net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One, nonce: 77).Encoded],
                };
            }

            Assert.Equal(SpanBuildError.None, builder.TryAdd(batch, info!.SequenceNumber));
        }

        return BatchWriter.Channel([builder.Encode()]);
    }

    private static async Task PostAsync(ActorNet net, IEnumerable<Block> blocks)
    {
        foreach (Block block in blocks)
        {
            Task<bool> added = net.Verifier.Node.Driver.PostUnsafePayloadAsync(PayloadEnvelopes.FromBlock(block, net.Rollup.Config));
            await net.Verifier.SyncAsync();
            Assert.True(await added);
        }
    }
}
