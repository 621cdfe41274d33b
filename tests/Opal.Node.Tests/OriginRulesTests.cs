using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

public sealed class OriginRulesTests
{
    private static readonly RollupConfig s_fjord = new FakeChain(OptimismFork.Fjord).Config;
    private static readonly RollupConfig s_bedrock = new FakeChain(OptimismFork.Bedrock).Config;

    [Theory]
    [InlineData(1000, 900, 1000ul, OriginChoice.Adopt)]
    [InlineData(1000, 900, 999ul, OriginChoice.Adopt)]
    [InlineData(1000, 900, 1001ul, OriginChoice.Keep)]
    [InlineData(1000, 900, null, OriginChoice.Keep)]
    [InlineData(2700, 900, null, OriginChoice.Keep)]
    [InlineData(2701, 900, null, OriginChoice.WaitForNext)]
    [InlineData(2701, 900, 2702ul, OriginChoice.Keep)]
    [InlineData(2701, 900, 2701ul, OriginChoice.Adopt)]
    [Case("D-SQ-01 D-SQ-02")]
    public void The_next_origin_is_adopted_once_its_time_is_reached(ulong blockTime, ulong originTime, ulong? nextTime, OriginChoice expected) =>
        Assert.Equal(expected, OriginRules.Choose(s_fjord, new L2Time(blockTime), originTime, nextTime, mustKnowNext: false));

    [Fact]
    [Case("D-SQ-07")]
    public void Recovering_waits_for_the_next_origin() =>
        Assert.Equal(OriginChoice.WaitForNext, OriginRules.Choose(s_fjord, new L2Time(1000), 900, null, mustKnowNext: true));

    [Fact]
    [Case("D-SQ-05 D-CK-03")]
    public void The_drift_is_inclusive_and_goes_by_the_origins_time()
    {
        Assert.False(OriginRules.IsPastDrift(s_fjord, new L2Time(2700), 900));
        Assert.True(OriginRules.IsPastDrift(s_fjord, new L2Time(2701), 900));
        Assert.False(OriginRules.IsPastDrift(s_bedrock, new L2Time(1500), 900));
        Assert.True(OriginRules.IsPastDrift(s_bedrock, new L2Time(1501), 900));
        RollupConfig crossing = s_bedrock with { Forks = new OptimismForkTimes { Fjord = 1000 } };
        Assert.True(OriginRules.IsPastDrift(crossing, new L2Time(1600), 999));
        Assert.False(OriginRules.IsPastDrift(crossing, new L2Time(1601), 1001));
    }

    [Theory]
    [InlineData(OptimismFork.Canyon, false)]
    [InlineData(OptimismFork.Ecotone, true)]
    [InlineData(OptimismFork.Fjord, true)]
    [InlineData(OptimismFork.Granite, false)]
    [InlineData(OptimismFork.Holocene, false)]
    [InlineData(OptimismFork.Isthmus, true)]
    [InlineData(OptimismFork.Jovian, true)]
    [InlineData(OptimismFork.Karst, true)]
    [Case("D-SQ-05 D-SQ-06")]
    public void Activation_blocks_with_upgrade_transactions_hold_nothing_else(OptimismFork fork, bool empty)
    {
        ulong activation = FakeChain.GenesisTime + 100;
        OptimismForkTimes before = OptimismForkTimes.AllActiveAtGenesis(fork - 1);
        RollupConfig config = s_bedrock with { Forks = With(before, fork, activation) };
        Assert.False(OriginRules.MustBeEmpty(config, new L2Time(activation - 2), activation - 10));
        Assert.Equal(empty, OriginRules.MustBeEmpty(config, new L2Time(activation), activation - 10));
        Assert.False(OriginRules.MustBeEmpty(config, new L2Time(activation + 2), activation - 10));
        bool stops = UpgradeGuard.Find(config, NetworkUpgrades.None, new L2Time(activation)) is not null;
        Assert.Equal(empty, stops);
        Assert.Null(UpgradeGuard.Find(config, NetworkUpgrades.None, new L2Time(activation + 2)));
    }

    private static OptimismForkTimes With(OptimismForkTimes times, OptimismFork fork, ulong at) => fork switch
    {
        OptimismFork.Canyon => times with { Canyon = at },
        OptimismFork.Ecotone => times with { Ecotone = at },
        OptimismFork.Fjord => times with { Fjord = at },
        OptimismFork.Granite => times with { Granite = at },
        OptimismFork.Holocene => times with { Holocene = at },
        OptimismFork.Isthmus => times with { Isthmus = at },
        OptimismFork.Jovian => times with { Jovian = at },
        _ => times with { Karst = at },
    };
}
