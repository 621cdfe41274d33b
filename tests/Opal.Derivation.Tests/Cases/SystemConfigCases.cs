using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>ConfigUpdate logs: each is applied whole or passed over whole.</summary>
public sealed class SystemConfigCases
{
    private static readonly TestNet Net = new(OptimismFork.Jovian);

    private static readonly SystemConfig Before = new()
    {
        BatcherAddress = TestNet.Batcher, Overhead = 1, Scalar = new EcotoneScalar(2, 3).Encode(), GasLimit = 4, Eip1559Denominator = 5, Eip1559Elasticity = 6,
        OperatorFeeScalar = 7, OperatorFeeConstant = 8, MinBaseFee = 9, DAFootprintGasScalar = 10,
    };

    private static SystemConfig Apply(LogEntry log, SystemConfigUpdateError expected = SystemConfigUpdateError.None, bool ecotone = true)
    {
        Assert.Equal(expected, SystemConfigUpdates.Apply(Before, log, ecotone, out SystemConfig updated));
        if (expected != SystemConfigUpdateError.None) Assert.Same(Before, updated);
        return updated;
    }

    private static LogEntry Good(ulong type) => type switch
    {
        0 => CaseNet.Update(Net, 0, Address.Parse("0x00000000000000000000000000000000000b0b0b").ToUInt256()),
        1 => CaseNet.Update(Net, 1, 77, new EcotoneScalar(20, 30).Encode()),
        2 => CaseNet.Update(Net, 2, 40),
        3 => CaseNet.Update(Net, 3, Address.Parse("0x00000000000000000000000000000000000b0b0b").ToUInt256()),
        4 => CaseNet.Update(Net, 4, (50UL << 32) | 60),
        5 => CaseNet.Update(Net, 5, new UInt256(80, 70, 0, 0)),
        6 => CaseNet.Update(Net, 6, 90),
        _ => CaseNet.Update(Net, 7, 100),
    };

    [Fact]
    [Case("D-SC-06 D-SC-04 D-SC-03")]
    public void Every_kind_changes_its_own_fields_and_no_others()
    {
        Assert.Equal(Before with { BatcherAddress = Address.Parse("0x00000000000000000000000000000000000b0b0b") }, Apply(Good(0)));
        Assert.Equal(Before with { Overhead = 0, Scalar = new EcotoneScalar(20, 30).Encode() }, Apply(Good(1)));
        Assert.Equal(Before with { Overhead = 77, Scalar = new EcotoneScalar(20, 30).Encode() }, Apply(Good(1), ecotone: false));
        Assert.Equal(Before with { GasLimit = 40 }, Apply(Good(2)));
        Assert.Equal(Before, Apply(Good(3))); // the signer of gossip, no part of derivation
        Assert.Equal(Before with { Eip1559Denominator = 50, Eip1559Elasticity = 60 }, Apply(Good(4)));
        Assert.Equal(Before with { OperatorFeeScalar = 70, OperatorFeeConstant = 80 }, Apply(Good(5)));
        Assert.Equal(Before with { MinBaseFee = 90 }, Apply(Good(6)));
        Assert.Equal(Before with { DAFootprintGasScalar = 100 }, Apply(Good(7)));
    }

    [Fact]
    [Case("D-SC-01")]
    public void Another_number_of_topics_version_or_kind_is_passed_over()
    {
        LogEntry good = Good(2);
        Apply(new LogEntry(good.Address, good.Topics[..2], good.Data), SystemConfigUpdateError.WrongTopicCount);
        Apply(new LogEntry(good.Address, [.. good.Topics, default], good.Data), SystemConfigUpdateError.WrongTopicCount);
        Apply(new LogEntry(good.Address, [good.Topics[0], Hash256.FromUInt256(1), good.Topics[2]], good.Data), SystemConfigUpdateError.UnknownVersion);
        Apply(CaseNet.Update(Net, 8, 1), SystemConfigUpdateError.UnknownType);
        Apply(new LogEntry(good.Address, [good.Topics[0], good.Topics[1], Hash256.FromUInt256(new UInt256(2, 1))], good.Data), SystemConfigUpdateError.UnknownType);
    }

    [Fact]
    [Case("D-SC-02 V-19")]
    public void Data_that_the_contract_cannot_encode_are_passed_over_whole()
    {
        for (ulong type = 0; type <= 7; type++)
        {
            LogEntry good = Good(type);
            void Malformed(Func<byte[], byte[]> change, SystemConfigUpdateError expected = SystemConfigUpdateError.MalformedData) =>
                Apply(new LogEntry(good.Address, good.Topics, change([.. good.Data])), expected);

            Malformed(static data => Set(data, 31, 33));
            Malformed(static data => Set(data, 0, 1)); // the pointer's upper bytes
            Malformed(static data => Set(data, 63, 31));
            Malformed(static data => Set(data, 32, 1));
            Malformed(static data => data[..^1]);
            Malformed(static data => [.. data, 0]);
            Malformed(static data => [.. data, .. new byte[32]]);
            Malformed(static _ => []);
            if (type is 0 or 2 or 3 or 4 or 6 or 7) Malformed(static data => Set(data, 64, 1), SystemConfigUpdateError.ValueOutOfRange);
        }

        Apply(CaseNet.Update(Net, 7, 65_536), SystemConfigUpdateError.ValueOutOfRange);
    }

    private static byte[] Set(byte[] data, int index, byte value)
    {
        data[index] = value;
        return data;
    }

    [Fact]
    [Case("D-SC-03")]
    public void From_Ecotone_on_a_scalar_of_another_version_is_passed_over_and_before_it_is_a_number()
    {
        UInt256 unknown = new(1, 0, 0, 2UL << 56), padded = new(1, 1, 0, 1UL << 56);
        Apply(CaseNet.Update(Net, 1, 77, unknown), SystemConfigUpdateError.InvalidScalar);
        Apply(CaseNet.Update(Net, 1, 77, padded), SystemConfigUpdateError.InvalidScalar);
        Assert.Equal(Before with { Overhead = 77, Scalar = unknown }, Apply(CaseNet.Update(Net, 1, 77, unknown), ecotone: false));
    }

    [Fact]
    [Case("D-SC-05 V-15")]
    public void EIP_1559_parameters_are_both_zero_or_both_set()
    {
        Apply(CaseNet.Update(Net, 4, 60), SystemConfigUpdateError.InvalidEip1559Params);
        Apply(CaseNet.Update(Net, 4, 50UL << 32), SystemConfigUpdateError.InvalidEip1559Params);
        Assert.Equal(Before with { Eip1559Denominator = 0, Eip1559Elasticity = 0 }, Apply(CaseNet.Update(Net, 4, 0)));

        // on the chain: unset parameters give Canyon's constants, and the next block reads those back
        var net = new TestNet(OptimismFork.Holocene);
        net.L1.Mine(logs: [CaseNet.Update(net, 4, (50UL << 32) | 60)]);
        net.L1.Mine(logs: [CaseNet.Update(net, 4, 0), CaseNet.Update(net, 4, 60)]);
        while (net.Sequencer.HeadRef.Number < 14) net.Sequence(1);
        Assert.Equal(50u, net.Sequencer.ConfigOf(net.Sequencer.Chain[11]).Eip1559Denominator);
        SystemConfig unset = net.Sequencer.ConfigOf(net.Sequencer.Chain[14]);
        Assert.Equal((net.Config.FeeMarket.DenominatorCanyon, net.Config.FeeMarket.Elasticity), (unset.Eip1559Denominator, unset.Eip1559Elasticity));
        net.Submit(net.SpanOf(TestNet.Range(1, 14)));
        net.Sync();
        net.AssertSafeIsSequenced(14);
        Assert.Equal(1, net.Observer.SkippedUpdates);
    }

    [Fact]
    [Case("V-19 D-SC-01 D-SC-02 D-SC-07")]
    public void Bad_updates_between_good_ones_take_nothing_with_them()
    {
        var net = new TestNet(OptimismFork.Jovian);
        LogEntry good = CaseNet.Update(net, 2, 40_000_000);
        LogEntry cut = new(good.Address, good.Topics, good.Data[..^1]), kind = CaseNet.Update(net, 200, 1), last = CaseNet.Update(net, 2, 50_000_000);
        net.L1.Mine(logs: [cut, good, kind, CaseNet.Update(net, 6, 7), cut, last, kind]);
        PayloadAttributes attributes = CaseNet.FirstOf(net, 1, CaseNet.At(10));
        Assert.Equal((50_000_000UL, 7UL), (attributes.GasLimit!.Value, attributes.MinBaseFee!.Value));
        Assert.IsType<Idle>(net.Derive());
        Assert.Equal(4, net.Observer.SkippedUpdates);
    }
}
