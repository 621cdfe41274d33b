using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Benchmarks;

/// <summary>A state in flat tables, as light as a state can be, so that what runs on it is measured. It has no roots.</summary>
internal sealed class FlatState : IExecutionState
{
    private readonly FlatTable<Address, Entry> _accounts;
    private readonly FlatTable<SlotKey, UInt256> _slots = new();
    private readonly FlatTable<Hash256, byte[]> _codes = new();
    private readonly HashSet<Address> _withStorage = [];
    private readonly List<(Address Address, Entry Before)> _accountUndo = [];
    private readonly List<(SlotKey Slot, UInt256 Before)> _slotUndo = [];

    /// <param name="accounts">How many accounts are expected.</param>
    public FlatState(int accounts = 16) => _accounts = new FlatTable<Address, Entry>(accounts);

    private readonly record struct Entry(Account Account, bool Exists);

    private readonly record struct SlotKey(Address Address, UInt256 Slot)
    {
        public override int GetHashCode() => unchecked((Address.GetHashCode() * 31) + Slot.GetHashCode());
    }

    public void Add(in Address address, ulong nonce, in UInt256 balance, byte[] code)
    {
        Hash256 hash = code.Length == 0 ? Hash256.EmptyCode : Keccak256.Hash(code);
        _codes.Set(hash, code);
        _accounts.Set(address, new Entry(new Account(nonce, balance, hash), true));
    }

    public void Store(in Address address, in UInt256 slot, in UInt256 value)
    {
        _withStorage.Add(address);
        _slots.Set(new SlotKey(address, slot), value);
    }

    /// <summary>Takes over what a block changed; <see cref="Rewind"/> takes it back.</summary>
    /// <exception cref="NotSupportedException">A contract with storage was destroyed: no workload does that.</exception>
    public void Apply(StateDiff diff)
    {
        foreach ((Hash256 hash, byte[] code) in diff.Codes) _codes.Set(hash, code);
        foreach (AccountChange change in diff.Accounts)
        {
            if (change.StorageCleared && _withStorage.Contains(change.Address)) throw new NotSupportedException("a contract with storage was destroyed");
            _accounts.TryGet(change.Address, out Entry before);
            _accountUndo.Add((change.Address, before));
            _accounts.Set(change.Address, new Entry(change.Account, change.Exists));
            if (change.Storage.Count > 0) _withStorage.Add(change.Address);
            foreach ((UInt256 slot, UInt256 value) in change.Storage)
            {
                var key = new SlotKey(change.Address, slot);
                _slots.TryGet(key, out UInt256 old);
                _slotUndo.Add((key, old));
                _slots.Set(key, value);
            }
        }
    }

    /// <summary>Takes back all that was applied.</summary>
    public void Rewind()
    {
        for (int i = _accountUndo.Count - 1; i >= 0; i--) _accounts.Set(_accountUndo[i].Address, _accountUndo[i].Before);
        for (int i = _slotUndo.Count - 1; i >= 0; i--) _slots.Set(_slotUndo[i].Slot, _slotUndo[i].Before);
        _accountUndo.Clear();
        _slotUndo.Clear();
    }

    public bool TryGetAccount(in Address address, out Account account)
    {
        if (_accounts.TryGet(address, out Entry entry) && entry.Exists)
        {
            account = entry.Account;
            return true;
        }

        account = Account.Empty;
        return false;
    }

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => _slots.TryGet(new SlotKey(address, slot), out value);

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) =>
        _codes.TryGet(codeHash, out byte[] code) ? code : throw new InvalidOperationException($"no code has the hash {codeHash}");

    public bool HasStorage(in Address address) => _withStorage.Contains(address);

    public Hash256 GetBlockHash(ulong number) => Hash256.Zero;

    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => throw new NotSupportedException("this state has no roots");
}
