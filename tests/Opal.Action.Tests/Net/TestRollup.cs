using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>A rollup to play with: small windows, funded accounts, forks as asked.</summary>
public sealed record TestRollup
{
    public const ulong L1ChainId = 900;
    public const ulong L2ChainId = 901;
    public const ulong GenesisTime = 1_700_000_000;

    public static Address Inbox { get; } = Address.Parse("0xff00000000000000000000000000000000000901");
    public static Address Portal { get; } = Address.Parse("0x00000000000000000000000000000000000b0b01");
    public static Address SystemConfigContract { get; } = Address.Parse("0x00000000000000000000000000000000000b0b02");

    public required RollupConfig Config { get; init; }
    public required ChainSpec Spec { get; init; }
    public required Genesis Genesis { get; init; }
    public required BlockHeader GenesisHeader { get; init; }
    public NetworkUpgrades Upgrades { get; init; } = NetworkUpgrades.None;

    /// <summary>L1's blob fee parameters over time.</summary>
    public BlobSchedule L1Blobs { get; init; } = BlobSchedule.None;

    /// <summary>A rollup beginning at an L1 block.</summary>
    public static TestRollup Create(
        L1BlockRef l1Genesis, OptimismForkTimes forks, TestAccount batcher, IEnumerable<TestAccount> funded, Func<RollupConfig, RollupConfig>? adjust = null, NetworkUpgrades? upgrades = null,
        IReadOnlyList<GenesisAccount>? predeploys = null)
    {
        var systemConfig = new SystemConfig
        {
            BatcherAddress = batcher.Address,
            GasLimit = 30_000_000,
            Scalar = forks.IsActive(OptimismFork.Ecotone, GenesisTime) ? new EcotoneScalar(1000, 2000).Encode() : new UInt256(1_000_000),
        };
        var config = new RollupConfig
        {
            GenesisL1 = l1Genesis.Id,
            GenesisL2Time = l1Genesis.Timestamp,
            GenesisSystemConfig = systemConfig,
            BlockTimeSeconds = 2,
            MaxSequencerDriftSeconds = 40,
            SequencingWindowSize = 12,
            ChannelTimeoutBlocks = 8,
            ChannelTimeoutGraniteBlocks = 8,
            L1ChainId = L1ChainId,
            L2ChainId = L2ChainId,
            Forks = forks,
            BatchInboxAddress = Inbox,
            DepositContractAddress = Portal,
            L1SystemConfigAddress = SystemConfigContract,
        };
        config = adjust?.Invoke(config) ?? config;
        ChainSpec spec = ChainSpec.ForRollup(config);
        bool holocene = forks.IsActive(OptimismFork.Holocene, GenesisTime), jovian = forks.IsActive(OptimismFork.Jovian, GenesisTime);
        var genesis = new Genesis
        {
            Timestamp = config.GenesisL2Time,
            GasLimit = config.GenesisSystemConfig.GasLimit,
            BaseFeePerGas = new UInt256(1_000_000),
            ExtraData = holocene ? new Eip1559ExtraData(250, 6, jovian ? 0 : null).Encode() : [],
            Accounts = [.. predeploys ?? [], .. funded.Select(account => new GenesisAccount(account.Address, new UInt256(10_000_000_000_000_000_000), 0, [], []))],
        };
        BlockHeader header = genesis.MakeHeader(spec);
        return new TestRollup
        {
            Config = config with { GenesisL2 = header.Id },
            Spec = spec,
            Genesis = genesis,
            GenesisHeader = header,
            Upgrades = upgrades ?? NetworkUpgrades.None,
        };
    }

    /// <summary>Forks active from genesis up to one, and one more a while later.</summary>
    public static OptimismForkTimes ActivatingLater(OptimismFork fork, ulong secondsAfterGenesis)
    {
        OptimismForkTimes before = OptimismForkTimes.AllActiveAtGenesis(fork - 1);
        ulong at = GenesisTime + secondsAfterGenesis;
        return fork switch
        {
            OptimismFork.Regolith => before with { Regolith = at },
            OptimismFork.Canyon => before with { Canyon = at },
            OptimismFork.Delta => before with { Delta = at },
            OptimismFork.Ecotone => before with { Ecotone = at },
            OptimismFork.Fjord => before with { Fjord = at },
            OptimismFork.Granite => before with { Granite = at },
            OptimismFork.Holocene => before with { Holocene = at },
            OptimismFork.Isthmus => before with { Isthmus = at },
            OptimismFork.Jovian => before with { Jovian = at },
            OptimismFork.Karst => before with { Karst = at },
            _ => throw new ArgumentOutOfRangeException(nameof(fork)),
        };
    }
}
