using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.Protocol;

/// <summary>The genesis block and its state, as values. Fields that are null take what the fork says.</summary>
public sealed record Genesis
{
    /// <summary>The accounts, each address once.</summary>
    public IReadOnlyList<GenesisAccount> Accounts { get; init; } = [];

    /// <summary>The state root where the accounts are not given (a chain that began in another form); null computes it.</summary>
    public Hash256? StateRoot { get; init; }

    public ulong Number { get; init; }

    public Hash256 ParentHash { get; init; }

    /// <summary>Seconds.</summary>
    public ulong Timestamp { get; init; }

    public ulong GasLimit { get; init; }

    public ulong GasUsed { get; init; }

    public UInt256 Difficulty { get; init; }

    public Hash256 MixHash { get; init; }

    public Address Coinbase { get; init; }

    public ulong Nonce { get; init; }

    public byte[] ExtraData { get; init; } = [];

    /// <summary>Wei; null is 1 gwei.</summary>
    public UInt256? BaseFeePerGas { get; init; }

    /// <summary>Null is 0 where the fork has blob gas.</summary>
    public ulong? BlobGasUsed { get; init; }

    /// <summary>Null is 0 where the fork has blob gas.</summary>
    public ulong? ExcessBlobGas { get; init; }

    /// <summary>Null is zero where the fork has it.</summary>
    public Hash256? ParentBeaconBlockRoot { get; init; }

    /// <summary>The genesis state as a change of nothing: what a state store commits first.</summary>
    public StateDiff ToDiff()
    {
        var changes = new List<AccountChange>(Accounts.Count);
        var codes = new List<(Hash256 Hash, byte[] Code)>();
        var seen = new HashSet<Hash256>();
        for (int i = 0; i < Accounts.Count; i++)
        {
            GenesisAccount account = Accounts[i];
            Hash256 codeHash = account.Code.Length == 0 ? Hash256.EmptyCode : Keccak256.Hash(account.Code);
            if (account.Code.Length > 0 && seen.Add(codeHash)) codes.Add((codeHash, account.Code));
            var storage = new List<(UInt256 Slot, UInt256 Value)>(account.Storage.Count);
            for (int j = 0; j < account.Storage.Count; j++)
            {
                if (!account.Storage[j].Value.IsZero) storage.Add(account.Storage[j]);
            }

            storage.Sort(default(BySlot));
            changes.Add(new AccountChange
            {
                Address = account.Address,
                Exists = true,
                Account = new Account(account.Nonce, account.Balance, codeHash),
                Storage = storage,
            });
        }

        changes.Sort(default(ByAddress));
        codes.Sort(default(ByHash));
        return new StateDiff { Accounts = changes, Codes = codes };
    }

    /// <summary>The state root, and the storage root of the L2ToL1MessagePasser (the empty trie's where it has none).</summary>
    public StateRoots ComputeRoots()
    {
        if (StateRoot is { } given) return new StateRoots(given, Hash256.EmptyTrie);
        var accounts = new TrieBatch();
        Hash256 messagePasser = Hash256.EmptyTrie;
        for (int i = 0; i < Accounts.Count; i++)
        {
            GenesisAccount account = Accounts[i];
            Hash256 storageRoot = StorageRootOf(account);
            if (account.Address == Predeploys.L2ToL1MessagePasser) messagePasser = storageRoot;
            Hash256 codeHash = account.Code.Length == 0 ? Hash256.EmptyCode : Keccak256.Hash(account.Code);
            accounts.Add(account.Address.Keccak(), new StateAccount(account.Nonce, account.Balance, storageRoot, codeHash).Encode());
        }

        return new StateRoots(RootOf(accounts), messagePasser);
    }

    private static Hash256 StorageRootOf(GenesisAccount account)
    {
        var slots = new TrieBatch();
        for (int i = 0; i < account.Storage.Count; i++)
        {
            (UInt256 slot, UInt256 value) = account.Storage[i];
            if (!value.IsZero) slots.AddSlot(slot, value);
        }

        return RootOf(slots);
    }

    private static Hash256 RootOf(TrieBatch batch)
    {
        TrieStatus status = batch.TryApply(PatriciaTrie.Empty, out PatriciaTrie trie);
        return status == TrieStatus.Ok ? trie.RootHash : throw new InvalidOperationException("a trie in memory lacks no node");
    }

    /// <summary>The genesis header under a chain's rules.</summary>
    public BlockHeader MakeHeader(ChainSpec spec) => MakeHeader(spec, ComputeRoots());

    /// <summary>The genesis header, with the roots computed before.</summary>
    public BlockHeader MakeHeader(ChainSpec spec, in StateRoots roots)
    {
        Rules rules = spec.At(Number, Timestamp);
        bool hasBlobGas = rules.BlobGas != BlobGasRule.None;
        return new BlockHeader
        {
            ParentHash = ParentHash,
            Beneficiary = Coinbase,
            StateRoot = roots.StateRoot,
            TransactionsRoot = Hash256.EmptyTrie,
            ReceiptsRoot = Hash256.EmptyTrie,
            Difficulty = Difficulty,
            Number = Number,
            GasLimit = GasLimit,
            GasUsed = GasUsed,
            Timestamp = Timestamp,
            ExtraData = ExtraData,
            MixHash = MixHash,
            Nonce = Nonce,
            BaseFeePerGas = BaseFeePerGas ?? BaseFee.Initial,
            WithdrawalsRoot = rules.Withdrawals switch
            {
                WithdrawalsRule.None => null,
                WithdrawalsRule.MessagePasser => roots.StorageRoot,
                _ => Hash256.EmptyTrie,
            },
            BlobGasUsed = hasBlobGas ? BlobGasUsed ?? 0 : null,
            ExcessBlobGas = hasBlobGas ? ExcessBlobGas ?? 0 : null,
            ParentBeaconBlockRoot = rules.HasBeaconRoot ? ParentBeaconBlockRoot ?? Hash256.Zero : null,
            RequestsHash = rules.Requests == RequestsRule.None ? null : ExecutionRequests.EmptyHash,
        };
    }

    private readonly struct ByAddress : IComparer<AccountChange>
    {
        public int Compare(AccountChange? x, AccountChange? y) => x!.Address.CompareTo(y!.Address);
    }

    private readonly struct BySlot : IComparer<(UInt256 Slot, UInt256 Value)>
    {
        public int Compare((UInt256 Slot, UInt256 Value) x, (UInt256 Slot, UInt256 Value) y) => x.Slot.CompareTo(y.Slot);
    }

    private readonly struct ByHash : IComparer<(Hash256 Hash, byte[] Code)>
    {
        public int Compare((Hash256 Hash, byte[] Code) x, (Hash256 Hash, byte[] Code) y) => x.Hash.CompareTo(y.Hash);
    }
}
