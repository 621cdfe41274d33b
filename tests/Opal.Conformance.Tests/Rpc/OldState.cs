using Opal.Evm;
using Opal.Primitives;

namespace Opal.Conformance.Tests.Rpc;

/// <summary>A state as plain dictionaries, which knows what changed since it was last asked.</summary>
internal sealed class OldState
{
    private sealed class Entry
    {
        public ulong Nonce { get; set; }
        public UInt256 Balance { get; set; }
        public byte[] Code { get; set; } = [];
        public Dictionary<UInt256, UInt256> Storage { get; } = [];
    }

    private readonly Dictionary<Address, Entry> _accounts = [];
    private readonly SortedDictionary<Address, SortedSet<UInt256>> _changed = [];
    private readonly SortedDictionary<Hash256, byte[]> _newCode = [];

    public OldState(StateDiff genesis)
    {
        Dictionary<Hash256, byte[]> codes = genesis.Codes.ToDictionary(static c => c.Hash, static c => c.Code);
        foreach (AccountChange change in genesis.Accounts)
        {
            var entry = new Entry { Nonce = change.Account.Nonce, Balance = change.Account.Balance };
            if (change.Account.CodeHash != Hash256.EmptyCode) entry.Code = codes[change.Account.CodeHash];
            foreach ((UInt256 slot, UInt256 value) in change.Storage) entry.Storage[slot] = value;
            _accounts[change.Address] = entry;
        }
    }

    private Entry Changing(Address address)
    {
        if (!_accounts.TryGetValue(address, out Entry? entry)) _accounts[address] = entry = new Entry();
        if (!_changed.ContainsKey(address)) _changed[address] = [];
        return entry;
    }

    public ulong NonceOf(Address address) => _accounts.TryGetValue(address, out Entry? entry) ? entry.Nonce : 0;

    public byte[] CodeOf(Address address) => _accounts.TryGetValue(address, out Entry? entry) ? entry.Code : [];

    public UInt256 Load(Address address, UInt256 slot) =>
        _accounts.TryGetValue(address, out Entry? entry) && entry.Storage.TryGetValue(slot, out UInt256 value) ? value : UInt256.Zero;

    public void Add(Address address, UInt256 wei) => Changing(address).Balance += wei;

    public void Take(Address address, UInt256 wei) => Changing(address).Balance -= wei;

    public void SetNonce(Address address, ulong nonce) => Changing(address).Nonce = nonce;

    public void SetCode(Address address, byte[] code)
    {
        Changing(address).Code = code;
        if (code.Length > 0) _newCode[Keccak256.Hash(code)] = code;
    }

    public void Store(Address address, UInt256 slot, UInt256 value)
    {
        Changing(address).Storage[slot] = value;
        _changed[address].Add(slot);
    }

    /// <summary>Everything that changed since the last call.</summary>
    public StateDiff TakeDiff()
    {
        var diff = new StateDiff { Accounts = [.. _changed.Select(ToChange)], Codes = [.. _newCode.Select(static c => (c.Key, c.Value))] };
        _changed.Clear();
        _newCode.Clear();
        return diff;
    }

    private AccountChange ToChange(KeyValuePair<Address, SortedSet<UInt256>> changed)
    {
        Entry entry = _accounts[changed.Key];
        return new AccountChange
        {
            Address = changed.Key,
            Exists = true,
            Account = new Account(entry.Nonce, entry.Balance, entry.Code.Length == 0 ? Hash256.EmptyCode : Keccak256.Hash(entry.Code)),
            Storage = [.. changed.Value.Select(slot => (slot, entry.Storage[slot]))],
        };
    }
}
