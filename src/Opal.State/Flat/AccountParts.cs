using Opal.Evm;
using Opal.Primitives;

namespace Opal.State.Flat;

/// <summary>Many accounts by their hashed addresses, gathered by the first byte, then sorted part by part: some 45 bytes each.</summary>
internal sealed class AccountParts
{
    /// <summary>The number of parts.</summary>
    public const int Count = 256;

    private const int HashedAtOnce = 1024;

    private readonly Part[] _parts = new Part[Count];
    private readonly KeccakBatch _batch = new();
    private readonly byte[] _digests = new byte[HashedAtOnce * Hash256.Size];
    private readonly Account[] _waiting = new Account[HashedAtOnce];
    private int _waitingCount;

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

    public AccountParts() => _parts.AsSpan().Fill(new Part { Entries = [], Flat = [] });

    /// <summary>The accounts added.</summary>
    public long Accounts { get; private set; }

    /// <summary>Adds an account without storage.</summary>
    public void Add(in Address address, in Account account)
    {
        address.CopyTo(_batch.Room(Address.Size));
        _batch.Add(Address.Size, _digests, _waitingCount * Hash256.Size);
        _waiting[_waitingCount++] = account;
        if (_waitingCount == HashedAtOnce) Sort();
    }

    /// <summary>Adds an account in its flat form.</summary>
    public void Add(in Hash256 key, ReadOnlySpan<byte> flat)
    {
        Span<byte> first = stackalloc byte[Hash256.Size];
        key.CopyTo(first);
        ref Part part = ref _parts[first[0]];
        if (part.Count == part.Entries.Length) Array.Resize(ref part.Entries, Math.Max(16, part.Count * 2));
        if (part.Size + FlatAccount.MaxSize > part.Flat.Length) Array.Resize(ref part.Flat, Math.Max(1024, part.Flat.Length * 2));
        flat.CopyTo(part.Flat.AsSpan(part.Size));
        part.Entries[part.Count++] = new Entry(key, part.Size, flat.Length);
        part.Size += flat.Length;
        Accounts++;
    }

    /// <summary>Puts the waiting accounts into their parts.</summary>
    private void Sort()
    {
        Span<byte> flat = stackalloc byte[FlatAccount.MaxSize];
        _batch.Flush(_digests);
        for (int i = 0; i < _waitingCount; i++)
        {
            int length = FlatAccount.Write(flat, _waiting[i], Hash256.EmptyTrie);
            Add(new Hash256(_digests.AsSpan(i * Hash256.Size, Hash256.Size)), flat[..length]);
        }

        _waitingCount = 0;
    }

    /// <summary>Counts and sorts in all that was added; before parts are taken.</summary>
    public void Settle() => Sort();

    public bool IsEmpty(int part) => _parts[part].Count == 0;

    /// <summary>Takes an account out: its key and its flat form.</summary>
    public delegate void Taker(in Hash256 key, ReadOnlySpan<byte> flat);

    /// <summary>Gives the accounts of a part in the order of their keys, and forgets them.</summary>
    public void Take(int index, Taker taker)
    {
        ref Part part = ref _parts[index];
        Span<Entry> entries = part.Entries.AsSpan(0, part.Count);
        entries.Sort(default(ByKey));
        foreach (ref readonly Entry entry in entries) taker(entry.Key, part.Flat.AsSpan(entry.At, entry.Length));
        part = new Part { Entries = [], Flat = [] };
    }
}
