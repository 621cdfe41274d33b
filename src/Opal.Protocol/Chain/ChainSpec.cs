using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A chain's fork schedule. <see cref="At(ulong, ulong)"/> resolves it, once a block, to <see cref="Rules"/>.</summary>
public sealed class ChainSpec
{
    private readonly Step[] _steps;
    private readonly ulong _parisBlock;

    private readonly record struct Step(ulong Time, Rules Rules);

    private ChainSpec(ulong chainId, Step[] steps, ulong parisBlock)
    {
        ChainId = chainId;
        _steps = steps;
        _parisBlock = parisBlock;
    }

    /// <summary>The chain's id.</summary>
    public ulong ChainId { get; }

    /// <summary>Whether this is an L2.</summary>
    public bool IsOptimism => Optimism is not null;

    /// <summary>The schedule of an L1 chain; null for an L2.</summary>
    public EthereumForkTimes? Ethereum { get; private init; }

    /// <summary>The schedule of an L2 chain; null for an L1.</summary>
    public OptimismForkTimes? Optimism { get; private init; }

    /// <summary>The blob schedule; empty for an L2.</summary>
    public BlobSchedule Blobs { get; private init; } = BlobSchedule.None;

    /// <summary>An L2's fee market constants.</summary>
    public OptimismFeeMarket? FeeMarket { get; private init; }

    /// <summary>The beacon chain's deposit contract on an L1, whose logs are deposit requests (EIP-6110).</summary>
    public Address DepositContract { get; private init; }

    /// <summary>Ethereum mainnet's beacon deposit contract.</summary>
    public static Address MainnetDepositContract { get; } = Address.Parse("0x00000000219ab540356cbb839cbe05303d7705fa");

    /// <summary>An L1 chain.</summary>
    /// <param name="chainId">The chain's id.</param>
    /// <param name="forks">When the upgrades activate.</param>
    /// <param name="blobs">The blob schedule from Cancun on; null takes Cancun's and Prague's own.</param>
    /// <param name="depositContract">The beacon deposit contract; null takes mainnet's.</param>
    public static ChainSpec ForEthereum(ulong chainId, EthereumForkTimes forks, BlobSchedule? blobs = null, Address? depositContract = null)
    {
        blobs ??= DefaultBlobs(forks);
        var times = new List<ulong> { 0 };
        AddTime(times, forks.Shanghai);
        AddTime(times, forks.Cancun);
        AddTime(times, forks.Prague);
        AddTime(times, forks.Osaka);
        foreach (BlobSchedule.Entry entry in blobs.Entries) AddTime(times, entry.Time);
        times.Sort();
        var steps = new Step[times.Count];
        for (int i = 0; i < steps.Length; i++) steps[i] = new Step(times[i], EthereumRules(forks, blobs, times[i]));
        return new ChainSpec(chainId, steps, forks.ParisBlock ?? ulong.MaxValue)
        {
            Ethereum = forks,
            Blobs = blobs,
            DepositContract = depositContract ?? MainnetDepositContract,
        };
    }

    private static BlobSchedule DefaultBlobs(EthereumForkTimes forks)
    {
        var entries = new List<BlobSchedule.Entry>();
        if (forks.Cancun is { } cancun) entries.Add(new BlobSchedule.Entry(cancun, BlobParameters.Cancun));
        if (forks.Prague is { } prague) entries.Add(new BlobSchedule.Entry(prague, BlobParameters.Prague));
        return new BlobSchedule(entries.ToArray());
    }

    private static Rules EthereumRules(EthereumForkTimes forks, BlobSchedule blobs, ulong time)
    {
        Rules rules = ForkRules.Paris;
        if (IsReached(forks.Shanghai, time)) rules = ForkRules.Shanghai;
        if (IsReached(forks.Cancun, time)) rules = ForkRules.Cancun;
        if (IsReached(forks.Prague, time)) rules = ForkRules.Prague;
        if (IsReached(forks.Osaka, time)) rules = ForkRules.Osaka;
        return rules.BlobGas == BlobGasRule.Blobs && blobs.TryGet(time, out BlobParameters parameters) && parameters != rules.Blobs
            ? rules with { Blobs = parameters }
            : rules;
    }

    /// <summary>An L2 chain.</summary>
    /// <param name="chainId">The chain's id.</param>
    /// <param name="forks">When the upgrades activate.</param>
    /// <param name="feeMarket">The fee market's constants.</param>
    public static ChainSpec ForOptimism(ulong chainId, OptimismForkTimes forks, OptimismFeeMarket feeMarket)
    {
        var times = new List<ulong> { 0 };
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++) AddTime(times, forks.Of(fork));
        times.Sort();
        var steps = new Step[times.Count];
        for (int i = 0; i < steps.Length; i++)
        {
            Rules rules = ForkRules.Of(forks.Newest(times[i]));
            uint denominator = forks.IsActive(OptimismFork.Canyon, times[i]) ? feeMarket.DenominatorCanyon : feeMarket.Denominator;
            steps[i] = new Step(times[i], rules with { Elasticity = feeMarket.Elasticity, BaseFeeDenominator = denominator });
        }

        return new ChainSpec(chainId, steps, 0) { Optimism = forks, FeeMarket = feeMarket };
    }

    /// <summary>The L2 chain of a rollup.</summary>
    public static ChainSpec ForRollup(RollupConfig rollup) => ForOptimism(rollup.L2ChainId, rollup.Forks, rollup.FeeMarket);

    /// <summary>A chain that has one set of rules for ever: for tests.</summary>
    public static ChainSpec Fixed(ulong chainId, Rules rules) => new(chainId, [new Step(0, rules)], 0)
    {
        Ethereum = rules.IsOptimism ? null : new EthereumForkTimes(),
        Optimism = rules.IsOptimism ? new OptimismForkTimes() : null,
        FeeMarket = rules.IsOptimism ? new OptimismFeeMarket(rules.Elasticity, rules.BaseFeeDenominator, rules.BaseFeeDenominator) : null,
        DepositContract = MainnetDepositContract,
    };

    private static void AddTime(List<ulong> times, ulong? time)
    {
        if (time is { } known && !times.Contains(known)) times.Add(known);
    }

    private static bool IsReached(ulong? activation, ulong time) => activation is { } known && known <= time;

    /// <summary>The rules of a block.</summary>
    /// <param name="number">The block's number.</param>
    /// <param name="timestamp">The block's time in seconds.</param>
    public Rules At(ulong number, ulong timestamp)
    {
        if (number < _parisBlock) return ForkRules.London;
        for (int i = _steps.Length - 1; i > 0; i--)
        {
            if (_steps[i].Time <= timestamp) return _steps[i].Rules;
        }

        return _steps[0].Rules;
    }

    /// <summary>The rules of the block that a header belongs to.</summary>
    public Rules At(BlockHeader header) => At(header.Number, header.Timestamp);
}
