using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.DevL1;

/// <summary>The first block of an embedded L1, its state, and its schedule of upgrades.</summary>
public sealed class DevL1Genesis
{
    private DevL1Genesis(ChainSpec spec, BlockHeader header, StateDiff alloc)
    {
        Spec = spec;
        Header = header;
        Alloc = alloc;
    }

    /// <summary>Forks and constants.</summary>
    public ChainSpec Spec { get; }

    /// <summary>The header of block 0.</summary>
    public BlockHeader Header { get; }

    /// <summary>The state, as the change from nothing to it.</summary>
    public StateDiff Alloc { get; }

    /// <summary>Makes a genesis block with funded accounts and the system contracts of Ethereum.</summary>
    /// <param name="options">The chain's parameters.</param>
    public static DevL1Genesis Create(DevL1GenesisOptions options)
    {
        var forks = new EthereumForkTimes
        {
            ParisBlock = 0,
            Shanghai = 0,
            Cancun = 0,
            Prague = 0,
            Osaka = options.OsakaTime,
        };
        ChainSpec spec = ChainSpec.ForEthereum(options.ChainId, forks, options.Blobs);
        StateDiff alloc = AllocOf(options);
        IStateView empty = new MemoryStateStore().Open(Hash256.EmptyTrie) ?? throw new InvalidOperationException("the empty state is always there");
        var header = new BlockHeader
        {
            StateRoot = empty.ComputeRoots(alloc, null).StateRoot,
            TransactionsRoot = Hash256.EmptyTrie,
            ReceiptsRoot = Hash256.EmptyTrie,
            GasLimit = options.GasLimit,
            Timestamp = options.Timestamp,
            BaseFeePerGas = options.BaseFee,
            WithdrawalsRoot = Hash256.EmptyTrie,
            BlobGasUsed = 0,
            ExcessBlobGas = 0,
            ParentBeaconBlockRoot = Hash256.Zero,
            RequestsHash = ExecutionRequests.EmptyHash,
        };
        return new DevL1Genesis(spec, header, alloc);
    }

    private static StateDiff AllocOf(DevL1GenesisOptions options)
    {
        SortedDictionary<Address, AccountChange> accounts = [];
        SortedDictionary<Hash256, byte[]> codes = [];
        foreach (AccountChange account in options.Accounts) accounts[account.Address] = account;
        foreach ((Hash256 hash, byte[] code) in options.Codes) codes[hash] = code;
        foreach ((Address address, UInt256 balance) in options.Balances)
        {
            Account before = accounts.TryGetValue(address, out AccountChange? listed) ? listed.Account : Account.Empty;
            accounts[address] = new AccountChange { Address = address, Exists = true, Account = before with { Balance = balance }, Storage = listed?.Storage ?? [] };
        }

        foreach ((Address address, byte[] code) in SystemContractCode.All)
        {
            Hash256 hash = Keccak256.Hash(code);
            codes[hash] = code;
            accounts[address] = new AccountChange { Address = address, Exists = true, Account = new Account(1, UInt256.Zero, hash) };
        }

        return new StateDiff { Accounts = [.. accounts.Values], Codes = [.. codes.Select(static c => (c.Key, c.Value))] };
    }
}
