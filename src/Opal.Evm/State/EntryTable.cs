using System.Runtime.CompilerServices;

namespace Opal.Evm;

/// <summary>What a table must know of its entries. All members are pure.</summary>
internal interface IKeyed<TSelf, TKey>
    where TSelf : struct, IKeyed<TSelf, TKey>
    where TKey : struct
{
    /// <summary>A seed-free hash whose high bits are well mixed.</summary>
    static abstract uint HashOf(in TKey key);

    /// <summary>Whether the entry has this key.</summary>
    static abstract bool Matches(in TSelf entry, in TKey key);

    /// <summary>Orders entries against keys; any total order will do.</summary>
    static abstract int Compare(in TSelf entry, in TKey key);

    /// <summary>The key of an entry.</summary>
    static abstract TKey KeyOf(in TSelf entry);

    /// <summary>Makes a fresh entry with this key and default values.</summary>
    static abstract void Initialise(ref TSelf entry, in TKey key);
}

/// <summary>Entries in an array, found by key through an open-addressing index that is at most half full. Entries keep their number until <see cref="Clear"/>.</summary>
/// <remarks>
/// The hash has no seed (results must not differ between machines), so an attacker may choose keys that collide. A probe
/// therefore looks at no more than <see cref="MaxProbe"/> places; what does not fit there lives in a sorted list.
/// </remarks>
internal sealed class EntryTable<TEntry, TKey>
    where TEntry : struct, IKeyed<TEntry, TKey>
    where TKey : struct
{
    internal const int MaxProbe = 64;
    private const int MinBits = 8;

    private TEntry[] _entries = new TEntry[1 << (MinBits - 1)];
    private int[] _index = new int[1 << MinBits]; // number + 1, 0 = free
    private int _shift = 32 - MinBits;
    private int _count;
    private int _last; // what was found last is often asked for next: a slot is read, then written
    private int[] _overflow = [];
    private int _overflowCount;

    /// <summary>The number of entries.</summary>
    public int Count => _count;

    /// <summary>How many entries did not fit the index (for tests).</summary>
    internal int OverflowCount => _overflowCount;

    /// <summary>The entry with this number. The reference dies with the next <see cref="FindOrAdd"/>.</summary>
    public ref TEntry this[int number]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _entries[number];
    }

    /// <summary>The number of the entry with this key; it is made when there was none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindOrAdd(in TKey key, out bool added)
    {
        int last = _last;
        if (last < _count && TEntry.Matches(_entries[last], key))
        {
            added = false;
            return last;
        }

        return _last = Probe(key, out added);
    }

    private int Probe(in TKey key, out bool added)
    {
        unchecked
        {
            int[] index = _index;
            int mask = index.Length - 1;
            int place = (int)(TEntry.HashOf(key) >> _shift);
            for (int probe = 0; probe < MaxProbe; probe++)
            {
                int number = index[place & mask] - 1;
                if (number < 0)
                {
                    added = true;
                    return Add(key, place & mask);
                }

                if (TEntry.Matches(_entries[number], key))
                {
                    added = false;
                    return number;
                }

                place++;
            }

            return FindOrAddOverflow(key, out added);
        }
    }

    /// <summary>The number of the entry with this key, or -1.</summary>
    public int Find(in TKey key)
    {
        unchecked
        {
            int mask = _index.Length - 1;
            int place = (int)(TEntry.HashOf(key) >> _shift);
            for (int probe = 0; probe < MaxProbe; probe++)
            {
                int number = _index[place & mask] - 1;
                if (number < 0) return -1;
                if (TEntry.Matches(_entries[number], key)) return number;
                place++;
            }

            int at = SearchOverflow(key);
            return at >= 0 ? _overflow[at] : -1;
        }
    }

    /// <summary>Forgets all entries; keeps moderate capacity.</summary>
    public void Clear()
    {
        if (_index.Length > 1 << 16)
        {
            _entries = new TEntry[1 << (MinBits - 1)];
            _index = new int[1 << MinBits];
            _shift = 32 - MinBits;
        }
        else
        {
            Array.Clear(_entries, 0, _count);
            Array.Clear(_index);
        }

        _count = 0;
        _overflowCount = 0;
    }

    private int Add(in TKey key, int place)
    {
        int number = Append(key);
        if (_count * 2 > _index.Length) Rebuild();
        else _index[place] = number + 1;
        return number;
    }

    private int Append(in TKey key)
    {
        if (_count == _entries.Length) Array.Resize(ref _entries, _count * 2);
        TEntry.Initialise(ref _entries[_count], key);
        return _count++;
    }

    private int FindOrAddOverflow(in TKey key, out bool added)
    {
        int at = SearchOverflow(key);
        added = at < 0;
        if (!added) return _overflow[at];
        int number = Append(key);
        if (_count * 2 > _index.Length) Rebuild();
        else InsertOverflow(~at, number);
        return number;
    }

    private void InsertOverflow(int at, int number)
    {
        if (_overflowCount == _overflow.Length) Array.Resize(ref _overflow, Math.Max(16, _overflowCount * 2));
        Array.Copy(_overflow, at, _overflow, at + 1, _overflowCount - at);
        _overflow[at] = number;
        _overflowCount++;
    }

    private int SearchOverflow(in TKey key)
    {
        int low = 0, high = _overflowCount - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            int order = TEntry.Compare(_entries[_overflow[middle]], key);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }

    private void Rebuild()
    {
        _index = new int[_index.Length * 2];
        _shift--;
        _overflowCount = 0;
        int mask = _index.Length - 1;
        for (int number = 0; number < _count; number++)
        {
            TKey key = TEntry.KeyOf(_entries[number]);
            int place = unchecked((int)(TEntry.HashOf(key) >> _shift));
            int probe = 0;
            while (probe < MaxProbe && _index[(place + probe) & mask] != 0) probe++;
            if (probe < MaxProbe) _index[(place + probe) & mask] = number + 1;
            else InsertOverflow(~SearchOverflow(key), number);
        }
    }
}
