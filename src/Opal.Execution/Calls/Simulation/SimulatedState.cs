using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Execution;

/// <summary>A state with the changes of simulated blocks on top, and their hashes. Not shared between threads.</summary>
internal sealed class SimulatedState(ChainState below) : IExecutionState
{
    private sealed class Changed
    {
        public bool Exists { get; set; }
        public Account Account { get; set; }
        public bool Cleared { get; set; }
        public SortedDictionary<UInt256, UInt256> Storage { get; } = [];
    }

    private readonly SortedDictionary<Address, Changed> _accounts = [];
    private readonly SortedDictionary<Hash256, byte[]> _codes = [];
    private readonly Dictionary<ulong, Hash256> _hashes = [];

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out Account account)
    {
        if (!_accounts.TryGetValue(address, out Changed? changed)) return below.TryGetAccount(address, out account);
        account = changed.Account;
        return changed.Exists;
    }

    /// <inheritdoc/>
    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value)
    {
        if (_accounts.TryGetValue(address, out Changed? changed))
        {
            if (changed.Storage.TryGetValue(slot, out value)) return;
            if (changed.Cleared || !changed.Exists)
            {
                value = UInt256.Zero;
                return;
            }
        }

        below.GetStorage(address, slot, out value);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => _codes.TryGetValue(codeHash, out byte[]? code) ? code : below.GetCode(codeHash);

    /// <inheritdoc/>
    public bool HasStorage(in Address address)
    {
        if (!_accounts.TryGetValue(address, out Changed? changed)) return below.HasStorage(address);
        if (changed.Storage.Values.Any(static value => !value.IsZero)) return true;
        return changed.Exists && !changed.Cleared && below.HasStorage(address);
    }

    /// <inheritdoc/>
    public Hash256 GetBlockHash(ulong number) => _hashes.TryGetValue(number, out Hash256 hash) ? hash : below.GetBlockHash(number);

    /// <inheritdoc/>
    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => throw new NotSupportedException("the roots of a simulated state are those of everything applied");

    /// <summary>The roots with everything applied.</summary>
    public StateRoots ComputeRoots(Address? storageRootOf)
    {
        var diff = new StateDiff { Accounts = [.. _accounts.Select(static a => ToChange(a.Key, a.Value))], Codes = [.. _codes.Select(static c => (c.Key, c.Value))] };
        return below.ComputeRoots(diff, storageRootOf);
    }

    private static AccountChange ToChange(Address address, Changed changed) => new()
    {
        Address = address,
        Exists = changed.Exists,
        Account = changed.Account,
        StorageCleared = changed.Cleared,
        Storage = [.. changed.Storage.Where(s => !changed.Cleared || !s.Value.IsZero).Select(static s => (s.Key, s.Value))],
    };

    /// <summary>Puts a block's changes on top.</summary>
    public void Apply(StateDiff diff)
    {
        foreach ((Hash256 hash, byte[] code) in diff.Codes) _codes[hash] = code;
        foreach (AccountChange change in diff.Accounts)
        {
            if (!_accounts.TryGetValue(change.Address, out Changed? changed)) _accounts[change.Address] = changed = new Changed();
            if (change.StorageCleared || !change.Exists)
            {
                changed.Storage.Clear();
                changed.Cleared = true;
            }

            changed.Exists = change.Exists;
            changed.Account = change.Account;
            foreach ((UInt256 slot, UInt256 value) in change.Storage) changed.Storage[slot] = value;
        }
    }

    /// <summary>Makes a simulated block's hash known to BLOCKHASH.</summary>
    public void AddHash(ulong number, in Hash256 hash) => _hashes[number] = hash;
}
