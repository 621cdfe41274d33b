using Opal.Primitives;

namespace Opal.Protocol.Tests;

public class RollupTests
{
    private static readonly RollupConfig Rollup = new()
    {
        GenesisL2Time = 1000,
        BlockTimeSeconds = 2,
        Forks = new OptimismForkTimes { Regolith = 0, Canyon = 1000, Delta = 1010, Ecotone = 1011, Fjord = 1020, Granite = 1020, Holocene = 1030, Isthmus = 1040, Jovian = 1050 },
    };

    [Theory]
    [InlineData(1002, L1BlockInfoFormat.Bedrock)]
    [InlineData(1012, L1BlockInfoFormat.Bedrock)] // Ecotone's activation block
    [InlineData(1014, L1BlockInfoFormat.Ecotone)]
    [InlineData(1040, L1BlockInfoFormat.Ecotone)] // Isthmus's activation block
    [InlineData(1042, L1BlockInfoFormat.Isthmus)]
    [InlineData(1050, L1BlockInfoFormat.Isthmus)] // Jovian's activation block
    [InlineData(1052, L1BlockInfoFormat.Jovian)]
    public void The_attributes_format_changes_after_the_activation_block(ulong time, L1BlockInfoFormat format) =>
        Assert.Equal(format, L1BlockInfo.FormatAt(Rollup, new L2Time(time)));

    [Fact]
    public void A_fork_at_genesis_has_no_activation_block()
    {
        Assert.False(Rollup.IsActivationBlock(OptimismFork.Canyon, new L2Time(1000)));
        Assert.False(Rollup.IsActivationBlock(OptimismFork.Canyon, new L2Time(1002)));
        Assert.False(Rollup.IsActivationBlock(OptimismFork.Regolith, new L2Time(1002)));
        Assert.True(Rollup.IsActivationBlock(OptimismFork.Ecotone, new L2Time(1012)));
        Assert.False(Rollup.IsActivationBlock(OptimismFork.Ecotone, new L2Time(1014)));
        Assert.False(Rollup.IsActivationBlock(OptimismFork.Karst, new L2Time(9999)));
    }

    [Fact]
    public void Numbers_and_times_convert()
    {
        Assert.Equal(6ul, Rollup.BlockNumberAt(new L2Time(1013)));
        Assert.Equal(0ul, Rollup.BlockNumberAt(new L2Time(5)));
        Assert.Equal(new L2Time(1012), Rollup.TimeOf(6));
        Assert.Null(Rollup.Forks.FirstOutOfOrder());
        Assert.Equal(OptimismFork.Delta, (Rollup.Forks with { Delta = 999 }).FirstOutOfOrder());
        Assert.Equal(OptimismFork.Delta, (Rollup.Forks with { Canyon = null }).FirstOutOfOrder());
        Assert.Equal(OptimismFork.Fjord, NetworkUpgrades.None.FirstMissing(Rollup with { Forks = new OptimismForkTimes { Ecotone = 0, Fjord = 2000 } }));
    }

    [Fact]
    public void Scalars_are_read_as_the_specification_says()
    {
        Assert.True(EcotoneScalar.TryDecode(684_000, out EcotoneScalar scalars));
        Assert.Equal(new EcotoneScalar(684_000, 0), scalars);
        Assert.True(EcotoneScalar.TryDecode(new EcotoneScalar(1368, 810_949).Encode(), out scalars));
        Assert.Equal(new EcotoneScalar(1368, 810_949), scalars);
        Assert.False(EcotoneScalar.TryDecode(new UInt256(1, 1), out _));
        Assert.False(EcotoneScalar.TryDecode(new UInt256(1, 0, 0, 2UL << 56), out _));
        Assert.True(EcotoneScalar.TryDecodeLenient(new UInt256(1, 1), out scalars));
        Assert.Equal(new EcotoneScalar(uint.MaxValue, 0), scalars);
        Assert.False(EcotoneScalar.TryDecodeLenient(new UInt256(1, 0, 0, 2UL << 56), out _));
    }

    [Fact]
    public void After_Ecotone_a_bad_scalar_keeps_the_old_one()
    {
        var config = new SystemConfig { Scalar = 5, Overhead = 6 };
        byte[] data = [.. new UInt256(32).ToBigEndianArray(), .. new UInt256(64).ToBigEndianArray(), .. new UInt256(7).ToBigEndianArray(), .. new UInt256(1, 0, 0, 2UL << 56).ToBigEndianArray()];
        Assert.Equal(SystemConfigUpdateError.InvalidScalar, SystemConfigUpdates.ApplyData(config, 1, data, isEcotone: true, out SystemConfig updated));
        Assert.Same(config, updated);
        Assert.Equal(SystemConfigUpdateError.None, SystemConfigUpdates.ApplyData(config, 1, data, isEcotone: false, out updated));
        Assert.Equal(new UInt256(7), updated.Overhead);
        Assert.Equal(SystemConfigUpdateError.UnknownType, SystemConfigUpdates.ApplyData(config, 8, data, isEcotone: true, out _));
    }

    [Fact]
    public void The_system_config_is_read_back_from_a_block()
    {
        var config = new SystemConfig
        {
            BatcherAddress = TestChain.Alice, Scalar = new EcotoneScalar(3, 4).Encode(), GasLimit = 30_000_000, Eip1559Denominator = 250, Eip1559Elasticity = 6,
            OperatorFeeScalar = 5, OperatorFeeConstant = 6, MinBaseFee = 7, DAFootprintGasScalar = 8,
        };
        var l1 = new BlockHeader { Number = 9, Timestamp = 990, BaseFeePerGas = 77, ExcessBlobGas = 0 };
        Assert.True(L1BlockInfo.TryBuild(Rollup, BlobSchedule.None, config, 2, l1, new L2Time(1052), out L1BlockInfo? info));
        var header = new BlockHeader { Number = 26, Timestamp = 1052, GasLimit = 30_000_000, ExtraData = new Eip1559ExtraData(250, 6, 7).Encode(), BaseFeePerGas = 1 };
        Assert.True(SystemConfigReader.TryRead(Rollup, NetworkUpgrades.None, header, info!.ToDepositTransaction(true), out SystemConfig? read));
        Assert.Equal(config, read);
        Assert.False(SystemConfigReader.TryRead(Rollup, NetworkUpgrades.None, header, TestChain.Transfer(0), out _));
    }

    [Fact]
    public void The_gas_that_an_upgrade_brings_leaves_the_system_config_unless_it_is_kept()
    {
        RollupConfig rollup = Rollup with { Forks = Rollup.Forks with { Karst = 1060 } };
        var upgrades = new NetworkUpgrades(new UpgradeBundle(OptimismFork.Karst, [new UpgradeTransaction("a", default, null, [], 1000), new UpgradeTransaction("b", default, null, [], 500)]));
        var header = new BlockHeader { Number = 30, Timestamp = 1060, GasLimit = 30_001_500, ExtraData = new Eip1559ExtraData(250, 6, 7).Encode(), BaseFeePerGas = 1 };
        Transaction attributes = new L1BlockInfo { Format = L1BlockInfoFormat.Jovian }.ToDepositTransaction(true);
        Assert.True(SystemConfigReader.TryRead(rollup, upgrades, header, attributes, out SystemConfig? config));
        Assert.Equal(30_000_000ul, config!.GasLimit);
        Assert.True(SystemConfigReader.TryRead(rollup with { KeepKarstUpgradeGas = true }, upgrades, header, attributes, out config));
        Assert.Equal(30_001_500ul, config!.GasLimit);
    }

    [Fact]
    public void The_blob_base_fee_follows_the_blob_schedule_of_L1()
    {
        Assert.True(BlobSchedule.TryGetKnown(11_155_111, out BlobSchedule sepolia));
        Assert.True(sepolia.TryGet(1_741_159_776, out BlobParameters parameters));
        Assert.Equal(BlobParameters.Prague, parameters);
        Assert.True(sepolia.TryGet(1_741_159_775, out parameters));
        Assert.Equal(BlobParameters.Cancun, parameters);
        Assert.False(sepolia.TryGet(0, out _));
        Assert.Equal(UInt256.One, BlobGas.BaseFee(0, BlobParameters.Cancun));
        Assert.Equal(UInt256.One, BlobGas.BaseFee(2_314_057, BlobParameters.Cancun));
        Assert.Equal(new UInt256(2), BlobGas.BaseFee(2_314_058, BlobParameters.Cancun));
        Assert.Equal(new UInt256(23), BlobGas.BaseFee(10 * 1024 * 1024, BlobParameters.Cancun));
        Assert.Equal(UInt256.MaxValue, BlobGas.BaseFee(ulong.MaxValue, BlobParameters.Cancun));
    }
}
