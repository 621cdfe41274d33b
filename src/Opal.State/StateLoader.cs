using Opal.Evm;
using Opal.Primitives;
using Opal.State.Flat;
using Opal.Trie;

namespace Opal.State;

/// <summary>Builds a large state from nothing, for a genesis with millions of accounts. See <see cref="MemoryStateStore.BeginLoad"/>. For one thread.</summary>
/// <remarks>Accounts are gathered by the first byte of their hashed address, then sorted, hashed and stored part by part: working memory beside the state is some 45 bytes an account.</remarks>
public sealed class StateLoader
{
    private const int PartCount = 256;
    private const int HashedAtOnce = 1024;

    private readonly MemoryStateStore _store;
    private readonly StateDiff _first;
    private readonly StateTables _tables = new();
    private readonly Part[] _parts = new Part[PartCount];
    private readonly KeccakBatch _batch = new();
    private readonly byte[] _digests = new byte[HashedAtOnce * Hash256.Size];
    private readonly Account[] _waiting = new Account[HashedAtOnce];
    private int _waitingCount;
    private long _count;
    private bool _over;

    /// <summary>Accounts whose hashed addresses begin with the same byte.</summary>
    private struct Part
    {
        public Entry[] Entries;
        public byte[] Flat;
        public int Count, Size;
    }

    private readonly record struct Entry(Hash256 Key, int At, int Length);

    private readonly struct ByKey : IComparer<Entry>
    {
        public int Compare(Entry x, Entry y) => x.Key.CompareTo(y.Key);
    }

    internal StateLoader(MemoryStateStore store, StateDiff first)
    {
        _store = store;
        _first = first;
        _parts.AsSpan().Fill(new Part { Entries = [], Flat = [] });
    }

    /// <summary>Adds an account without storage. Its code, if any, is among those of the first diff.</summary>
    /// <param name="address">Not among those of the first diff, and not added before.</param>
    /// <param name="account">Its values.</param>
    public void Add(in Address address, in Account account)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        address.CopyTo(_batch.Room(Address.Size));
        _batch.Add(Address.Size, _digests, _waitingCount * Hash256.Size);
        _waiting[_waitingCount++] = account;
        if (_waitingCount == HashedAtOnce) Sort();
    }

    /// <summary>Puts the waiting accounts into their parts.</summary>
    private void Sort()
    {
        _batch.Flush(_digests);
        for (int i = 0; i < _waitingCount; i++)
        {
            ref Part part = ref _parts[_digests[i * Hash256.Size]];
            if (part.Count == part.Entries.Length) Array.Resize(ref part.Entries, Math.Max(16, part.Count * 2));
            if (part.Size + FlatAccount.MaxSize > part.Flat.Length) Array.Resize(ref part.Flat, Math.Max(1024, part.Flat.Length * 2));
            int length = FlatAccount.Write(part.Flat.AsSpan(part.Size), _waiting[i], Hash256.EmptyTrie);
            part.Entries[part.Count++] = new Entry(new Hash256(_digests.AsSpan(i * Hash256.Size, Hash256.Size)), part.Size, length);
            part.Size += length;
        }

        _count += _waitingCount;
        _waitingCount = 0;
    }

    /// <summary>Builds the state and puts it into the store. The loader is over then.</summary>
    /// <param name="number">The number of the block that ends in it.</param>
    /// <returns>The state root.</returns>
    /// <exception cref="ArgumentException">An address was added twice.</exception>
    public Hash256 Commit(ulong number)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        _over = true;
        Sort();
        _tables.Accounts.Reserve(_count + _first.Accounts.Count);
        StateUpdate first = new RootComputer().Compute(_tables.Newest, _first);
        _tables.Append(first);
        var computer = new RootComputer();
        for (int i = 0; i < PartCount; i++)
        {
            ref Part part = ref _parts[i];
            if (part.Count == 0) continue;
            Span<Entry> entries = part.Entries.AsSpan(0, part.Count);
            entries.Sort(default(ByKey));
            computer.Begin(_tables.Newest, _first.Accounts.Count > 0);
            foreach (ref readonly Entry entry in entries) computer.AddNew(entry.Key, part.Flat.AsSpan(entry.At, entry.Length));
            StateUpdate update = computer.End();
            _tables.Append(update);
            part = default;
        }

        _store.Adopt(_tables.Newest, _first, number);
        return _tables.Newest.Root;
    }
}
