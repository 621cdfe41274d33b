using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>The rollup that is derived: Jovian from genesis, L1 blocks of 12 s, L2 blocks of 2 s, one funded account.</summary>
internal sealed class BenchRollup
{
    public const ulong GenesisTime = 1_700_000_000;
    public const ulong L1BlockTime = 12;
    public const ulong L2BlockTime = 2;

    /// <summary>L2 blocks of an epoch.</summary>
    public const ulong EpochBlocks = L1BlockTime / L2BlockTime;

    /// <summary>The batcher's key.</summary>
    public static byte[] BatcherKey { get; } = Keccak256.Hash("bench batcher"u8).ToArray();

    /// <summary>The key of the account that has money.</summary>
    public static byte[] UserKey { get; } = Keccak256.Hash("bench user"u8).ToArray();

    /// <summary>The rollup on top of an L1 block.</summary>
    /// <param name="l1Genesis">The L1 block it begins at.</param>
    /// <param name="l2ChainId">The L2 chain's id: that of real batches, which are signed for it.</param>
    public BenchRollup(L1BlockRef l1Genesis, ulong l2ChainId = 901)
    {
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Jovian);
        var config = new RollupConfig
        {
            GenesisL1 = l1Genesis.Id,
            GenesisL2Time = l1Genesis.Timestamp,
            GenesisSystemConfig = new SystemConfig
            {
                BatcherAddress = Secp256k1.PrivateKeyToAddress(BatcherKey),
                GasLimit = 60_000_000,
                Scalar = new EcotoneScalar(1000, 2000).Encode(),
            },
            BlockTimeSeconds = L2BlockTime,
            SequencingWindowSize = 3600,
            L1ChainId = 900,
            L2ChainId = l2ChainId,
            Forks = forks,
            BatchInboxAddress = Address.Parse("0xff00000000000000000000000000000000000901"),
            DepositContractAddress = Address.FromNumber(0xb0b01),
            L1SystemConfigAddress = Address.FromNumber(0xb0b02),
        };
        Spec = ChainSpec.ForRollup(config);
        WorkloadAccount l1Block = L1Attributes.Contract;
        Genesis = new Genesis
        {
            Timestamp = config.GenesisL2Time,
            GasLimit = config.GenesisSystemConfig.GasLimit,
            BaseFeePerGas = new UInt256(1_000_000),
            ExtraData = new Eip1559ExtraData(250, 6, 0).Encode(),
            Accounts =
            [
                new GenesisAccount(Secp256k1.PrivateKeyToAddress(UserKey), new UInt256(0, 1UL << 60, 0, 0), 0, [], []),
                new GenesisAccount(l1Block.Address, l1Block.Balance, l1Block.Nonce, l1Block.Code, l1Block.Storage),
            ],
        };
        GenesisHeader = Genesis.MakeHeader(Spec);
        Config = config with { GenesisL2 = GenesisHeader.Id };
    }

    public RollupConfig Config { get; }

    public ChainSpec Spec { get; }

    public Genesis Genesis { get; }

    public BlockHeader GenesisHeader { get; }

    /// <summary>The L2 genesis block's place.</summary>
    public L2BlockRef GenesisRef => new(GenesisHeader.Hash, 0, GenesisHeader.ParentHash, GenesisHeader.Timestamp, Config.GenesisL1, 0);

    /// <summary>The number of the L1 block that an L2 block has as its origin.</summary>
    public static ulong OriginOf(ulong block) => block / EpochBlocks;
}
