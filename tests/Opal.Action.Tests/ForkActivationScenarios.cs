using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>What Ecotone, Fjord and Granite change at the moment they begin, on the contracts of a chain that is older than them.</summary>
public sealed class ForkActivationScenarios
{
    private static readonly UInt256 s_implementation = UInt256.FromBigEndian(Convert.FromHexString("360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"));
    private static readonly Address s_ecotoneL1Block = Address.Parse("0x07dbe8500fc591d1852B76feE44d5a05e13097Ff");
    private static readonly Address s_ecotoneOracle = Address.Parse("0xb528D11cC114E026F138fE568744c6D45ce6Da7A");
    private static readonly Address s_fjordOracle = Address.Parse("0xa919894851548179A0750865e7974DA599C0Fac7");
    private static readonly Address s_beaconRoots = SystemContracts.BeaconRoots;

    private static async Task<ActorNet> StartAsync(OptimismForkTimes forks, Func<RollupConfig, RollupConfig>? adjust = null)
    {
        ActorNet net = await ActorNet.StartAsync(forks, adjust, upgrades: PublishedBundles.For(forks), predeploys: PublishedGenesis.Read("mainnet-lyra"));
        net.L1.BaseFee = new UInt256(1_000_000_000);
        return net;
    }

    private static async Task<bool> AnswersYesAsync(ActorNet net, string question, ulong block)
    {
        byte[] selector = Keccak256.Hash(System.Text.Encoding.ASCII.GetBytes(question)).ToArray()[..4];
        try
        {
            byte[] answer = await net.Verifier.Eth.CallAsync(Predeploys.GasPriceOracle, selector, BlockParameter.At(block));
            return answer.Length == 32 && UInt256.FromBigEndian(answer) == UInt256.One;
        }
        catch (RpcCallException)
        {
            // the contract of that time has no such function
            return false;
        }
    }

    /// <summary>Sequences up to a block with a transaction in one and another, posts it all and derives it.</summary>
    private static async Task<Dictionary<ulong, Transaction>> PlayAsync(ActorNet net, ulong last, params ulong[] carriers)
    {
        var sent = new Dictionary<ulong, Transaction>();
        for (ulong number = 1; number <= last; number++)
        {
            if (carriers.Contains(number))
            {
                sent[number] = net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One);
                await net.Sequencer.SendAsync(sent[number]);
            }

            await net.Sequencer.BuildAsync();
        }

        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(last);
        return sent;
    }

    [VectorFact]
    [Case("S-UP-03")]
    public async Task Ecotone_deploys_its_contracts_serves_beacon_roots_and_prices_anew_in_the_next_block()
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(OptimismFork.Ecotone, 20);
        await using ActorNet net = await StartAsync(forks, static config => config with { GenesisSystemConfig = config.GenesisSystemConfig with { Overhead = new UInt256(2100) } });
        net.L1.MineEmpty(2);
        Dictionary<ulong, Transaction> sent = await PlayAsync(net, 13, 9, 11);

        Block activation = await net.Verifier.BlockAsync(10), next = await net.Verifier.BlockAsync(11);
        Assert.Equal(7, activation.Transactions.Length);
        foreach (Transaction upgrade in activation.Transactions[1..]) Assert.True((await net.Verifier.Eth.FindReceiptAsync(upgrade.Hash))!.Succeeded);
        foreach ((Address proxy, Address implementation) in new[] { (Predeploys.L1Block, s_ecotoneL1Block), (Predeploys.GasPriceOracle, s_ecotoneOracle) })
        {
            Assert.Empty(await net.Verifier.Eth.GetCodeAsync(implementation, BlockParameter.At(9)));
            Assert.NotEmpty(await net.Verifier.Eth.GetCodeAsync(implementation, BlockParameter.At(10)));
            Assert.NotEqual(implementation.ToUInt256(), await net.Verifier.Eth.GetStorageAsync(proxy, s_implementation, BlockParameter.At(9)));
            Assert.Equal(implementation.ToUInt256(), await net.Verifier.Eth.GetStorageAsync(proxy, s_implementation, BlockParameter.At(10)));
        }

        Assert.False(await AnswersYesAsync(net, "isEcotone()", 9));
        Assert.True(await AnswersYesAsync(net, "isEcotone()", 10));

        // EIP-4788: from the block after the deployment on the contract answers for each block's time
        Assert.Null((await net.Verifier.BlockAsync(9)).Header.ParentBeaconBlockRoot);
        foreach (Block block in (Block[])[activation, next])
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            Hash256 root = (await net.L1.HeaderByNumberAsync(info!.Number, default))!.ParentBeaconBlockRoot!.Value;
            Assert.Equal(root, block.Header.ParentBeaconBlockRoot);
        }

        Assert.Empty(await net.Verifier.Eth.GetCodeAsync(s_beaconRoots, BlockParameter.At(9)));
        Assert.NotEmpty(await net.Verifier.Eth.GetCodeAsync(s_beaconRoots, BlockParameter.At(10)));
        UInt256 slot = new((next.Header.Timestamp % 8191) + 8191);
        Assert.Equal(next.Header.ParentBeaconBlockRoot!.Value.ToUInt256(), await net.Verifier.Eth.GetStorageAsync(s_beaconRoots, slot, BlockParameter.At(11)));

        // the fee for L1 data: with the overhead before, without it after
        foreach ((ulong number, Transaction transaction) in sent)
        {
            ulong gas = (ulong)transaction.Encoded.Sum(static part => part == 0 ? 4 : 16);
            UInt256 expected = new UInt256(gas + (number < 10 ? 2100ul : 0)) * net.L1.BaseFee; // the scalar is 10^6
            Assert.Equal(expected, (await net.Verifier.Eth.FindReceiptAsync(transaction.Hash))!.Receipt.L1Fee!.Fee);
        }
    }

    [VectorFact]
    [Case("S-UP-06")]
    public async Task Fjord_deploys_an_oracle_that_says_so()
    {
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Delta) with { Ecotone = TestRollup.GenesisTime + 10, Fjord = TestRollup.GenesisTime + 20 };
        await using ActorNet net = await StartAsync(forks);
        net.L1.MineEmpty(2);
        await PlayAsync(net, 12, 11);
        Block activation = await net.Verifier.BlockAsync(10);
        Assert.Equal(4, activation.Transactions.Length);
        foreach (Transaction upgrade in activation.Transactions[1..]) Assert.True((await net.Verifier.Eth.FindReceiptAsync(upgrade.Hash))!.Succeeded);
        Assert.Equal(s_fjordOracle.ToUInt256(), await net.Verifier.Eth.GetStorageAsync(Predeploys.GasPriceOracle, s_implementation));
        Assert.False(await AnswersYesAsync(net, "isFjord()", 9));
        Assert.True(await AnswersYesAsync(net, "isFjord()", 10));
    }

    [VectorFact]
    [Case("S-UP-04")]
    public async Task Ecotone_over_an_L1_without_blobs_has_a_blob_fee_of_one_and_zero_beacon_roots()
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(OptimismFork.Ecotone, 20);
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: PublishedBundles.For(forks));
        net.L1.Cancun = false;
        net.L1.MineEmpty(4);
        await net.Sequencer.BuildToL1HeadAsync();
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        List<Block> blocks = await net.Verifier.BlocksAsync(11, net.Verifier.Safe.Number);
        Assert.NotEmpty(blocks);
        foreach (Block block in blocks)
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            Assert.Equal(UInt256.One, info!.BlobBaseFee);
            Assert.Equal(Hash256.Zero, block.Header.ParentBeaconBlockRoot);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Delta, true)]
    [InlineData(OptimismFork.Delta, false)]
    [InlineData(OptimismFork.Ecotone, true)]
    [InlineData(OptimismFork.Ecotone, false)]
    [InlineData(OptimismFork.Karst, true)]
    [InlineData(OptimismFork.Karst, false)]
    [Case("S-UP-05")]
    public async Task L1_may_have_blobs_before_L2_and_L2_takes_no_blob_transactions(OptimismFork fork, bool atGenesis)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.Cancun = atGenesis; // the genesis block has them; the next ones do or do not
        for (int round = 0; round < 4; round++)
        {
            if (round == 2) net.L1.Cancun = true;
            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
            await net.RoundAsync();
            await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        }

        Transaction blob = net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, blobs: [Hash256.FromUInt256(UInt256.One << 248)]);
        await Assert.ThrowsAsync<RpcCallException>(() => net.Sequencer.SendAsync(blob));

        // and from a batch the engine does not take it either
        Block block = Assert.Single(await net.SequenceAsync(1));
        await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel([BatchWriter.Adding(BatchWriter.Batch(block), blob.Encoded).Encode()])));
        Assert.Single(net.Verifier.Recorder.Invalid);
        bool strict = fork >= OptimismFork.Holocene;
        Assert.Equal(strict ? block.Number : block.Number - 1, net.Verifier.Safe.Number);
        if (strict) Assert.Single((await net.Verifier.BlockAsync(block.Number)).Transactions);
    }

    [Theory]
    [InlineData(60, true)] // the last block before Granite: 100 L1 blocks are allowed
    [InlineData(61, false)] // Granite's first: 50 are
    [Case("S-UP-07 S-UP-09")]
    public async Task Granites_channel_timeout_holds_at_once(int closing, bool derived)
    {
        await using ActorNet net = await ActorNet.StartAsync(
            TestRollup.ActivatingLater(OptimismFork.Granite, 61 * 12),
            static config => config with { ChannelTimeoutBlocks = 100, ChannelTimeoutGraniteBlocks = 50, SequencingWindowSize = 200 });
        byte[] channel = BatchWriter.Channel(BatchWriter.Singular(await net.SequenceAsync(3)));
        Derivation.Frame[] frames = BatchWriter.Cut(channel, 2);
        await net.DeriveAsync(net.Batcher.PostFrames(frames[0]));
        net.L1.MineEmpty(closing - 2);
        await net.DeriveAsync(net.Batcher.PostFrames(frames[1]));
        Assert.Equal((ulong)closing, net.L1.Head.Number);
        await net.AssertSafeAsync(derived ? 3ul : 0ul);
        await net.DeriveAsync(net.Batcher.PostFrames(BatchWriter.Cut(channel, 1, new Derivation.ChannelId(new byte[16]))));
        await net.AssertSafeAsync(3);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, 260)]
    [InlineData(OptimismFork.Regolith, 260)]
    [InlineData(OptimismFork.Canyon, 260)]
    [InlineData(OptimismFork.Delta, 260)]
    [InlineData(OptimismFork.Ecotone, 164)]
    [InlineData(OptimismFork.Fjord, 164)]
    [InlineData(OptimismFork.Granite, 164)]
    [InlineData(OptimismFork.Holocene, 164)]
    [InlineData(OptimismFork.Isthmus, 176)]
    [InlineData(OptimismFork.Jovian, 178)]
    [InlineData(OptimismFork.Karst, 178)]
    [Case("S-UP-08 S-IS-01")]
    public async Task A_fork_active_at_genesis_brings_no_deposits_and_block_1_has_its_forms(OptimismFork fork, int infoLength)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(2);
        await net.DeriveAsync(net.Batcher.Submit(blocks));
        await net.AssertSafeAsync(2);
        Block first = await net.Verifier.BlockAsync(1);
        Assert.Equal(2, first.Transactions.Length); // L1 info and the user's
        Assert.Equal(infoLength, first.Transactions[0].Data.Length);
        Assert.Equal(fork < OptimismFork.Regolith, first.Transactions[0].IsSystemTransaction);
        Assert.Equal(fork >= OptimismFork.Canyon, first.Header.WithdrawalsRoot is not null);
        Assert.Equal(fork >= OptimismFork.Ecotone, first.Header.ParentBeaconBlockRoot is not null);
        Assert.Equal(fork switch { >= OptimismFork.Jovian => 17, >= OptimismFork.Holocene => 9, _ => 0 }, first.Header.ExtraData.Length);
        Assert.Equal(fork >= OptimismFork.Isthmus, first.Header.RequestsHash is not null);
        Assert.Equal(30_000_000ul, first.Header.GasLimit);
    }

    [Fact]
    [Case("S-UP-01 S-UP-09")]
    public async Task Spans_of_before_Delta_are_dropped_wherever_they_are_included()
    {
        // Delta begins with L1 block 2
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Delta, 24));
        List<Block> blocks = await net.SequenceAsync(3);
        net.Batcher.Form = BatchForm.Span;
        L1Item[] span = net.Batcher.Submit(blocks);
        await net.DeriveAsync(span); // posted before
        await net.AssertSafeAsync(0);
        await net.DeriveAsync(span); // its origin is before
        await net.DeriveAsync(span);
        await net.AssertSafeAsync(0);
        net.Batcher.Form = BatchForm.Singular;
        await net.DeriveAsync(net.Batcher.Submit(blocks));
        await net.AssertSafeAsync(3);
    }

    [Fact]
    [Case("S-UP-02 S-UP-09")]
    public async Task A_span_that_begins_before_Delta_is_dropped_though_it_ends_in_it()
    {
        // Delta begins with L1 block 1; blocks 1 to 5 are of epoch 0
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Delta, 12));
        net.L1.Mine();
        List<Block> blocks = await net.SequenceAsync(8);
        net.Batcher.Form = BatchForm.Span;
        await net.DeriveAsync(net.Batcher.Submit(blocks));
        await net.AssertSafeAsync(0);
        net.Batcher.Form = BatchForm.Singular;
        await net.DeriveAsync(net.Batcher.Submit(blocks[..5]));
        await net.AssertSafeAsync(5);
        net.Batcher.Form = BatchForm.Span;
        await net.DeriveAsync(net.Batcher.Submit(blocks[5..])); // from the first block whose origin is in Delta on
        await net.AssertSafeAsync(8);
    }
}
