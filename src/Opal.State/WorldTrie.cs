using System.Collections.Concurrent;
using System.Collections.Immutable;
using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State;

/// <summary>One version of the world: the account trie and the storage tries below it. It never changes; versions share all they have in common.</summary>
/// <remarks>
/// A storage trie is held in memory, by the hashed address of its account, once it was built or changed here; otherwise it is
/// opened at the root that the account's leaf names, through the reader. Keys are hashed, so nobody can choose where they fall.
/// </remarks>
internal sealed class WorldTrie
{
    private readonly PatriciaTrie _accounts;
    private readonly ImmutableDictionary<Hash256, PatriciaTrie> _storages;
    private readonly INodeReader? _reader;

    /// <summary>Storage tries opened through the reader, so that the nodes they have read are kept.</summary>
    private readonly ConcurrentDictionary<Hash256, PatriciaTrie>? _opened;

    private WorldTrie(PatriciaTrie accounts, ImmutableDictionary<Hash256, PatriciaTrie> storages, INodeReader? reader)
    {
        _accounts = accounts;
        _storages = storages;
        _reader = reader;
        if (reader is not null) _opened = [];
    }

    /// <summary>The world without accounts, in memory.</summary>
    public static WorldTrie Empty { get; } = new(PatriciaTrie.Empty, ImmutableDictionary<Hash256, PatriciaTrie>.Empty, null);

    /// <summary>The world of a root, read through <paramref name="reader"/>.</summary>
    public static WorldTrie Open(in Hash256 root, INodeReader reader) =>
        new(PatriciaTrie.Open(root, reader), ImmutableDictionary<Hash256, PatriciaTrie>.Empty, reader);

    /// <summary>The root of the account trie.</summary>
    public Hash256 Root => _accounts.RootHash;

    /// <summary>The leaf of an account.</summary>
    public bool TryGetAccount(in Address address, out StateAccount account)
    {
        Hash256 key = address.Keccak();
        return TryGetAccount(address, key, out account);
    }

    private bool TryGetAccount(in Address address, in Hash256 key, out StateAccount account)
    {
        Require(_accounts.TryGet(key, out ReadOnlyMemory<byte> leaf), address);
        if (leaf.IsEmpty)
        {
            account = default;
            return false;
        }

        if (!StateAccount.TryDecode(leaf.Span, out account)) throw new MissingStateException($"the leaf of account {address} is damaged");
        return true;
    }

    /// <summary>The value of a slot; zero when absent.</summary>
    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value)
    {
        value = default;
        Hash256 key = address.Keccak();
        if (!_storages.TryGetValue(key, out PatriciaTrie? storage))
        {
            if (_reader is null || !TryGetAccount(address, key, out StateAccount account)) return; // in memory, all storage there is has its trie
            storage = Storage(key, account);
        }

        value = ReadSlot(storage, slot, address);
    }

    private static UInt256 ReadSlot(PatriciaTrie storage, in UInt256 slot, in Address address)
    {
        if (storage.IsEmpty) return default;
        Require(storage.TryGet(StateKeys.OfSlot(slot), out ReadOnlyMemory<byte> leaf), address);
        if (leaf.IsEmpty) return default;
        var reader = new RlpReader(leaf.Span);
        if (!reader.TryReadUInt256(out UInt256 value) || !reader.TryEnd()) throw new MissingStateException($"the leaf of a slot of account {address} is damaged");
        return value;
    }

    /// <summary>The storage trie of an account that exists.</summary>
    private PatriciaTrie Storage(in Hash256 key, in StateAccount account)
    {
        if (_storages.TryGetValue(key, out PatriciaTrie? storage)) return storage;
        if (account.StorageRoot == Hash256.EmptyTrie) return PatriciaTrie.Empty;
        if (_reader is null) throw new MissingStateException("an account in memory names a storage trie that is not there");
        if (_opened!.TryGetValue(key, out storage)) return storage;
        return _opened.GetOrAdd(key, PatriciaTrie.Open(account.StorageRoot, _reader));
    }

    /// <summary>The world after <paramref name="diff"/>. The storage tries are hashed; the account trie when <see cref="Root"/> is asked for.</summary>
    public WorldTrie Apply(StateDiff diff)
    {
        if (diff.Accounts.Count == 0) return this;
        ImmutableDictionary<Hash256, PatriciaTrie>.Builder storages = _storages.ToBuilder();
        var slots = new TrieBatch();
        var keys = new Hash256[diff.Accounts.Count];
        var tries = new PatriciaTrie[diff.Accounts.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            AccountChange change = diff.Accounts[i];
            Hash256 key = change.Address.Keccak();
            PatriciaTrie storage = change.Exists && !change.StorageCleared && TryGetAccount(change.Address, key, out StateAccount before) ? Storage(key, before) : PatriciaTrie.Empty;
            if (change.Exists && change.Storage.Count > 0)
            {
                foreach ((UInt256 slot, UInt256 value) in change.Storage) slots.AddSlot(slot, value);
                Require(slots.TryApply(storage, out storage), change.Address);
            }

            if (storage.IsEmpty) storages.Remove(key);
            else if (change.Storage.Count > 0) storages[key] = storage;
            keys[i] = key;
            tries[i] = storage;
        }

        PatriciaTrie.HashAll(tries);
        var leaves = new TrieBatch();
        for (int i = 0; i < keys.Length; i++)
        {
            AccountChange change = diff.Accounts[i];
            Account account = change.Account;
            leaves.Add(keys[i], change.Exists ? new StateAccount(account.Nonce, account.Balance, tries[i].RootHash, account.CodeHash).Encode() : []);
        }

        Require(leaves.TryApply(_accounts, out PatriciaTrie accounts), default);
        return new WorldTrie(accounts, storages.ToImmutable(), _reader);
    }

    /// <summary>The storage root of an account; the empty trie's when it does not exist.</summary>
    public Hash256 GetStorageRoot(in Address address) => TryGetAccount(address, out StateAccount account) ? account.StorageRoot : Hash256.EmptyTrie;

    /// <summary>See <see cref="IStateView.GetProof"/>.</summary>
    public AccountProof GetProof(in Address address, IReadOnlyList<UInt256> slots)
    {
        Hash256 key = address.Keccak();
        Require(_accounts.TryProve(key.ToArray(), out List<byte[]> nodes), address);
        bool exists = TryGetAccount(address, key, out StateAccount account);
        PatriciaTrie storage = exists ? Storage(key, account) : PatriciaTrie.Empty;
        var proofs = new StorageProof[slots.Count];
        for (int i = 0; i < proofs.Length; i++)
        {
            Require(storage.TryProve(StateKeys.OfSlot(slots[i]).ToArray(), out List<byte[]> path), address);
            proofs[i] = new StorageProof(slots[i], ReadSlot(storage, slots[i], address), path);
        }

        return exists
            ? new AccountProof(address, true, new Account(account.Nonce, account.Balance, account.CodeHash), account.StorageRoot, nodes, proofs)
            : new AccountProof(address, false, Account.Empty, Hash256.EmptyTrie, nodes, proofs);
    }

    private static void Require(TrieStatus status, in Address address)
    {
        if (status == TrieStatus.Ok) return;
        string what = status == TrieStatus.MissingNode ? "is missing" : "is damaged";
        throw new MissingStateException($"a trie node on the way to account {address} or to one of its slots {what}");
    }
}
