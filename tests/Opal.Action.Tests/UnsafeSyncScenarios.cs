using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Unsafe blocks ahead of derivation, and finality ahead of it.</summary>
public sealed class UnsafeSyncScenarios
{
    public static TheoryData<OptimismFork, int[]> Orders
    {
        get
        {
            var rows = new TheoryData<OptimismFork, int[]>();
            foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Bedrock, OptimismFork.Karst])
            {
                rows.Add(fork, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
                rows.Add(fork, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
                rows.Add(fork, [2, 1, 4, 3, 10, 6, 7, 5, 9, 8]);
                rows.Add(fork, [1, 2, 4, 5, 5, 7, 8, 9, 10, 1]); // 3 and 6 never come
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    [Case("S-SY-03")]
    public async Task The_unsafe_head_advances_without_gaps_whatever_comes_when(OptimismFork fork, int[] order)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync(10);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 10);
        var seen = new HashSet<int>();
        foreach (int number in order)
        {
            _ = net.Verifier.Node.Driver.PostUnsafePayloadAsync(PayloadEnvelopes.FromBlock(blocks[number - 1], net.Rollup.Config));
            await net.Verifier.SyncAsync();
            seen.Add(number);
            int contiguous = 0;
            while (seen.Contains(contiguous + 1)) contiguous++;
            Assert.Equal((ulong)contiguous, net.Verifier.Unsafe.Number);
            Assert.Equal(0ul, net.Verifier.Safe.Number);
        }

        // what is missing comes from L1, and what waits behind it follows
        net.L1.Mine(net.Batcher.Submit(blocks[..6]));
        await net.Verifier.SyncAsync();
        Assert.Equal(6ul, net.Verifier.Safe.Number);
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Unsafe);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.LooseSpans), MemberType = typeof(ForkMatrix))]
    [Case("S-SY-09")]
    public async Task A_span_with_an_invalid_block_moves_nothing_and_a_good_one_does(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync(12);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 12);
        foreach (Block block in blocks[..7]) _ = net.Verifier.Node.Driver.PostUnsafePayloadAsync(PayloadEnvelopes.FromBlock(block, net.Rollup.Config));
        await net.Verifier.SyncAsync();
        L2BlockRef tip = net.Verifier.Unsafe;
        Assert.Equal(7ul, tip.Number);

        var span = new SpanBatchBuilder(net.Rollup.Config);
        for (int i = 0; i < 12; i++)
        {
            Assert.True(L1BlockInfo.TryParse(blocks[i].Transactions[0], out L1BlockInfo? info));
            SingularBatch batch = BatchWriter.Batch(blocks[i]);
            if (i == 4)
            {
                batch = new SingularBatch
                {
                    ParentHash = batch.ParentHash, EpochNumber = batch.EpochNumber, EpochHash = batch.EpochHash, Timestamp = batch.Timestamp,
                    Transactions = [net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One, nonce: 77).Encoded],
                };
            }

            Assert.Equal(SpanBuildError.None, span.TryAdd(batch, info!.SequenceNumber));
        }

        net.L1.Mine(net.Batcher.Submit(BatchWriter.Channel([span.Encode()])));
        await net.Verifier.SyncAsync();
        Assert.Equal(0ul, net.Verifier.Safe.Number);
        Assert.Single(net.Verifier.Recorder.Invalid);
        Assert.Equal(tip, net.Verifier.Unsafe);

        net.Batcher.Form = BatchForm.Span;
        net.L1.Mine(net.Batcher.Submit(blocks));
        await net.Verifier.SyncAsync();
        Assert.Equal(12ul, net.Verifier.Safe.Number);
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.Equal([12ul], net.Verifier.Recorder.SafeHeads.Select(static head => head.Number));
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SY-02")]
    public async Task Finality_far_ahead_moves_along_with_derivation(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 40; round++)
        {
            await net.RoundAsync();
            if (round % 2 == 1) net.L1.MineEmpty(3);
        }

        net.L1.MineEmpty(3);
        net.L1.FinalizedNumber = net.L1.Head.Number - 20;
        await using var late = new NodeActor(net, new SequencerOptions());
        var finalBeforeTheEnd = new HashSet<ulong>();
        for (int i = 0; i < 2000 && late.Node.Status.CurrentL1 != net.L1.HeadRef; i++)
        {
            await late.StepsAsync(20);
            Assert.True(late.Finalized.Number <= late.Safe.Number);
            if (late.Node.Status.CurrentL1.Number < net.L1.FinalizedNumber) finalBeforeTheEnd.Add(late.Finalized.Number);
        }

        await late.SyncAsync();
        Assert.True(finalBeforeTheEnd.Count > 5, $"finality moved {finalBeforeTheEnd.Count} times on the way");
        Assert.Equal(net.Verifier.Safe, late.Safe);
        Assert.True(net.Verifier.Node.Driver.SafeHeads.TryGet(net.L1.FinalizedNumber, out _, out BlockId expected));
        Assert.Equal(expected, late.Finalized.Id);
        List<ulong> numbers = [.. late.Recorder.FinalizedHeads.Select(static head => head.Number)];
        Assert.Equal(numbers.Order(), numbers);
    }
}
