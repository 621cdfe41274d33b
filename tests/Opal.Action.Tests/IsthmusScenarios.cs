using Opal.Derivation;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Isthmus: roots of withdrawals, set-code transactions, the operator fee, an L1 that has Prague.</summary>
public sealed class IsthmusScenarios
{
    private static readonly Address s_blockHashes = SystemContracts.BlockHashes;
    private static readonly Address s_beaconDeposits = Address.Parse("0x00000000219ab540356cBB839Cbe05303d7705Fa");
    private static readonly Hash256 s_noRequests = Hash256.Parse("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    [VectorFact]
    [Case("S-IS-01")]
    public async Task At_its_activation_the_header_gets_the_root_of_withdrawals_and_the_history_contract_is_deployed()
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(OptimismFork.Isthmus, 20);
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: PublishedBundles.For(forks), predeploys: PublishedGenesis.Read("mainnet-settlus-mainnet"));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(12);
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(12);
        Block activation = await net.Verifier.BlockAsync(10);
        Assert.Equal(9, activation.Transactions.Length);
        foreach (Transaction upgrade in activation.Transactions) Assert.True((await net.Verifier.Eth.FindReceiptAsync(upgrade.Hash))!.Succeeded);
        Assert.Equal(Hash256.EmptyTrie, (await net.Verifier.BlockAsync(9)).Header.WithdrawalsRoot);
        for (ulong number = 10; number <= 12; number++)
        {
            EthProof proof = await net.Verifier.Eth.GetProofAsync(Predeploys.L2ToL1MessagePasser, [], BlockParameter.At(number));
            Assert.NotEqual(Hash256.EmptyTrie, proof.StorageHash);
            Assert.Equal(proof.StorageHash, (await net.Verifier.BlockAsync(number)).Header.WithdrawalsRoot);
        }

        Assert.Empty(await net.Verifier.Eth.GetCodeAsync(s_blockHashes, BlockParameter.At(9)));
        Assert.NotEmpty(await net.Verifier.Eth.GetCodeAsync(s_blockHashes, BlockParameter.At(10)));
        Assert.Equal(activation.Hash.ToUInt256(), await net.Verifier.Eth.GetStorageAsync(s_blockHashes, new UInt256(10), BlockParameter.At(11)));
    }

    [VectorFact]
    [Case("S-IS-01")]
    public async Task At_genesis_block_1_has_the_root_of_withdrawals()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Isthmus), predeploys: PublishedGenesis.Read("sepolia-devnet-2-sepolia-devnet-2"));
        List<Block> blocks = await net.SequenceAsync(2);
        await net.DeriveAsync(net.Batcher.Submit(blocks));
        await net.AssertSafeAsync(2);
        EthProof proof = await net.Verifier.Eth.GetProofAsync(Predeploys.L2ToL1MessagePasser, [], BlockParameter.At(1));
        Assert.NotEqual(Hash256.EmptyTrie, proof.StorageHash);
        Assert.Equal(proof.StorageHash, (await net.Verifier.BlockAsync(1)).Header.WithdrawalsRoot);
        Assert.NotEmpty(await net.Verifier.Eth.GetCodeAsync(s_blockHashes)); // by the genesis state
    }

    [VectorTheory]
    [InlineData(BatchForm.Singular, 9ul, 8ul)]
    [InlineData(BatchForm.Singular, 10ul, 12ul)]
    [InlineData(BatchForm.Singular, 11ul, 12ul)]
    [InlineData(BatchForm.Span, 9ul, 8ul)]
    [InlineData(BatchForm.Span, 10ul, 12ul)]
    [InlineData(BatchForm.Span, 11ul, 12ul)]
    [Case("S-IS-02 S-UP-09")]
    public async Task A_set_code_transaction_may_be_in_a_batch_from_the_activation_block_on(BatchForm form, ulong carrier, ulong safe)
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(OptimismFork.Isthmus, 20); // block 10
        await using ActorNet net = await ActorNet.StartAsync(forks, static config => config with { SequencingWindowSize = 40 }, upgrades: PublishedBundles.For(forks));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(12);
        List<SingularBatch> batches = [.. (await net.Sequencer.BlocksAsync(1, 12)).Select(BatchWriter.Batch)];
        Transaction setCode = net.Bob.SignSetCode(TestRollup.L2ChainId, net.Alice.Address);
        batches[(int)carrier - 1] = BatchWriter.Adding(batches[(int)carrier - 1], setCode.Encoded);
        if (form == BatchForm.Span)
        {
            await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([BatchWriter.SpanOf(net.Rollup.Config, batches)])));
        }
        else
        {
            // a batch names the hash of the block before, which changes behind the carrier
            foreach (SingularBatch batch in batches)
            {
                if (batch.Timestamp > TestRollup.GenesisTime + (2 * (net.Verifier.Safe.Number + 1))) break;
                await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([BatchWriter.With(batch, parent: net.Verifier.Safe.Hash).Encode()])));
            }
        }

        Assert.Equal(safe, net.Verifier.Safe.Number);
        Assert.Empty(net.Verifier.Recorder.Invalid);
        if (safe < carrier) return;
        Assert.Equal(setCode.Hash, (await net.Verifier.BlockAsync(carrier)).Transactions[^1].Hash);
        Assert.True((await net.Verifier.Eth.FindReceiptAsync(setCode.Hash))!.Succeeded);
    }

    [Theory]
    [InlineData(OptimismFork.Isthmus)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-IS-03")]
    public async Task A_span_with_a_set_code_transaction_that_creates_is_lost_alone(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(3);
        List<SingularBatch> batches = [.. blocks.Select(BatchWriter.Batch)];
        SingularBatch with = BatchWriter.With(batches[1], transactions: [net.Bob.SignSetCode(TestRollup.L2ChainId, net.Alice.Address).Encoded]);
        RawSpan span = RawSpan.Of(net.Rollup.Config, [with]);
        Assert.Equal(BatchWriter.SpanOf(net.Rollup.Config, [with]), span.Encode());
        (span.Creations, span.Recipients) = ([1], []);
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([batches[0].Encode(), span.Encode(), batches[1].Encode(), batches[2].Encode()])));
        await net.AssertSafeAsync(3);
    }

    [VectorFact]
    [Case("S-IS-04")]
    public async Task The_operator_fee_is_shown_and_charged_from_the_epoch_that_sets_it()
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(OptimismFork.Isthmus, 20);
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: PublishedBundles.For(forks), predeploys: PublishedGenesis.Read("mainnet-settlus-mainnet"));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(13);
        (uint Scalar, ulong Constant)[] settings = [(0, 0), (5_000, 77), (0, 900_000), (0, 0)];
        for (int i = 0; i < settings.Length; i++)
        {
            (uint scalar, ulong constant) = settings[i];
            ulong from = net.L1.Head.Number + 1;
            net.L1.Mine(new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, L1Logs.OperatorFee(scalar, constant)));
            (uint Scalar, ulong Constant) before = i == 0 ? default : settings[i - 1];
            await net.Sequencer.SyncAsync();
            for (bool isOver = false; !isOver; isOver = net.Sequencer.Unsafe.L1Origin.Number >= from && net.Sequencer.Unsafe.SequenceNumber == 2)
            {
                Transaction transaction = net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One);
                UInt256 vault = await net.Sequencer.Eth.GetBalanceAsync(Predeploys.OperatorFeeVault);
                await net.Sequencer.SendAsync(transaction);
                await net.Sequencer.BuildAsync();
                Block block = await net.Sequencer.BlockAsync(net.Sequencer.Unsafe.Number);
                Assert.Equal(transaction.Hash, block.Transactions[^1].Hash);
                (uint Scalar, ulong Constant) now = net.Sequencer.Unsafe.L1Origin.Number >= from ? (scalar, constant) : before;
                Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
                Assert.Equal(now, (info!.OperatorFeeScalar, info.OperatorFeeConstant));
                ulong gas = (await net.Sequencer.Eth.FindReceiptAsync(transaction.Hash))!.Receipt.GasUsed;
                UInt256 fee = new((gas * now.Scalar / 1_000_000) + now.Constant);
                Assert.Equal(vault + fee, await net.Sequencer.Eth.GetBalanceAsync(Predeploys.OperatorFeeVault));
            }
        }

        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        Assert.NotEqual(UInt256.Zero, await net.Verifier.Eth.GetBalanceAsync(Predeploys.OperatorFeeVault));
    }

    [Theory]
    [InlineData(OptimismFork.Isthmus)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-IS-05")]
    public async Task Requests_on_L1_leave_L2_without_any(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        // an L1 block that asks for deposits and consolidations, with a log of the deposit contract
        net.L1.RequestsHash = Keccak256.Hash([0, 1, 2]);
        net.L1.Mine(new L1Item(
            net.Alice.Sign(TestRollup.L1ChainId, s_beaconDeposits), true,
            new LogEntry(s_beaconDeposits, [Hash256.Parse("0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5")], new byte[576])));
        await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
        await net.Sequencer.BuildToL1HeadAsync();
        await net.Sequencer.BuildAsync(2);
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        List<Block> blocks = await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number);
        Assert.All(blocks, static block => Assert.Equal(s_noRequests, block.Header.RequestsHash));
        Assert.True(L1BlockInfo.TryParse(blocks[^1].Transactions[0], out L1BlockInfo? info));
        Assert.Equal(1ul, info!.Number);
        foreach (PayloadEnvelope payload in net.Sequencer.Recorder.Sequenced) Assert.Empty(payload.ExecutionRequests ?? []);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(48ul)]
    [Case("S-IS-06 S-UP-09")]
    public async Task Pragues_blob_fee_begins_with_the_chains_own_schedule(ulong? heldBackUntil)
    {
        // L1 has Prague from its third block on, at 36 s
        const ulong Prague = 36;
        var schedule = new BlobSchedule(new BlobSchedule.Entry(0, BlobParameters.Cancun), new BlobSchedule.Entry(TestRollup.GenesisTime + Prague, BlobParameters.Prague));
        await using ActorNet net = await ActorNet.StartAsync(
            OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Holocene), config => config with { PectraBlobScheduleTime = TestRollup.GenesisTime + heldBackUntil }, l1Blobs: schedule);
        net.L1.ExcessBlobGas = 40_000_000;
        net.L1.MineEmpty(6);
        await net.Sequencer.BuildToL1HeadAsync();
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        var seen = new HashSet<UInt256>();
        foreach (Block block in await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number))
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            if (info!.Number == 0) continue; // genesis has no excess
            bool isPrague = info.Timestamp - TestRollup.GenesisTime >= (heldBackUntil ?? Prague);
            UInt256 fee = BlobGas.BaseFee(40_000_000, isPrague ? BlobParameters.Prague : BlobParameters.Cancun);
            Assert.Equal(fee, info.BlobBaseFee);
            seen.Add(fee);
        }

        Assert.Equal(2, seen.Count);
    }
}
