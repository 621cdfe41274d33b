using System.Runtime.InteropServices;
using Opal.Evm;
using Opal.Primitives;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State.Flat;

/// <summary>Computes the roots after a block: hashes the keys, walks and hashes all storage tries together, then the account trie. For use again and again, by one thread at a time.</summary>
/// <param name="keys">How keys are hashed; null for keccak256.</param>
/// <param name="checks">Whether some of the old leaves are compared with the records above them: the state is in files that may be damaged.</param>
internal sealed class RootComputer(IStateKeys? keys = null, bool checks = false)
{
    private readonly BranchTrie _trie = new();
    private readonly KeccakBatch _batch = new();
    private readonly SortedRunBuilder _leaves = new(), _branches = new();
    private readonly List<Touched> _accounts = [];
    private readonly List<Slot> _slots = [];
    private readonly byte[] _record = new byte[BranchRecord.MaxSize];
    private byte[] _digests = [], _oldLeaves = [];
    private int _oldLeavesSize;
    private IFlatState? _before;
    private bool _mayHave;

    private struct Touched
    {
        public Hash256 Key, StorageRoot;
        public int Index;
        public bool Existed;

        /// <summary>Whether the storage after the block has nothing of the storage before.</summary>
        public bool Fresh;

        /// <summary>Whether there was storage before.</summary>
        public bool HadStorage;

        /// <summary>The number of the storage trie; -1 when no slot changes.</summary>
        public int Trie;
        public int FirstSlot, EndSlot;

        /// <summary>The old leaf, if it is to be checked; an empty part of <see cref="_oldLeaves"/> otherwise.</summary>
        public int OldAt, OldLength;
    }

    private readonly record struct Slot(Hash256 Key, UInt256 Value);

    private readonly struct SlotsByKey : IComparer<Slot>
    {
        public int Compare(Slot x, Slot y) => x.Key.CompareTo(y.Key);
    }

    private readonly struct AccountsByKey : IComparer<Touched>
    {
        public int Compare(Touched x, Touched y) => x.Key.CompareTo(y.Key);
    }

    /// <exception cref="MissingStateException">The state's records and leaves do not fit together.</exception>
    public StateUpdate Compute(IFlatState before, StateDiff diff)
    {
        HashKeys(diff);
        _trie.Reset(new FlatBranchReader(before));
        Span<Touched> accounts = CollectionsMarshal.AsSpan(_accounts);
        _oldLeavesSize = 0;
        foreach (ref Touched account in accounts) WalkStorage(before, diff.Accounts[account.Index], ref account);
        _trie.Hash();
        foreach (ref Touched account in accounts)
        {
            if (account.Trie >= 0) account.StorageRoot = _trie.RootOf(account.Trie);
        }

        _trie.Begin(Hash256.Zero, before.Root == Hash256.EmptyTrie);
        Span<byte> flat = stackalloc byte[FlatAccount.MaxSize], leaf = stackalloc byte[BranchTrie.MaxLeafValue], key = stackalloc byte[Hash256.Size];
        foreach (ref Touched account in accounts)
        {
            AccountChange change = diff.Accounts[account.Index];
            int length = change.Exists ? FlatAccount.Write(flat, change.Account, account.StorageRoot) : 0;
            account.Key.CopyTo(key);
            _leaves.Add(key, flat[..length]);
            _trie.Set(account.Key, length == 0 ? default : leaf[..FlatAccount.WriteLeaf(leaf, flat)], account.Existed, _oldLeaves.AsSpan(account.OldAt, account.OldLength));
        }

        Walk(out int trie);
        _trie.Hash();
        if (checks && _trie.TryFindDamage(out Hash256 owner, out Hash256 damaged))
        {
            throw new StoreCorruptException($"{(owner.IsZero ? "table account" : $"table slot, account {owner}")}, key {damaged}: the row does not hash to what the trie record above it has; stop the node and run 'opal db verify'");
        }

        return Pack(trie);
    }

    /// <summary>Whether the old value of a key is checked: a quarter of all keys is, so that it costs little.</summary>
    private bool IsChecked(in Hash256 key) => checks && (key.DigitAt(63) & 3) == 0;

    private void KeepOldLeaf(ref Touched account, ReadOnlySpan<byte> flat)
    {
        if (_oldLeavesSize + BranchTrie.MaxLeafValue > _oldLeaves.Length) Array.Resize(ref _oldLeaves, (_oldLeaves.Length * 2) + (64 * BranchTrie.MaxLeafValue));
        account.OldAt = _oldLeavesSize;
        account.OldLength = FlatAccount.WriteLeaf(_oldLeaves.AsSpan(_oldLeavesSize), flat);
        _oldLeavesSize += account.OldLength;
    }

    /// <summary>Begins to add accounts to a state.</summary>
    /// <param name="before">The state.</param>
    /// <param name="mayHave">False when it surely has none of them.</param>
    public void Begin(IFlatState before, bool mayHave)
    {
        _mayHave = mayHave;
        _accounts.Clear();
        _slots.Clear();
        _before = before;
        _trie.Reset(new FlatBranchReader(before));
        _trie.Begin(Hash256.Zero, before.Root == Hash256.EmptyTrie);
    }

    /// <summary>Adds an account that the state does not have; in the order of keys.</summary>
    /// <exception cref="ArgumentException">It has it.</exception>
    public void AddNew(in Hash256 key, ReadOnlySpan<byte> flat)
    {
        Span<byte> leaf = stackalloc byte[BranchTrie.MaxLeafValue], bytes = stackalloc byte[Hash256.Size];
        key.CopyTo(bytes);
        if (_mayHave && _before!.TryGet(Hash256.Zero, Table.Leaves, bytes, out _)) throw new ArgumentException("an account was added twice");
        _trie.Set(key, leaf[..FlatAccount.WriteLeaf(leaf, flat)], false);
        _leaves.Add(bytes, flat);
    }

    /// <summary>What the added accounts lead to.</summary>
    public StateUpdate End()
    {
        Walk(out int trie);
        _trie.Hash();
        return Pack(trie);
    }

    /// <summary>Hashes all addresses and slots, and brings the accounts into the order of their keys.</summary>
    private void HashKeys(StateDiff diff)
    {
        int slots = 0;
        foreach (AccountChange change in diff.Accounts) slots += change.Storage.Count;
        int size = (diff.Accounts.Count + slots) * Hash256.Size, at = 0;
        if (_digests.Length < size) _digests = new byte[size * 2];
        foreach (AccountChange change in diff.Accounts)
        {
            change.Address.CopyTo(_batch.Room(Address.Size));
            _batch.Add(Address.Size, _digests, at);
            at += Hash256.Size;
            for (int i = 0; i < change.Storage.Count; i++)
            {
                change.Storage[i].Slot.WriteBigEndian(_batch.Room(32));
                _batch.Add(32, _digests, at);
                at += Hash256.Size;
            }
        }

        _batch.Flush(_digests);
        if (keys is not null) HashKeys(diff, keys);
        _accounts.Clear();
        _slots.Clear();
        at = 0;
        for (int i = 0; i < diff.Accounts.Count; i++)
        {
            AccountChange change = diff.Accounts[i];
            var account = new Touched { Key = Digest(ref at), Index = i, Trie = -1, FirstSlot = _slots.Count };
            for (int s = 0; s < change.Storage.Count; s++) _slots.Add(new Slot(Digest(ref at), change.Storage[s].Value));
            account.EndSlot = _slots.Count;
            CollectionsMarshal.AsSpan(_slots)[account.FirstSlot..account.EndSlot].Sort(default(SlotsByKey));
            _accounts.Add(account);
        }

        CollectionsMarshal.AsSpan(_accounts).Sort(default(AccountsByKey));
    }

    /// <summary>Puts other keys in the places of the digests.</summary>
    private void HashKeys(StateDiff diff, IStateKeys keys)
    {
        int at = 0;
        foreach (AccountChange change in diff.Accounts)
        {
            keys.OfAccount(change.Address).CopyTo(_digests.AsSpan(at));
            at += Hash256.Size;
            for (int i = 0; i < change.Storage.Count; i++, at += Hash256.Size) keys.OfSlot(change.Storage[i].Slot).CopyTo(_digests.AsSpan(at));
        }
    }

    private Hash256 Digest(ref int at)
    {
        at += Hash256.Size;
        return new Hash256(_digests.AsSpan(at - Hash256.Size, Hash256.Size));
    }

    private void WalkStorage(IFlatState before, AccountChange change, ref Touched account)
    {
        Span<byte> owner = stackalloc byte[Hash256.Size], key = stackalloc byte[Hash256.Size], value = stackalloc byte[32], leaf = stackalloc byte[33], oldLeaf = stackalloc byte[33];
        account.Key.CopyTo(owner);
        account.Existed = before.TryGet(Hash256.Zero, Table.Leaves, owner, out ReadOnlySpan<byte> flat);
        Hash256 root = Hash256.EmptyTrie;
        if (account.Existed) _ = FlatAccount.Read(flat, out root);
        if (account.Existed && IsChecked(account.Key)) KeepOldLeaf(ref account, flat);
        account.HadStorage = root != Hash256.EmptyTrie;
        account.Fresh = !change.Exists || change.StorageCleared || !account.HadStorage;
        account.StorageRoot = account.Fresh ? Hash256.EmptyTrie : root;
        if (!change.Exists || account.FirstSlot == account.EndSlot) return;

        _trie.Begin(account.Key, account.Fresh);
        Span<Slot> slots = CollectionsMarshal.AsSpan(_slots);
        int kept = account.FirstSlot;
        for (int i = account.FirstSlot; i < account.EndSlot; i++)
        {
            slots[i].Key.CopyTo(key);
            ReadOnlySpan<byte> old = default;
            if (!account.Fresh) before.TryGet(account.Key, Table.Leaves, key, out old);
            int length = slots[i].Value.WriteMinimalBigEndian(value);
            if (old.SequenceEqual(value[..length])) continue;
            _trie.Set(slots[i].Key, length == 0 ? default : leaf[..FlatAccount.WriteNumber(leaf, value[..length])], !old.IsEmpty, !old.IsEmpty && IsChecked(slots[i].Key) ? oldLeaf[..FlatAccount.WriteNumber(oldLeaf, old)] : default);
            slots[kept++] = slots[i];
        }

        account.EndSlot = kept;
        if (kept > account.FirstSlot) Walk(out account.Trie);
    }

    private void Walk(out int trie)
    {
        TrieStatus status = _trie.Walk(out trie);
        if (status != TrieStatus.Ok) throw new MissingStateException(status == TrieStatus.MissingNode ? "the state lacks a trie record or a leaf" : "a trie record of the state is damaged");
    }

    private StateUpdate Pack(int accountTrie)
    {
        var roots = new Dictionary<Hash256, Hash256>(_accounts.Count);
        var storages = new Dictionary<Hash256, StorageUpdate>();
        Span<byte> key = stackalloc byte[Hash256.Size], value = stackalloc byte[32];
        Hash256 root = _trie.RootOf(accountTrie);
        SortedRun accountLeaves = _leaves.ToRun();
        foreach (ref Touched account in CollectionsMarshal.AsSpan(_accounts))
        {
            roots[account.Key] = account.StorageRoot;
            if (account.StorageRoot == Hash256.EmptyTrie)
            {
                if (account.HadStorage) storages[account.Key] = new StorageUpdate(true, true, null);
            }
            else if (account.Trie >= 0)
            {
                for (int i = account.FirstSlot; i < account.EndSlot; i++)
                {
                    _slots[i].Key.CopyTo(key);
                    _leaves.Add(key, value[.._slots[i].Value.WriteMinimalBigEndian(value)]);
                }

                storages[account.Key] = new StorageUpdate(account.Fresh, account.HadStorage, new TrieDelta(_leaves.ToRun(), PackBranches(account.Trie)));
            }
        }

        return new StateUpdate(root, new TrieDelta(accountLeaves, PackBranches(accountTrie)), storages, roots);
    }

    private SortedRun PackBranches(int trie)
    {
        Span<byte> key = stackalloc byte[TriePath.MaxKeySize];
        foreach (ref readonly BranchChange change in _trie.Records(trie))
        {
            int length = change.Branch < 0 ? 0 : _trie.WriteRecord(change.Branch, _record);
            _branches.Add(key[..change.Path.WriteKey(key)], _record.AsSpan(0, length));
        }

        return _branches.ToRun();
    }
}
