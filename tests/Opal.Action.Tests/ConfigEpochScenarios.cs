using Opal.Evm;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>What the owner sets on L1 holds from the first block of that epoch on, in sequencer and verifier alike.</summary>
public sealed class ConfigEpochScenarios
{
    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SC-03 S-SC-09")]
    public async Task The_gas_limit_moves_by_whole_steps_up_and_down_and_the_last_of_several_counts(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        ulong[] limits = [30_000_000, 80_000_000, 80_000_000, 21_000_000, 45_000_000];
        net.L1.Mine(Config(net, L1Logs.GasLimit(80_000_000)));
        net.L1.MineEmpty(1);
        net.L1.Mine(Config(net, L1Logs.GasLimit(21_000_000)));
        net.L1.Mine(Config(net, L1Logs.GasLimit(60_000_000), L1Logs.GasLimit(15_000_000)), Config(net, L1Logs.GasLimit(45_000_000)));
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        foreach (Block block in await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number))
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            Assert.Equal(limits[info!.Number], block.Header.GasLimit);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-SC-07")]
    public async Task Fee_parameters_hold_from_the_epoch_on_one_zero_is_passed_over_and_unset_are_Canyons(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        net.L1.Mine(Config(net, L1Logs.Eip1559(400, 3)));
        net.L1.Mine(Config(net, L1Logs.Eip1559(1, 0)));
        net.L1.Mine(Config(net, L1Logs.Eip1559(0, 0)));
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        (uint, uint) canyon = ((uint)net.Rollup.Config.FeeMarket.DenominatorCanyon, (uint)net.Rollup.Config.FeeMarket.Elasticity);
        (uint, uint)[] expected = [canyon, canyon, (400, 3), (400, 3), canyon];
        List<Block> blocks = await net.Verifier.BlocksAsync(0, net.Verifier.Safe.Number);
        for (int i = 1; i < blocks.Count; i++)
        {
            BlockHeader header = blocks[i].Header, parent = blocks[i - 1].Header;
            Assert.True(L1BlockInfo.TryParse(blocks[i].Transactions[0], out L1BlockInfo? info));
            Assert.Equal(expected[info!.Number], Parameters(header, fork));

            // a block's base fee goes by its parent's parameters: what is set acts in the next block
            (uint denominator, uint elasticity) = Parameters(parent, fork);
            ulong target = parent.GasLimit / elasticity, fee = parent.BaseFeePerGas!.Value.U0;
            Assert.True(parent.GasUsed < target);
            Assert.Equal(fee - (fee * (target - parent.GasUsed) / target / denominator), header.BaseFeePerGas!.Value.U0);
        }
    }

    [VectorTheory]
    [InlineData("sepolia-op", OptimismFork.Bedrock, OptimismFork.Bedrock)]
    [InlineData("mainnet-settlus-mainnet", OptimismFork.Holocene, OptimismFork.Holocene)]
    [InlineData("mainnet-settlus-mainnet", OptimismFork.Holocene, OptimismFork.Jovian)]
    [InlineData("sepolia-devnet-2-sepolia-devnet-2", OptimismFork.Karst, OptimismFork.Karst)]
    [Case("S-SC-02")]
    public async Task Fee_scalars_change_the_fee_with_the_epoch(string predeploys, OptimismFork first, OptimismFork last)
    {
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(first);
        if (first < OptimismFork.Isthmus && last >= OptimismFork.Isthmus) forks = forks with { Isthmus = TestRollup.GenesisTime + 2 };
        if (first < OptimismFork.Jovian && last >= OptimismFork.Jovian) forks = forks with { Jovian = TestRollup.GenesisTime + 4 };
        bool isEcotone = first >= OptimismFork.Ecotone;
        UInt256 low = isEcotone ? new EcotoneScalar(100_000, 200_000).Encode() : new UInt256(1_000_000), high = isEcotone ? new EcotoneScalar(400_000, 800_000).Encode() : new UInt256(4_000_000);
        await using ActorNet net = await ActorNet.StartAsync(
            forks, config => config with { GenesisSystemConfig = config.GenesisSystemConfig with { Scalar = low } }, upgrades: PublishedBundles.For(forks), predeploys: PublishedGenesis.Read(predeploys));
        net.L1.BaseFee = new UInt256(30_000_000_000);
        net.L1.MineEmpty(1);
        net.L1.Mine(Config(net, L1Logs.FeeScalars(UInt256.Zero, high)));
        net.L1.MineEmpty(1);
        while (net.Sequencer.Unsafe.L1Origin.Number < 3)
        {
            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
            await net.Sequencer.BuildAsync();
        }

        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        var fees = new Dictionary<ulong, List<ulong>>();
        foreach (Block block in await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number))
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            TxReceiptInfo[] receipts = await net.Verifier.Eth.GetReceiptsAsync(block.Header);
            List<ulong> ofBlock = [.. receipts.Where(static receipt => receipt.Receipt.Type != TransactionType.Deposit).Select(static receipt => receipt.Receipt.L1Fee!.Fee.U0)];
            UInt256 paid = await PaidAsync(net, block.Number);
            Assert.Equal(ofBlock.Aggregate(0ul, static (sum, fee) => sum + fee), paid.U0);
            if (!fees.TryGetValue(info!.Number, out List<ulong>? ofEpoch)) fees.Add(info.Number, ofEpoch = []);
            ofEpoch.AddRange(ofBlock);
        }

        // epochs 1 and 2 have the same L1 fees: only the scalars differ, from the first block of the epoch to its last; zero bytes of the signatures make little difference
        Assert.Equal((6, 6, 1), (fees[1].Count, fees[2].Count, fees[3].Count));
        Assert.All(fees[1], fee => Assert.InRange(fee, fees[1][0] * 98 / 100, fees[1][0] * 102 / 100));
        Assert.All([.. fees[2], .. fees[3]], fee => Assert.InRange(fee, fees[1][0] * 392 / 100, fees[1][0] * 408 / 100));
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SC-06")]
    public async Task Another_signer_of_unsafe_blocks_changes_nothing_that_is_derived(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        await net.RoundAsync();
        SystemConfig before = await SystemConfigAsync(net);
        net.L1.Mine(Config(net, L1Logs.UnsafeBlockSigner(net.Bob.Address)), Config(net, L1Logs.UnsafeBlockSigner(net.Alice.Address)));
        for (int round = 0; round < 2; round++)
        {
            await net.Sequencer.BuildToL1HeadAsync();
            foreach (PayloadEnvelope payload in net.Sequencer.Recorder.Sequenced) _ = net.Verifier.Node.Driver.PostUnsafePayloadAsync(payload);
            await net.Verifier.SyncAsync();
            Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Unsafe);
            await net.RoundAsync();
            Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        }

        Assert.Equal(before, await SystemConfigAsync(net));
    }

    private static L1Item Config(ActorNet net, params LogEntry[] logs) => new(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, logs);

    private static (uint Denominator, uint Elasticity) Parameters(BlockHeader header, OptimismFork fork)
    {
        Eip1559ExtraData parameters;
        Assert.True(fork >= OptimismFork.Jovian ? Eip1559ExtraData.TryDecodeJovian(header.ExtraData, out parameters) : Eip1559ExtraData.TryDecodeHolocene(header.ExtraData, out parameters));
        return (parameters.Denominator, parameters.Elasticity);
    }

    /// <summary>What the vault of L1 fees got in a block.</summary>
    private static async Task<UInt256> PaidAsync(ActorNet net, ulong number) =>
        await net.Verifier.Eth.GetBalanceAsync(Predeploys.L1FeeVault, BlockParameter.At(number)) - await net.Verifier.Eth.GetBalanceAsync(Predeploys.L1FeeVault, BlockParameter.At(number - 1));

    private static async Task<SystemConfig> SystemConfigAsync(ActorNet net)
    {
        var builder = new Derivation.AttributesBuilder(net.Rollup.Config, BlobSchedule.None, net.Rollup.Upgrades);
        Assert.True(builder.TrySystemConfigOf(await net.Verifier.BlockAsync(net.Verifier.Safe.Number), out SystemConfig config));
        return config;
    }
}
