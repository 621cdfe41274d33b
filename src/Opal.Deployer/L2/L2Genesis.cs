using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Deployer.L2;

/// <summary>The first block of an L2 chain, with the whole of its state.</summary>
public sealed class L2Genesis
{
    private static readonly byte[] BedrockExtraData = "BEDROCK"u8.ToArray();

    private L2Genesis(Genesis block, ChainSpec spec)
    {
        Block = block;
        Spec = spec;
        StateRoots roots = block.ComputeRoots();
        Header = block.MakeHeader(spec, roots);
        MessagePasserStorageRoot = roots.StorageRoot ?? Hash256.EmptyTrie;
    }

    /// <summary>The block's fields and accounts.</summary>
    public Genesis Block { get; }

    /// <summary>The chain's fork schedule.</summary>
    public ChainSpec Spec { get; }

    /// <summary>The header of block 0.</summary>
    public BlockHeader Header { get; }

    /// <summary>The storage root of L2ToL1MessagePasser.</summary>
    public Hash256 MessagePasserStorageRoot { get; }

    /// <summary>The output root of block 0, where output proposals and dispute games begin.</summary>
    public Hash256 OutputRoot => Protocol.OutputRoot.Compute(Header.StateRoot, MessagePasserStorageRoot, Header.Hash);

    /// <summary>Computes the genesis. The same inputs give the same block, byte for byte.</summary>
    /// <param name="config">The chain's parameters.</param>
    /// <param name="l1">The L1 contracts that L2 contracts must know.</param>
    /// <param name="timestamp">The L1 start block's time, Unix seconds.</param>
    /// <param name="bundle">The contracts.</param>
    /// <param name="upgrades">Network upgrade bundles; needed when Isthmus or a later fork is active at genesis.</param>
    /// <param name="crypto">For precompiles, should a constructor call one.</param>
    /// <exception cref="DeployerException">A contract or an upgrade bundle is missing.</exception>
    public static L2Genesis Build(DeployConfig config, L1BridgeAddresses l1, ulong timestamp, ContractBundle bundle, NetworkUpgrades upgrades, ICrypto crypto)
    {
        using var builder = new L2AllocBuilder(config, l1, bundle, crypto);
        Dictionary<Address, GenesisAccountBuilder> accounts = builder.Build();
        UpgradeOverlay.Apply(builder, config.Forks, upgrades);
        Genesis block = Describe(config, timestamp) with { Accounts = [.. accounts.OrderBy(entry => entry.Key).Select(ToAccount)] };
        return new L2Genesis(block, SpecOf(config, timestamp));
    }

    /// <summary>The block's fields, without its state.</summary>
    internal static Genesis Describe(DeployConfig config, ulong timestamp) => new()
    {
        Number = config.L2GenesisBlockNumber,
        ParentHash = config.L2GenesisBlockParentHash,
        Timestamp = timestamp,
        GasLimit = config.L2GenesisBlockGasLimit,
        GasUsed = config.L2GenesisBlockGasUsed,
        Difficulty = config.L2GenesisBlockDifficulty,
        MixHash = config.L2GenesisBlockMixHash,
        Coinbase = L2Contracts.SequencerFeeVault,
        Nonce = config.L2GenesisBlockNonce,
        ExtraData = config.L2GenesisBlockExtraData ?? DefaultExtraData(config),
        BaseFeePerGas = config.L2GenesisBlockBaseFeePerGas,
    };

    /// <summary>The fork schedule of a chain that begins at this time.</summary>
    internal static ChainSpec SpecOf(DeployConfig config, ulong timestamp) => ChainSpec.ForOptimism(
        config.L2ChainId,
        config.Forks.ToForkTimes(timestamp),
        new OptimismFeeMarket((uint)config.Eip1559Elasticity, (uint)config.Eip1559Denominator, (uint)config.Eip1559DenominatorCanyon));

    private static byte[] DefaultExtraData(DeployConfig config)
    {
        if (config.Forks.Holocene != 0) return BedrockExtraData;
        ulong? minimumBaseFee = config.Forks.Jovian == 0 ? 0 : null;
        return new Eip1559ExtraData((uint)config.Eip1559DenominatorCanyon, (uint)config.Eip1559Elasticity, minimumBaseFee).Encode();
    }

    private static GenesisAccount ToAccount(KeyValuePair<Address, GenesisAccountBuilder> entry) => new(
        entry.Key, entry.Value.Balance, entry.Value.Nonce, entry.Value.CodeArray, [.. entry.Value.Storage.Select(slot => (slot.Key, slot.Value))]);
}
