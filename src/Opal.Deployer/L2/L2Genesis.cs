using System.Security.Cryptography;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.L2;

/// <summary>The first block of an L2 chain, with the whole of its state.</summary>
public sealed class L2Genesis
{
    private static readonly byte[] BedrockExtraData = "BEDROCK"u8.ToArray();

    private L2Genesis(ulong chainId, BlockHeader header, StateDiff alloc, Hash256 messagePasserStorageRoot)
    {
        ChainId = chainId;
        Header = header;
        Alloc = alloc;
        MessagePasserStorageRoot = messagePasserStorageRoot;
    }

    /// <summary>The L2 chain's id.</summary>
    public ulong ChainId { get; }

    /// <summary>The header of block 0.</summary>
    public BlockHeader Header { get; }

    /// <summary>The state, as the change from nothing to it: accounts in order of address, and their code.</summary>
    public StateDiff Alloc { get; }

    /// <summary>The storage root of L2ToL1MessagePasser.</summary>
    public Hash256 MessagePasserStorageRoot { get; }

    /// <summary>The output root of block 0, where output proposals and dispute games begin.</summary>
    public Hash256 OutputRoot => Opal.Protocol.OutputRoot.Compute(Header.StateRoot, MessagePasserStorageRoot, Header.Hash);

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
        StateDiff alloc = ToDiff(accounts);
        (Hash256 stateRoot, Hash256 messagePasser) = AllocRoots.Compute(alloc, L2Contracts.L2ToL1MessagePasser);
        return new L2Genesis(config.L2ChainId, BuildHeader(config, timestamp, stateRoot, messagePasser), alloc, messagePasser);
    }

    /// <summary>The header of block 0 for a state.</summary>
    internal static BlockHeader BuildHeader(DeployConfig config, ulong timestamp, Hash256 stateRoot, Hash256 messagePasserStorageRoot)
    {
        ForkSchedule forks = config.Forks;
        bool canyon = forks.Canyon == 0, ecotone = forks.Ecotone == 0, isthmus = forks.Isthmus == 0;
        return new BlockHeader
        {
            ParentHash = config.L2GenesisBlockParentHash,
            Beneficiary = L2Contracts.SequencerFeeVault,
            StateRoot = stateRoot,
            TransactionsRoot = Hash256.EmptyTrie,
            ReceiptsRoot = Hash256.EmptyTrie,
            Difficulty = config.L2GenesisBlockDifficulty,
            Number = config.L2GenesisBlockNumber,
            GasLimit = config.L2GenesisBlockGasLimit,
            GasUsed = config.L2GenesisBlockGasUsed,
            Timestamp = timestamp,
            ExtraData = config.L2GenesisBlockExtraData ?? DefaultExtraData(config),
            MixHash = config.L2GenesisBlockMixHash,
            Nonce = config.L2GenesisBlockNonce,
            BaseFeePerGas = config.L2GenesisBlockBaseFeePerGas,
            WithdrawalsRoot = isthmus ? messagePasserStorageRoot : canyon ? Hash256.EmptyTrie : null,
            BlobGasUsed = ecotone ? 0 : null,
            ExcessBlobGas = ecotone ? 0 : null,
            ParentBeaconBlockRoot = ecotone ? Hash256.Zero : null,
            RequestsHash = isthmus ? new Hash256(SHA256.HashData([])) : null,
        };
    }

    private static byte[] DefaultExtraData(DeployConfig config)
    {
        if (config.Forks.Holocene != 0) return BedrockExtraData;
        ulong? minimumBaseFee = config.Forks.Jovian == 0 ? 0 : null;
        return new Eip1559ExtraData((uint)config.Eip1559DenominatorCanyon, (uint)config.Eip1559Elasticity, minimumBaseFee).Encode();
    }

    private static StateDiff ToDiff(Dictionary<Address, GenesisAccountBuilder> accounts)
    {
        var changes = new List<AccountChange>(accounts.Count);
        var codes = new SortedDictionary<Hash256, byte[]>();
        ReadOnlyMemory<byte> lastCode = default;
        Hash256 lastHash = Hash256.EmptyCode;
        foreach ((Address address, GenesisAccountBuilder account) in accounts.OrderBy(entry => entry.Key))
        {
            if (!account.Code.Equals(lastCode)) (lastCode, lastHash) = (account.Code, Keccak256.Hash(account.Code.Span));
            if (!account.Code.IsEmpty && !codes.ContainsKey(lastHash)) codes.Add(lastHash, account.Code.ToArray());
            changes.Add(new AccountChange
            {
                Address = address,
                Exists = true,
                Account = new Account(account.Nonce, account.Balance, lastHash),
                Storage = [.. account.Storage.Select(slot => (slot.Key, slot.Value))],
            });
        }

        return new StateDiff { Accounts = changes, Codes = [.. codes.Select(code => (code.Key, code.Value))] };
    }
}
