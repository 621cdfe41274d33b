using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Bad batches among good ones: what is lost with them before and from Holocene on.</summary>
public sealed class HoloceneBatchScenarios
{
    [Theory]
    [InlineData(OptimismFork.Bedrock, BatchForm.Singular, 1)]
    [InlineData(OptimismFork.Granite, BatchForm.Singular, 1)]
    [InlineData(OptimismFork.Delta, BatchForm.Span, 0)]
    [InlineData(OptimismFork.Granite, BatchForm.Span, 0)]
    [InlineData(OptimismFork.Holocene, BatchForm.Singular, 2)]
    [InlineData(OptimismFork.Holocene, BatchForm.Span, 2)]
    [InlineData(OptimismFork.Karst, BatchForm.Singular, 2)]
    [InlineData(OptimismFork.Karst, BatchForm.Span, 2)]
    [Case("S-HO-08 S-HO-09")]
    public async Task A_transaction_with_a_bad_signature_in_the_second_of_three_blocks(OptimismFork fork, BatchForm form, ulong safe)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(3);
        List<SingularBatch> batches = [.. blocks.Select(BatchWriter.Batch)];
        Transaction signed = net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One);
        batches[1] = BatchWriter.Adding(batches[1], signed.WithSignature(signed.YParity, UInt256.Zero, UInt256.Zero).Encoded);
        byte[] channel = BatchWriter.Channel(form == BatchForm.Singular ? batches.Select(static batch => batch.Encode()) : [BatchWriter.SpanOf(net.Rollup.Config, batches)]);
        await net.DeriveAsync(net.Batcher.Submit(channel));
        Assert.Equal(safe, net.Verifier.Safe.Number);
        Assert.Single(net.Verifier.Recorder.Invalid);
        if (safe >= 1) Assert.Equal(blocks[0].Hash, (await net.Verifier.BlockAsync(1)).Hash);
        if (safe == 2) Assert.Single((await net.Verifier.BlockAsync(2)).Transactions);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, 3)]
    [InlineData(OptimismFork.Granite, 3)]
    [InlineData(OptimismFork.Holocene, 2)]
    [InlineData(OptimismFork.Karst, 2)]
    [Case("S-HO-10")]
    public async Task A_foreign_parent_costs_one_batch_before_Holocene_and_then_the_rest_of_the_channel(OptimismFork fork, ulong afterSecond)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<SingularBatch> batches = [.. (await net.SequenceAsync(3)).Select(BatchWriter.Batch)];
        SingularBatch foreign = BatchWriter.With(batches[1], parent: net.L1.Genesis.Hash);
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([batches[0].Encode(), foreign.Encode(), batches[2].Encode()])));
        await net.AssertSafeAsync(1);

        // the third one waited, or was flushed
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([batches[1].Encode()])));
        await net.AssertSafeAsync(afterSecond);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    [Theory]
    [InlineData(OptimismFork.Granite, 0)]
    [InlineData(OptimismFork.Holocene, 1800)]
    [InlineData(OptimismFork.Karst, 1800)]
    [Case("S-HO-11")]
    public async Task Two_thousand_blocks_on_one_origin_with_transactions_where_the_drift_ends(OptimismFork fork, ulong safe)
    {
        // one-second blocks; the drift is 1,800 s from Fjord on
        await using ActorNet net = await ActorNet.StartAsync(fork, static config => config with { BlockTimeSeconds = 1, SequencingWindowSize = 400 });
        BlockHeader genesis = net.Rollup.GenesisHeader;
        var last = new List<Transaction>();
        var batches = new List<SingularBatch>();
        for (ulong number = 1; number <= 2000; number++)
        {
            Transaction? transaction = number is >= 1800 and <= 1802 ? net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One) : null;
            if (transaction is not null) last.Add(transaction);
            batches.Add(new SingularBatch
            {
                ParentHash = genesis.Hash, // looked at for the first block alone
                EpochNumber = 0,
                EpochHash = net.L1.Genesis.Hash,
                Timestamp = TestRollup.GenesisTime + number,
                Transactions = transaction is null ? [] : [transaction.Encoded],
            });
        }

        net.L1.MineAfter(2100, net.Batcher.Submit(BatchWriter.Channel([BatchWriter.SpanOf(net.Rollup.Config, batches)])));
        await net.Verifier.SyncAsync();
        Assert.Equal(safe, net.Verifier.Safe.Number);
        Assert.Empty(net.Verifier.Recorder.Invalid);
        if (safe == 0) return;
        Assert.Equal(last[0].Hash, (await net.Verifier.BlockAsync(1800)).Transactions[^1].Hash);
        Assert.Equal(0ul, net.Verifier.Safe.L1Origin.Number);
    }

    [Theory]
    [InlineData(OptimismFork.Delta, 0)]
    [InlineData(OptimismFork.Granite, 0)]
    [InlineData(OptimismFork.Holocene, 2)]
    [InlineData(OptimismFork.Karst, 2)]
    [Case("S-HO-12")]
    public async Task An_origin_that_runs_ahead_in_the_third_of_four_blocks_of_a_span(OptimismFork fork, ulong safe)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<SingularBatch> batches = [.. (await net.SequenceAsync(4)).Select(BatchWriter.Batch)];
        L1BlockRef next = net.L1.Mine(); // at 12 s; block 3 is at 6 s
        for (int i = 2; i < 4; i++) batches[i] = BatchWriter.With(batches[i], epoch: next.Number, epochHash: next.Hash);
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([BatchWriter.SpanOf(net.Rollup.Config, batches)])));
        await net.AssertSafeAsync(safe);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    [Theory]
    [InlineData("equal")]
    [InlineData("transaction")]
    [InlineData("origin")]
    [Case("S-HO-14")]
    public async Task A_span_that_begins_before_the_safe_head_has_to_agree_with_it(string difference)
    {
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Delta, OptimismFork.Granite, OptimismFork.Holocene, OptimismFork.Karst])
        {
            await using ActorNet net = await ActorNet.StartAsync(fork);
            net.L1.Mine();
            List<Block> blocks = await net.SequenceAsync(9); // number 6 is the first with origin 1
            List<SingularBatch> batches = [.. blocks.Select(BatchWriter.Batch)];
            Assert.Equal([0ul, 1], ((SingularBatch[])[batches[4], batches[5]]).Select(static batch => batch.EpochNumber));
            await net.DeriveAsync(net.Batcher.Submit(blocks[..7]));
            await net.AssertSafeAsync(7);
            if (difference == "transaction") batches[5] = BatchWriter.With(batches[5], transactions: [net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One).Encoded]);
            if (difference == "origin") batches[5] = BatchWriter.With(batches[5], epoch: 0, epochHash: net.L1.Genesis.Hash);
            await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([BatchWriter.SpanOf(net.Rollup.Config, batches[3..])])));
            await net.AssertSafeAsync(difference == "equal" ? 9ul : 7ul);
            Assert.Empty(net.Verifier.Recorder.Invalid);
            await net.DeriveAsync(net.Batcher.Submit(blocks[7..]));
            await net.AssertSafeAsync(9);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Delta)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-HO-15")]
    public async Task A_past_span_is_passed_over_and_its_channel_read_on(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(5);
        await net.DeriveAsync(net.Batcher.Submit(blocks[..3]));
        await net.AssertSafeAsync(3);
        List<byte[]> past = BatchWriter.Span(net.Rollup.Config, blocks[..3]);
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([.. past, .. BatchWriter.Singular(blocks[3..4]), .. BatchWriter.Span(net.Rollup.Config, blocks[4..])])));
        await net.AssertSafeAsync(5);
    }

    [Theory]
    [InlineData(OptimismFork.Granite, false)]
    [InlineData(OptimismFork.Holocene, true)]
    [InlineData(OptimismFork.Karst, true)]
    [Case("S-HO-18")]
    public async Task When_a_block_of_deposits_alone_is_refused_too_the_node_stops(OptimismFork fork, bool stops)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(2);
        net.Verifier.Engine.Fault = static method => method == "build" ? EngineVerdict.InvalidAttributes : null;
        await net.DeriveAsync(net.Batcher.Submit(blocks));
        for (int i = 0; i < 20; i++)
        {
            // the engine is asked a few times more before the node gives up
            net.Time.Advance(TimeSpan.FromSeconds(20));
            await net.Verifier.SyncAsync();
        }

        Assert.Equal(0ul, net.Verifier.Safe.Number);
        Assert.Equal(stops, net.Verifier.Recorder.Halt is not null);
        net.Verifier.Engine.Fault = null;
        await net.DeriveAsync(net.Batcher.Submit(blocks));
        await net.AssertSafeAsync(stops ? 0ul : 2ul);
        if (!stops) return;
        Assert.NotNull(net.Verifier.Node.Driver.HaltReason);

        // a restart begins anew
        await net.Verifier.RestartAsync();
        await net.Verifier.SyncAsync();
        await net.AssertSafeAsync(2);
    }
}
