using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>What is sequenced and posted is derived again, block for block.</summary>
public sealed class DerivationScenarios
{
    public static TheoryData<OptimismFork, BatchForm, Carrier> Matrix
    {
        get
        {
            var rows = new TheoryData<OptimismFork, BatchForm, Carrier>();
            for (OptimismFork fork = OptimismFork.Bedrock; fork <= OptimismFork.Karst; fork++)
            {
                rows.Add(fork, BatchForm.Singular, Carrier.Calldata);
                if (fork >= OptimismFork.Delta) rows.Add(fork, BatchForm.Span, Carrier.Calldata);
                if (fork >= OptimismFork.Ecotone) rows.Add(fork, BatchForm.Span, Carrier.Blobs);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    [Case("S-BA-01 S-VE-01")]
    public async Task A_posted_chain_is_derived_block_for_block(OptimismFork fork, BatchForm form, Carrier carrier)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        (net.Batcher.Form, net.Batcher.Carrier) = (form, carrier);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 3; round++)
        {
            Transaction transaction = net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256(1000));
            await net.Sequencer.SendAsync(transaction);
            await net.RoundAsync();
            Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
            Assert.Equal(net.Verifier.Safe, net.Verifier.Unsafe);
            Assert.NotNull(await net.Verifier.Eth.FindReceiptAsync(transaction.Hash));
        }

        Assert.Equal((ulong)18, net.Verifier.Safe.Number);
        Assert.Equal(net.Sequencer.Execution.Chain.Head.Hash, net.Verifier.Execution.Chain.Head.Hash);
        Assert.Empty(net.Verifier.Recorder.Invalid);

        // the sequencer derives its own blocks too, without building any of them again
        await net.Sequencer.SyncAsync();
        Assert.Equal(net.Verifier.Safe, net.Sequencer.Safe);
        Assert.Equal(net.Sequencer.Safe, net.Sequencer.Unsafe);
    }

    [Fact]
    public async Task Frames_of_a_channel_may_come_in_several_L1_blocks()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildToL1HeadAsync();
        net.Batcher.MaxFrameData = 200;
        L1Item[] items = await net.Batcher.SubmitAllAsync();
        Assert.True(items.Length > 1);
        foreach (L1Item item in items)
        {
            Assert.Equal(0ul, net.Verifier.Safe.Number);
            net.L1.Mine(item);
            await net.Verifier.SyncAsync();
        }

        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Jovian)]
    [Case("S-BA-02")]
    public async Task Garbage_in_the_inbox_changes_nothing(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        await net.Sequencer.BuildToL1HeadAsync();
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, net.Sequencer.Unsafe.Number);
        byte[] channel = BatchWriter.Channel(BatchWriter.Singular(blocks));
        byte[] good = FrameCodec.Encode(BatchWriter.Frames(channel, 100_000));
        byte[] noise = new byte[500];
        new Random(7).NextBytes(noise);
        byte[] badCompression = [.. channel.Take(20), .. noise];
        net.L1.Mine(
            net.Batcher.Post([]), net.Batcher.Post([0]), net.Batcher.Post([1, 2, 3]), net.Batcher.Post(noise), net.Batcher.Post(good[..^1]), net.Batcher.Post([.. good, 0]),
            net.Batcher.Post(FrameCodec.Encode(BatchWriter.Frames(badCompression, 100_000))),
            net.Batcher.Post(FrameCodec.Encode(BatchWriter.Frames(BatchWriter.Channel([[0xff, 1, 2], [0, 0xc0], [1]]), 100_000))),
            new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Inbox, data: good)));
        await net.Verifier.SyncAsync();
        Assert.Equal(0ul, net.Verifier.Safe.Number);
        Assert.Empty(net.Verifier.Recorder.Invalid);

        net.L1.Mine(net.Batcher.Submit(channel));
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-DE-15 S-DE-17 S-DP-04")]
    public async Task Without_batches_the_window_runs_out_and_empty_blocks_are_forced(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        ulong window = net.Rollup.Config.SequencingWindowSize;
        net.L1.Mine(new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, L1Logs.Deposit(net.Alice.Address, net.Bob.Address, new UInt256(5), new UInt256(5))));
        await net.Sequencer.BuildToL1HeadAsync();
        List<Block> late = await net.Sequencer.BlocksAsync(1, net.Sequencer.Unsafe.Number);
        net.L1.MineEmpty((int)window * 2);
        await net.Verifier.SyncAsync();
        L2BlockRef safe = net.Verifier.Safe;
        Assert.InRange(safe.L1Origin.Number, net.L1.Head.Number - window - 1, net.L1.Head.Number - window);
        UInt256 balance = await net.Verifier.Eth.GetBalanceAsync(net.Bob.Address);
        Assert.Equal(new UInt256(10_000_000_000_000_000_005), balance);

        // batches for slots that are filled come too late
        net.L1.Mine(net.Batcher.Submit(late));
        await net.Verifier.SyncAsync();
        Assert.Equal(safe.Hash, (await net.Verifier.BlockAsync(safe.Number)).Hash);
    }

    [Fact]
    public async Task A_batch_in_the_last_block_of_the_window_still_counts()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        Transaction transaction = net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256(1));
        await net.Sequencer.SendAsync(transaction);
        await net.Sequencer.BuildAsync(3);
        L1Item[] items = await net.Batcher.SubmitAllAsync();
        net.L1.MineEmpty((int)net.Rollup.Config.SequencingWindowSize - 1);
        net.L1.Mine(items);
        await net.Verifier.SyncAsync();
        Assert.NotNull(await net.Verifier.Eth.FindReceiptAsync(transaction.Hash));
        Assert.Equal(net.Sequencer.Unsafe.Hash, (await net.Verifier.BlockAsync(3)).Hash);
    }

    [Theory]
    [InlineData(OptimismFork.Granite, BatchForm.Singular, 1ul)]
    [InlineData(OptimismFork.Granite, BatchForm.Span, 0ul)]
    [InlineData(OptimismFork.Holocene, BatchForm.Singular, 2ul)]
    [InlineData(OptimismFork.Holocene, BatchForm.Span, 2ul)]
    [InlineData(OptimismFork.Jovian, BatchForm.Span, 2ul)]
    [Case("D-EN-04 D-EN-05 S-HO-08 S-HO-09")]
    public async Task A_batch_with_an_invalid_transaction_is_contained(OptimismFork fork, BatchForm form, ulong safeAfter)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync(3);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 3);
        List<SingularBatch> batches = [.. blocks.Select(BatchWriter.Batch)];
        // a transaction whose sender cannot pay
        Transaction unfunded = new TestAccount("nobody").Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256(1));
        batches[1] = With(batches[1], unfunded.Encoded);
        List<byte[]> encoded;
        if (form == BatchForm.Singular)
        {
            encoded = [.. batches.Select(batch => batch.Encode())];
        }
        else
        {
            var span = new SpanBatchBuilder(net.Rollup.Config);
            for (int i = 0; i < batches.Count; i++) Assert.Equal(SpanBuildError.None, span.TryAdd(batches[i], (ulong)i + 1));
            encoded = [span.Encode()];
        }

        net.L1.Mine(net.Batcher.Submit(BatchWriter.Channel(encoded)));
        await net.Verifier.SyncAsync();
        Assert.Equal(safeAfter, net.Verifier.Safe.Number);
        Assert.Single(net.Verifier.Recorder.Invalid);
        if (safeAfter == 2) Assert.Single((await net.Verifier.BlockAsync(2)).Transactions);
        if (fork >= OptimismFork.Holocene) return;

        // before Holocene the honest batches still fit
        net.L1.Mine(net.Batcher.Submit(blocks));
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Fact]
    [Case("D-RT-08 V-31")]
    public async Task Missing_blobs_are_waited_for()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.Batcher.Carrier = Carrier.Blobs;
        await net.Sequencer.BuildAsync(3);
        L1Item[] items = await net.Batcher.SubmitAllAsync();
        net.L1.HideBlobs = true;
        net.L1.Mine(items);
        await net.Verifier.SyncAsync();
        Assert.Equal(0ul, net.Verifier.Safe.Number);
        Assert.NotEmpty(net.Verifier.Recorder.Resets);
        net.L1.HideBlobs = false;
        await net.Verifier.RunUntilAsync(() => net.Verifier.Safe.Number == 3, TimeSpan.FromMinutes(3));
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    private static SingularBatch With(SingularBatch batch, byte[] transaction) => new()
    {
        ParentHash = batch.ParentHash,
        EpochNumber = batch.EpochNumber,
        EpochHash = batch.EpochHash,
        Timestamp = batch.Timestamp,
        Transactions = [.. batch.Transactions, transaction],
    };
}
