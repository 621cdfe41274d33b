using System.Numerics;
using Opal.Primitives;

namespace Opal.Trie;

/// <summary>
/// Updates tries of 32-byte keys that are stored as branch records (<see cref="BranchRecord"/>) beside flat leaves, and computes
/// their roots: the work is as large as the change, whatever the size of the trie.
/// </summary>
/// <remarks>
/// Use: <see cref="Reset"/>; for each trie <see cref="Begin"/>, <see cref="Set"/> for each changed key, <see cref="Walk"/>; then one
/// <see cref="Hash"/> for all of them, full lanes even when each trie is tiny; <see cref="RootOf"/> and <see cref="Records"/>. More
/// tries may follow (the account trie, once the storage roots are known). Nothing is written anywhere: the records are handed out.
/// All working memory is kept for the next use: nothing is allocated a node. Not for use by two threads at once.
/// </remarks>
public sealed partial class BranchTrie
{
    /// <summary>The longest leaf value, in bytes; an account has at most 110.</summary>
    public const int MaxLeafValue = 128;

    private const int None = -1;

    private IBranchReader? _reader;
    private TrieStatus _status;
    private Trie _trie;

    private readonly List<Trie> _tries = [];
    private Arena<Change> _changes = new(1024);
    private Arena<Branch> _branches = new(1024);
    private Arena<Leaf> _leaves = new(1024);

    /// <summary>Sixteen entries a branch: <see cref="None"/> for an unchanged or absent child, else twice the index, plus one for a leaf.</summary>
    private Arena<int> _kids = new(16 * 1024);
    private Arena<byte> _values = new(64 * 1024);
    private Arena<byte> _oldRecords = new(64 * 1024);

    /// <summary>What became of a trie.</summary>
    private struct Trie
    {
        public Hash256 Owner;
        public bool StartsEmpty;
        public int FirstChange, FirstBranch, EndBranch;

        /// <summary>As an entry of the kids.</summary>
        public int Root;
    }

    private struct Change
    {
        public Hash256 Key;
        public int ValueAt;

        /// <summary>Zero deletes.</summary>
        public int ValueLength;

        /// <summary>Among the checks, plus one; zero for none.</summary>
        public int Check;
        public bool Exists;
    }

    /// <summary>A branch that is new or changed, with the extension above it.</summary>
    private struct Branch
    {
        /// <summary>The digits on the way to the branch are the first <see cref="Depth"/> of these.</summary>
        public Hash256 Prefix;

        /// <summary>Where the extension starts; <see cref="Depth"/> when there is none.</summary>
        public byte Start;
        public byte Depth;

        /// <summary>Where it started in the record, if there was one.</summary>
        public byte OldStart;
        public bool Dead, OldInline;

        /// <summary>Whether some child is shorter than a hash; once it is hashed.</summary>
        public bool HoldsInline;
        public byte ReferenceLength;
        public ushort Mask, LeafMask, OldMask;
        public int Kids;

        /// <summary>The record it was read from; <see cref="None"/> for a new branch.</summary>
        public int OldAt;
        public int OldLength, OldReferences;

        /// <summary>The next branch of the same depth, while hashing.</summary>
        public int Next;
    }

    private struct Leaf
    {
        public Hash256 Key;
        public int ValueAt, ValueLength;

        /// <summary>How many digits of the key are above the leaf.</summary>
        public byte Depth;
        public byte ReferenceLength;
    }

    /// <summary>The number of branch records read since the last <see cref="Reset"/>.</summary>
    public int RecordsRead { get; private set; }

    /// <summary>The number of leaves read since the last <see cref="Reset"/>.</summary>
    public int LeavesRead { get; private set; }

    /// <summary>Forgets everything and reads from <paramref name="reader"/> from now on.</summary>
    public void Reset(IBranchReader reader)
    {
        _reader = reader;
        _status = TrieStatus.Ok;
        _tries.Clear();
        _changes.Clear();
        _branches.Clear();
        _leaves.Clear();
        _kids.Clear();
        _values.Clear();
        _oldRecords.Clear();
        _hashedBranches = _hashedLeaves = _hashedChecks = 0;
        _checks.Clear();
        RecordsRead = LeavesRead = 0;
    }

    /// <summary>Begins with a trie.</summary>
    /// <param name="owner">Its name, for the reader.</param>
    /// <param name="startsEmpty">Whether nothing is in it, whatever the reader has: it is new, or was wiped.</param>
    public void Begin(in Hash256 owner, bool startsEmpty)
    {
        _trie = new Trie { Owner = owner, StartsEmpty = startsEmpty, FirstChange = _changes.Count, FirstBranch = _branches.Count };
    }

    /// <summary>Adds a change of the trie begun last. Keys may come in any order (ascending is fastest), each once.</summary>
    /// <param name="key">The whole key.</param>
    /// <param name="value">The new value as the trie has it, at most <see cref="MaxLeafValue"/> bytes; empty deletes.</param>
    /// <param name="exists">Whether the trie has the key now.</param>
    /// <param name="old">The value that the trie has now, if it is to be compared with what the record above it says (<see cref="TryFindDamage"/>); else empty.</param>
    public void Set(in Hash256 key, ReadOnlySpan<byte> value, bool exists, ReadOnlySpan<byte> old = default)
    {
        if (value.Length > MaxLeafValue) throw new ArgumentException("a leaf's value is too long", nameof(value));
        if (value.IsEmpty && !exists) return;
        int at = _values.Take(value.Length);
        value.CopyTo(_values.Items.AsSpan(at));
        int check = old.IsEmpty || !exists ? 0 : AddCheck(key, old);
        _changes.Add(new Change { Key = key, ValueAt = at, ValueLength = value.Length, Check = check, Exists = exists });
    }

    /// <summary>Finds out what the changes do to the nodes of the trie begun last.</summary>
    /// <param name="trie">The trie's number from now on.</param>
    /// <returns>Anything but <see cref="TrieStatus.Ok"/> means that records and leaves do not fit together: the database is damaged.</returns>
    public TrieStatus Walk(out int trie)
    {
        trie = _tries.Count;
        Span<Change> changes = _changes.Span[_trie.FirstChange..];
        if (!Ascending(changes))
        {
            changes.Sort(default(ByKey));
            if (!Ascending(changes)) throw new ArgumentException("a key was changed twice");
        }

        _trie.Root = WalkRoot(_trie.FirstChange, _changes.Count);
        _trie.EndBranch = _branches.Count;
        _tries.Add(_trie);
        return _status;
    }

    private static bool Ascending(ReadOnlySpan<Change> changes)
    {
        for (int i = 1; i < changes.Length; i++)
        {
            if (changes[i].Key <= changes[i - 1].Key) return false;
        }

        return true;
    }

    private readonly struct ByKey : IComparer<Change>
    {
        public int Compare(Change x, Change y) => x.Key.CompareTo(y.Key);
    }

    /// <summary>The root of a trie; after <see cref="Hash"/>.</summary>
    public Hash256 RootOf(int trie)
    {
        int root = _tries[trie].Root;
        if (root == None) return Hash256.EmptyTrie;
        ReadOnlySpan<byte> reference = NewReference(root);
        return reference.Length == Hash256.Size ? new Hash256(reference) : Keccak256.Hash(reference);
    }

    /// <summary>An array that grows and is used again. A reference into it dies when something is added.</summary>
    private struct Arena<T>(int capacity)
    {
        public T[] Items = new T[capacity];
        public int Count;

        public readonly Span<T> Span => Items.AsSpan(0, Count);

        public void Clear() => Count = 0;

        public int Add(in T item)
        {
            int at = Take(1);
            Items[at] = item;
            return at;
        }

        /// <summary>Room for <paramref name="count"/> items, which hold what they held before.</summary>
        public int Take(int count)
        {
            int at = Count;
            if (at + count > Items.Length) Array.Resize(ref Items, (int)BitOperations.RoundUpToPowerOf2((uint)(at + count)));
            Count = at + count;
            return at;
        }
    }
}
