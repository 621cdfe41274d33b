using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Jovian: an activation block without transactions, the data footprint, the minimum base fee, the operator fee's new formula.</summary>
public sealed class JovianScenarios
{
    private static L1BlockInfo InfoOf(Block block)
    {
        Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
        return info!;
    }

    private static L1Item Config(ActorNet net, Evm.LogEntry log) => new(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, log);

    [VectorTheory]
    [InlineData(OptimismFork.Jovian, BatchForm.Singular)]
    [InlineData(OptimismFork.Jovian, BatchForm.Span)]
    [InlineData(OptimismFork.Karst, BatchForm.Singular)]
    [InlineData(OptimismFork.Karst, BatchForm.Span)]
    [Case("S-JO-01 S-KA-03")]
    public async Task An_activation_block_with_transactions_is_dropped_with_what_follows_and_an_honest_one_is_not(OptimismFork fork, BatchForm form)
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(fork, 20); // block 10
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: PublishedBundles.For(forks));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(12);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 12);
        List<SingularBatch> batches = [.. blocks.Select(BatchWriter.Batch)];
        batches[9] = BatchWriter.Adding(batches[9], net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One).Encoded);
        IEnumerable<byte[]> encoded = form == BatchForm.Span
            ? [BatchWriter.SpanOf(net.Rollup.Config, batches)]
            : [.. batches.Select(static batch => batch.Encode()), BatchWriter.Batch(blocks[9]).Encode()]; // the honest one too, in the channel that is flushed
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel(encoded)));
        await net.AssertSafeAsync(9);
        Assert.Empty(net.Verifier.Recorder.Invalid);

        net.Batcher.Form = form;
        await net.DeriveAsync(net.Batcher.Submit(blocks[9..]));
        await net.AssertSafeAsync(12);
    }

    [VectorTheory]
    [InlineData(OptimismFork.Jovian)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-JO-02")]
    public async Task The_data_footprint_follows_its_scalar_and_fills_blocks(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismForkTimes.AllActiveAtGenesis(fork), predeploys: PublishedGenesis.Read("sepolia-devnet-2-sepolia-devnet-2"));
        var random = new Random(2);
        int pending = 0; // transactions that found no room yet
        ulong seen = 0;
        foreach ((ushort? set, ushort scalar) in ((ushort?, ushort)[])[(null, 400), (60_000, 60_000), (1, 1), (0, 400)])
        {
            net.L1.Mine(set is { } value ? [Config(net, L1Logs.Config(7, new UInt256(value)))] : []);
            await net.Sequencer.BuildToL1HeadAsync();
            while (seen < net.Sequencer.Unsafe.Number) pending -= (await net.Sequencer.BlockAsync(++seen)).Transactions.Length - 1;
            Assert.Equal(0, pending);
            for (int i = 0; i < 2; i++)
            {
                for (int sent = 0; sent < 3; sent++)
                {
                    byte[] data = new byte[200];
                    random.NextBytes(data);
                    await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, data: data));
                    pending++;
                }

                await net.Sequencer.BuildAsync();
                Block block = await net.Sequencer.BlockAsync(++seen);
                Transaction[] users = block.Transactions[1..];
                ulong footprint = 0;
                foreach (Transaction transaction in users) footprint += L1DataFee.EstimatedSize(transaction.FastLzSize) * scalar;
                Assert.Equal(scalar, InfoOf(block).DAFootprintGasScalar);
                Assert.Equal(footprint, block.Header.BlobGasUsed);
                Assert.InRange(footprint, 1ul, block.Header.GasLimit);
                pending -= users.Length;
                // three transactions of some 250 bytes are 45 million at 60,000 a byte: two fit
                Assert.Equal(scalar == 60_000, pending > 0);
                if (scalar == 60_000) Assert.Equal(2, users.Length);
            }
        }

        Assert.Equal(0, pending);
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    [Theory]
    [InlineData(OptimismFork.Jovian)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-JO-03")]
    public async Task The_minimum_base_fee_is_in_the_extra_data_and_holds_from_the_next_block_on(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        foreach (ulong minimum in (ulong[])[5_000_000, 3_000_000, 0])
        {
            net.L1.Mine(Config(net, L1Logs.MinBaseFee(minimum)));
            await net.Sequencer.BuildToL1HeadAsync();
            await net.Sequencer.BuildAsync(3);
        }

        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        BlockHeader? parent = null;
        ulong inForce = 0;
        bool wasFloored = false, hasFallen = false;
        foreach (Block block in await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number))
        {
            ulong epoch = InfoOf(block).Number;
            ulong minimum = epoch switch { 1 => 5_000_000, 2 => 3_000_000, _ => 0 };
            Assert.True(Eip1559ExtraData.TryDecodeJovian(block.Header.ExtraData, out Eip1559ExtraData extra));
            Assert.Equal(minimum, extra.MinBaseFee);
            // the fee of a block is by what its parent says
            if (parent is not null)
            {
                Assert.True(block.Header.BaseFeePerGas >= new UInt256(inForce));
                wasFloored |= inForce > 0 && block.Header.BaseFeePerGas == new UInt256(inForce);
                if (inForce == 0 && parent.BaseFeePerGas > UInt256.One) hasFallen |= block.Header.BaseFeePerGas < parent.BaseFeePerGas;
                if (minimum == 5_000_000 && inForce == 0) Assert.True(block.Header.BaseFeePerGas < new UInt256(minimum)); // not at once
            }

            (parent, inForce) = (block.Header, minimum);
        }

        Assert.True(wasFloored && hasFallen);
    }

    [VectorFact]
    [Case("S-JO-04")]
    public async Task The_activation_block_has_Isthmuss_L1_info_and_the_next_one_Jovians()
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(OptimismFork.Jovian, 20);
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: PublishedBundles.For(forks));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(12);
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(12);
        List<Block> blocks = await net.Verifier.BlocksAsync(9, 12);
        Assert.Equal([176, 176, 178, 178], blocks.Select(static block => block.Transactions[0].Data.Length));
        Assert.Equal([0x098999be, 0x098999be, 0x3db6be2b, 0x3db6be2b], blocks.Select(static block => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(block.Transactions[0].Data.Span)));
        Assert.Equal(6, blocks[1].Transactions.Length);
    }

    [Theory]
    [InlineData(OptimismFork.Jovian)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-JO-05")]
    public async Task The_blob_fee_follows_L1_through_Osaka_and_its_blob_parameter_forks(OptimismFork fork)
    {
        // L1: Prague, Osaka with the same parameters, then two forks of blob parameters alone
        static BlobSchedule.Entry At(ulong block, BlobParameters parameters) => new(TestRollup.GenesisTime + (12 * block), parameters);
        var schedule = new BlobSchedule(At(0, BlobParameters.Prague), At(2, BlobParameters.Prague), At(3, BlobParameters.Bpo1), At(5, BlobParameters.Bpo2));
        await using ActorNet net = await ActorNet.StartAsync(OptimismForkTimes.AllActiveAtGenesis(fork), l1Blobs: schedule);
        net.L1.ExcessBlobGas = 60_000_000;
        net.L1.MineEmpty(6);
        await net.Sequencer.BuildToL1HeadAsync();
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        var fees = new SortedDictionary<ulong, UInt256>();
        foreach (Block block in await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number)) fees[InfoOf(block).Number] = InfoOf(block).BlobBaseFee;
        UInt256 prague = BlobGas.BaseFee(60_000_000, BlobParameters.Prague), first = BlobGas.BaseFee(60_000_000, BlobParameters.Bpo1), second = BlobGas.BaseFee(60_000_000, BlobParameters.Bpo2);
        Assert.Equal([UInt256.One, prague, prague, first, first, second, second], fees.Values);
        Assert.True(prague > first && first > second && second > UInt256.One);
    }

    [VectorFact]
    [Case("S-JO-06")]
    public async Task The_operator_fees_formula_changes_with_the_activation_block()
    {
        const uint Scalar = 5_000;
        const ulong Constant = 77;
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Holocene) with { Isthmus = TestRollup.GenesisTime + 10, Jovian = TestRollup.GenesisTime + 50 };
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: PublishedBundles.For(forks), predeploys: PublishedGenesis.Read("mainnet-settlus-mainnet"));
        net.L1.MineEmpty(1);
        net.L1.Mine(Config(net, L1Logs.OperatorFee(Scalar, Constant))); // at 24 s
        net.L1.MineEmpty(4);
        await net.Sequencer.BuildAsync(14);
        for (ulong number = 15; number <= 30; number++)
        {
            Transaction transaction = net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One);
            UInt256 vault = await net.Sequencer.Eth.GetBalanceAsync(Predeploys.OperatorFeeVault);
            bool activates = number == 25;
            if (!activates) await net.Sequencer.SendAsync(transaction);
            else net.Alice.RewindNonce(TestRollup.L2ChainId, transaction.Nonce);
            await net.Sequencer.BuildAsync();
            Block block = await net.Sequencer.BlockAsync(number);
            UInt256 charged = await net.Sequencer.Eth.GetBalanceAsync(Predeploys.OperatorFeeVault) - vault;
            if (activates)
            {
                Assert.All(block.Transactions, static of => Assert.True(of.IsDeposit));
                Assert.Equal(UInt256.Zero, charged);
                continue;
            }

            Assert.Equal(transaction.Hash, block.Transactions[^1].Hash);
            Assert.Equal((Scalar, Constant), (InfoOf(block).OperatorFeeScalar, InfoOf(block).OperatorFeeConstant));
            ulong gas = (await net.Sequencer.Eth.FindReceiptAsync(transaction.Hash))!.Receipt.GasUsed;
            Assert.Equal(new UInt256(number < 25 ? (gas * Scalar / 1_000_000) + Constant : (gas * Scalar * 100) + Constant), charged);
        }

        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(30);
    }
}
