namespace Opal.Storage;

/// <summary>The index of a range of blocks. Never changed.</summary>
/// <param name="first">The first block of the range.</param>
/// <param name="last">The last block.</param>
internal abstract class IndexPart(ulong first, ulong last)
{
    public ulong First => first;

    public ulong Last => last;

    /// <summary>Fingerprint, then block less <see cref="First"/> (upper half) and place in it (lower half).</summary>
    public abstract SortedPairs Entries { get; }

    /// <summary>Order word of a key and its fingerprint, each once (<see cref="KeyOrder"/>); empty where order is not kept.</summary>
    public abstract SortedPairs Keys { get; }

    /// <summary>Where a block's frame is.</summary>
    public abstract FrameAddress AddressOf(ulong block);

    /// <summary>Whether there are addresses.</summary>
    public abstract bool HasAddresses { get; }

    /// <summary>False when a fingerprint is certainly not among the entries.</summary>
    public abstract bool MayHave(ulong fingerprint);

    /// <summary>The block and place that an entry's second word says.</summary>
    public (ulong Block, uint Place) Take(Pair entry) => (first + (entry.B >> 32), (uint)entry.B);
}

/// <summary>A part in memory.</summary>
internal sealed class IndexRun(ulong first, ulong last, Pair[] entries, Pair[] keys, FrameAddress[]? addresses) : IndexPart(first, last)
{
    /// <summary>Entries from which on a filter pays.</summary>
    private const int FilteredFrom = 4096;

    private readonly MemoryPairs _entries = new(entries), _keys = new(keys);
    private byte[]? _filter;

    public override SortedPairs Entries => _entries;

    public override SortedPairs Keys => _keys;

    public override bool HasAddresses => addresses is not null;

    public override FrameAddress AddressOf(ulong block) => addresses![block - First];

    public override bool MayHave(ulong fingerprint)
    {
        if (entries.Length < FilteredFrom) return true;
        byte[] filter = _filter ??= MakeFilter(); // by the first who searches: most runs join others unsearched
        return Bloom.Has(filter.AsSpan((int)Bloom.LineOf(fingerprint, filter.Length), Bloom.LineSize), fingerprint);
    }

    private byte[] MakeFilter()
    {
        var filter = new byte[Bloom.SizeFor(entries.Length)];
        foreach (Pair entry in entries) Bloom.Add(filter.AsSpan((int)Bloom.LineOf(entry.A, filter.Length), Bloom.LineSize), entry.A);
        return filter;
    }

    /// <summary>The part without the blocks above one.</summary>
    public IndexRun CutAfter(ulong block) => new(
        First, block, Array.FindAll(entries, e => First + (e.B >> 32) <= block), keys, addresses?[..(int)(block - First + 1)]); // a key too many is looked up in vain

    /// <summary>This part and the next one as one.</summary>
    public IndexRun Join(IndexRun next) => new(
        First, next.Last, Merge(entries, next._entries.Pairs, (next.First - First) << 32, false), Merge(keys, next._keys.Pairs, 0, true), addresses is null ? null : [.. addresses, .. next.Addresses!]);

    // 'shift' is added to the second words of the newer ones; of equal pairs only the first is taken when 'once'
    private static Pair[] Merge(Pair[] older, Pair[] newer, ulong shift, bool once)
    {
        if (newer.Length == 0) return older;
        var merged = new Pair[older.Length + newer.Length];
        int count = 0, i = 0, j = 0;
        while (i < older.Length && j < newer.Length)
        {
            Pair left = older[i], right = new(newer[j].A, newer[j].B + shift);
            if (once && left == right) j++;
            else if (right < left) (merged[count++], j) = (right, j + 1);
            else (merged[count++], i) = (left, i + 1);
        }

        older.AsSpan(i).CopyTo(merged.AsSpan(count));
        count += older.Length - i;
        for (; j < newer.Length; j++) merged[count++] = new Pair(newer[j].A, newer[j].B + shift);
        return count == merged.Length ? merged : merged[..count];
    }

    private FrameAddress[]? Addresses => addresses;
}

/// <summary>Several parts as one: of adjacent ranges of blocks, oldest first.</summary>
internal static class IndexMerge
{
    public static Pair[] Entries(IndexPart[] parts) => Collect(EntriesOf(parts), parts.Sum(p => p.Entries.Count));

    public static Pair[] Keys(IndexPart[] parts) => Collect(KeysOf(parts), parts.Sum(p => p.Keys.Count));

    private static Pair[] Collect(IEnumerable<Pair> pairs, long most)
    {
        var all = new Pair[most];
        int count = 0;
        foreach (Pair pair in pairs) all[count++] = pair;
        return count == all.Length ? all : all[..count];
    }

    public static IEnumerable<Pair> EntriesOf(IndexPart[] parts) => Merge(
        Array.ConvertAll(parts, p => p.Entries), Array.ConvertAll(parts, p => (p.First - parts[0].First) << 32), false);

    public static IEnumerable<Pair> KeysOf(IndexPart[] parts) => Merge(Array.ConvertAll(parts, p => p.Keys), new ulong[parts.Length], true);

    // 'shifts' are added to the second words; of equal pairs only the first is given when 'once'
    private static IEnumerable<Pair> Merge(SortedPairs[] sources, ulong[] shifts, bool once)
    {
        var at = new long[sources.Length];
        var heads = new Pair[sources.Length];
        int live = 0;
        var order = new int[sources.Length];
        for (int i = 0; i < sources.Length; i++)
        {
            if (sources[i].Count == 0) continue;
            heads[i] = new Pair(sources[i][0].A, sources[i][0].B + shifts[i]);
            order[live++] = i;
        }

        Pair given = default;
        for (bool any = false; live > 0;)
        {
            int best = 0;
            for (int i = 1; i < live; i++)
            {
                if (heads[order[i]] < heads[order[best]]) best = i;
            }

            int source = order[best];
            Pair pair = heads[source];
            if (++at[source] < sources[source].Count)
            {
                Pair next = sources[source][at[source]];
                heads[source] = new Pair(next.A, next.B + shifts[source]);
            }
            else
            {
                order[best] = order[--live];
            }

            if (once && any && pair == given) continue;
            (given, any) = (pair, true);
            yield return pair;
        }
    }
}
