using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The parameters of a rollup that never change: rollup.json as values.</summary>
/// <remarks>Units are in the names; fork questions are asked with a clock, so that the three times cannot be mixed up.</remarks>
public sealed record RollupConfig
{
    /// <summary>The L1 block that the rollup begins at.</summary>
    public BlockId GenesisL1 { get; init; }

    /// <summary>The L2 genesis block.</summary>
    public BlockId GenesisL2 { get; init; }

    /// <summary>The L2 genesis block's timestamp in seconds.</summary>
    public ulong GenesisL2Time { get; init; }

    /// <summary>The system config at genesis.</summary>
    public SystemConfig GenesisSystemConfig { get; init; } = new();

    /// <summary>Seconds between two L2 blocks.</summary>
    public ulong BlockTimeSeconds { get; init; } = 2;

    /// <summary>How far L2 time may run ahead of its origin's, in seconds; before Fjord.</summary>
    public ulong MaxSequencerDriftSeconds { get; init; } = 600;

    /// <summary>How far L2 time may run ahead of its origin's, in seconds, from Fjord on: 1800 by the specification; a few chains have their own.</summary>
    public ulong MaxSequencerDriftFjordSeconds { get; init; } = 1800;

    /// <summary>The number of L1 blocks that may carry an epoch's batches.</summary>
    public ulong SequencingWindowSize { get; init; } = 3600;

    /// <summary>How many L1 blocks a channel may stay open; before Granite, which sets 50.</summary>
    public ulong ChannelTimeoutBlocks { get; init; } = 300;

    /// <summary>How many L1 blocks a channel may stay open from Granite on.</summary>
    public ulong ChannelTimeoutGraniteBlocks { get; init; } = 50;

    /// <summary>The L1 chain's id.</summary>
    public ulong L1ChainId { get; init; }

    /// <summary>The L2 chain's id.</summary>
    public ulong L2ChainId { get; init; }

    /// <summary>When the upgrades activate.</summary>
    public OptimismForkTimes Forks { get; init; } = new();

    /// <summary>Until when the blob base fee is computed with Cancun's fraction on an L1 that has Prague; null: never (pectra-blob-schedule).</summary>
    public ulong? PectraBlobScheduleTime { get; init; }

    /// <summary>The address that batcher transactions are sent to.</summary>
    public Address BatchInboxAddress { get; init; }

    /// <summary>The OptimismPortal on L1.</summary>
    public Address DepositContractAddress { get; init; }

    /// <summary>The SystemConfig on L1.</summary>
    public Address L1SystemConfigAddress { get; init; }

    /// <summary>The ProtocolVersions contract on L1; zero where there is none.</summary>
    public Address ProtocolVersionsAddress { get; init; }

    /// <summary>Whether the gas that Karst's upgrade adds to its activation block stays in the system config's gas limit, as on chains that activated with it.</summary>
    public bool KeepKarstUpgradeGas { get; init; }

    /// <summary>The fee market's constants.</summary>
    public OptimismFeeMarket FeeMarket { get; init; } = OptimismFeeMarket.Standard;

    /// <summary>The activation time of a fork in seconds, null where it never activates.</summary>
    public ulong? ActivationTime(OptimismFork fork) => Forks.Of(fork);

    /// <summary>Whether a fork is active by L2 time.</summary>
    public bool IsActive(OptimismFork fork, L2Time time) => Forks.IsActive(fork, time.Seconds);

    /// <summary>Whether a fork is active by the time of the L1 inclusion block.</summary>
    public bool IsActive(OptimismFork fork, L1InclusionTime time) => Forks.IsActive(fork, time.Seconds);

    /// <summary>Whether a fork is active by the time of the L1 origin.</summary>
    public bool IsActive(OptimismFork fork, L1OriginTime time) => Forks.IsActive(fork, time.Seconds);

    /// <summary>Whether the L2 block at a time is the fork's first, and not the genesis block.</summary>
    public bool IsActivationBlock(OptimismFork fork, L2Time time) =>
        IsActive(fork, time) && time.Seconds >= BlockTimeSeconds && !Forks.IsActive(fork, time.Seconds - BlockTimeSeconds)
        && time.Seconds > GenesisL2Time;

    /// <summary>The number of the L2 block at a time; times before genesis give the genesis block's.</summary>
    public ulong BlockNumberAt(L2Time time) =>
        time.Seconds <= GenesisL2Time ? GenesisL2.Number : GenesisL2.Number + ((time.Seconds - GenesisL2Time) / BlockTimeSeconds);

    /// <summary>The time of the L2 block with a number, not below the genesis block's.</summary>
    public L2Time TimeOf(ulong blockNumber) => new(GenesisL2Time + ((blockNumber - GenesisL2.Number) * BlockTimeSeconds));
}
