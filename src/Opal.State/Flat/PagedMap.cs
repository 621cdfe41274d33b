using System.Buffers.Binary;
using System.Numerics;

namespace Opal.State.Flat;

/// <summary>
/// A sorted map in memory for keys that begin with a hash: pages by the first bits of the key, each page one immutable
/// <see cref="SortedRun"/>. A change replaces pages. Ordered, and no object an entry.
/// </summary>
/// <remarks>
/// One writer beside any number of readers. While a batch is applied, keys outside it are found as ever; of keys inside it a
/// reader sees the old or the new value. Keys with a common first part crowd into one page, which stays correct and gets slower.
/// </remarks>
internal sealed class PagedMap(int entriesPerPage)
{
    private const int MaxBits = 28;

    private volatile byte[]?[] _pages = new byte[]?[1];

    /// <summary>The number of entries. For the writer.</summary>
    public long Count { get; private set; }

    /// <summary>Makes pages for so many entries before they come; only while the map is empty.</summary>
    public void Reserve(long entries)
    {
        if (Count > 0) return;
        long pages = Math.Clamp(entries / entriesPerPage, 1, 1L << MaxBits);
        _pages = new byte[]?[(int)BitOperations.RoundUpToPowerOf2((ulong)pages)];
    }

    private static int PageOf(ReadOnlySpan<byte> key, int pages)
    {
        int bits = BitOperations.TrailingZeroCount(pages);
        return bits == 0 ? 0 : (int)(BinaryPrimitives.ReadUInt64BigEndian(key) >> (64 - bits));
    }

    public bool TryGet(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        byte[]?[] pages = _pages;
        byte[]? page = Volatile.Read(ref pages[PageOf(key, pages.Length)]);
        value = default;
        return page is not null && new SortedRun(page).TryGet(key, out value);
    }

    /// <summary>The first entry whose key is not below <paramref name="key"/>; false when there is none.</summary>
    /// <param name="key">Where to look.</param>
    /// <param name="limit">Look no further than this key's page.</param>
    /// <param name="foundKey">The entry's key.</param>
    /// <param name="value">Its value.</param>
    public bool TrySeek(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> limit, out ReadOnlySpan<byte> foundKey, out ReadOnlySpan<byte> value)
    {
        byte[]?[] pages = _pages;
        int last = PageOf(limit, pages.Length);
        for (int i = PageOf(key, pages.Length); i <= last; i++)
        {
            if (Volatile.Read(ref pages[i]) is not { } page) continue;
            var run = new SortedRun(page);
            int index = run.Find(key, out _);
            if (index == run.Count) continue;
            foundKey = run.Key(index);
            value = run.Value(index);
            return true;
        }

        foundKey = value = default;
        return false;
    }

    /// <summary>What the keys of a batch of changes hold now: the batch that takes these changes back.</summary>
    public SortedRun Inverse(SortedRun changes, SortedRunBuilder builder)
    {
        for (int i = 0; i < changes.Count; i++)
        {
            ReadOnlySpan<byte> key = changes.Key(i);
            _ = TryGet(key, out ReadOnlySpan<byte> value);
            builder.Add(key, value);
        }

        return builder.ToRun();
    }

    /// <summary>Makes a batch of changes.</summary>
    public void Apply(SortedRun changes, SortedRunBuilder builder)
    {
        byte[]?[] pages = _pages;
        for (int i = 0; i < changes.Count;)
        {
            int page = PageOf(changes.Key(i), pages.Length), end = i + 1;
            while (end < changes.Count && PageOf(changes.Key(end), pages.Length) == page) end++;
            byte[]? old = pages[page];
            SortedRun merged = Merge(old is null ? SortedRun.Empty : new SortedRun(old), changes, i, end, builder);
            Count += merged.Count - (old is null ? 0 : new SortedRun(old).Count);
            Volatile.Write(ref pages[page], merged.Count == 0 ? null : merged.Bytes);
            i = end;
        }

        while (Count > (long)_pages.Length * entriesPerPage && _pages.Length < 1 << MaxBits) Grow(builder);
    }

    private static SortedRun Merge(SortedRun old, SortedRun changes, int from, int to, SortedRunBuilder builder)
    {
        int copied = 0, count = old.Count;
        for (int i = from; i < to; i++)
        {
            int at = old.Find(changes.Key(i), out bool found);
            for (; copied < at; copied++) builder.AddEntry(old.Entry(copied));
            if (found) copied++;
            ReadOnlySpan<byte> entry = changes.Entry(i);
            if (entry.Length > 1 + entry[0]) builder.AddEntry(entry);
        }

        for (; copied < count; copied++) builder.AddEntry(old.Entry(copied));
        return builder.ToRun();
    }

    /// <summary>Twice as many pages.</summary>
    private void Grow(SortedRunBuilder builder)
    {
        byte[]?[] pages = _pages;
        var grown = new byte[]?[pages.Length * 2];
        for (int i = 0; i < pages.Length; i++)
        {
            if (pages[i] is not { } page) continue;
            var run = new SortedRun(page);
            int n = 0;
            for (int half = 2 * i; half < (2 * i) + 2; half++)
            {
                for (; n < run.Count && PageOf(run.Key(n), grown.Length) == half; n++) builder.AddEntry(run.Entry(n));
                if (builder.Count > 0) grown[half] = builder.ToRun().Bytes;
            }
        }

        _pages = grown;
    }
}
