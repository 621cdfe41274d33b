using System.Numerics;

namespace Opal.Benchmarks;

/// <summary>A hash table that costs a reader as little as it can: open addressing, linear probing, half full at most. Nothing is removed.</summary>
internal sealed class FlatTable<TKey, TValue>
    where TKey : struct, IEquatable<TKey>
{
    private Entry[] _entries;
    private int _count;

    private struct Entry
    {
        public TKey Key;
        public TValue Value;
        public bool Used;
    }

    /// <param name="capacity">How many keys are expected.</param>
    public FlatTable(int capacity = 16) => _entries = new Entry[BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 8) * 2)];

    public int Count => _count;

    public bool TryGet(in TKey key, out TValue value)
    {
        ref Entry entry = ref Find(key);
        value = entry.Value;
        return entry.Used;
    }

    public void Set(in TKey key, TValue value)
    {
        ref Entry entry = ref Find(key);
        entry.Value = value;
        if (entry.Used) return;
        entry.Key = key;
        entry.Used = true;
        if (++_count * 2 > _entries.Length) Grow();
    }

    private ref Entry Find(in TKey key)
    {
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        for (int i = key.GetHashCode() & mask; ; i = (i + 1) & mask)
        {
            ref Entry entry = ref entries[i];
            if (!entry.Used || entry.Key.Equals(key)) return ref entry;
        }
    }

    private void Grow()
    {
        Entry[] old = _entries;
        _entries = new Entry[old.Length * 2];
        foreach (Entry entry in old)
        {
            if (entry.Used) Find(entry.Key) = entry;
        }
    }
}
