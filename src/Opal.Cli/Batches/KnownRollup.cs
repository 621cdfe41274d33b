using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Batches;

/// <summary>What is known of the rollup whose batches are inspected.</summary>
/// <param name="Config">Its parameters; those of a rollup with every fork active where it is not known.</param>
/// <param name="IsKnown">Whether a configuration was given: without one, span batches have relative times and no transaction hashes.</param>
/// <param name="Batcher">The batcher's address; null when it is not known.</param>
internal sealed record KnownRollup(RollupConfig Config, bool IsKnown, Address? Batcher)
{
    /// <summary>A channel time-out that no L1 block reaches.</summary>
    private const ulong Never = 1UL << 62;

    /// <summary>A configured rollup.</summary>
    public static KnownRollup Of(RollupConfig config, Address? batcher) => new(config, IsKnown: true, batcher ?? config.GenesisSystemConfig.BatcherAddress);

    /// <summary>A rollup of which no more than the addresses is known: the newest fork's rules.</summary>
    public static KnownRollup Unknown(Address? inbox, Address? batcher, ulong l1ChainId) => new(
        new RollupConfig { Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Karst), BatchInboxAddress = inbox ?? Address.Zero, L1ChainId = l1ChainId },
        IsKnown: false,
        batcher);

    /// <summary>The same rollup for data whose L1 blocks are not known: frames may come in any order, and nothing times out.</summary>
    public KnownRollup WithoutL1 => this with
    {
        Config = Config with { Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Granite), ChannelTimeoutGraniteBlocks = Never },
    };

    /// <summary>The number of the L2 block at a time; null where the rollup is not known.</summary>
    public ulong? NumberAt(ulong timestamp) => IsKnown && timestamp >= Config.GenesisL2Time ? Config.BlockNumberAt(new L2Time(timestamp)) : null;

    /// <summary>The chain id in span batches' transactions is the configuration's: without it they have other bytes, and so other hashes.</summary>
    public bool KnowsTransactionsOf(BatchKind kind) => IsKnown || kind == BatchKind.Singular;
}
