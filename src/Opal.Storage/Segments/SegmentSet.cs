using System.Globalization;

namespace Opal.Storage;

/// <summary>The segments of an index, over ranges of blocks that follow each other. One writer; readers take the list as it is and acquire what they use.</summary>
internal sealed class SegmentSet : IDisposable
{
    /// <summary>So many neighbours of like size become one.</summary>
    private const int Fan = 8;

    /// <summary>No segment is made larger by merging: 80 MiB of index.</summary>
    private const int MaxEntries = 4 << 20;

    private const string Suffix = ".seg";
    private readonly string _directory;
    private volatile IndexSegment[] _segments;

    /// <summary>Opens the segments of a directory; what is unfinished, damaged, or covered by a merged one is removed: the owner indexes those blocks again.</summary>
    /// <param name="directory">Made when absent.</param>
    /// <param name="blocks">The first block of the owner's log, and the block after its last; null where there is no log.</param>
    /// <param name="report">Told what was removed, and why.</param>
    public SegmentSet(string directory, (ulong First, ulong Next)? blocks, Action<string>? report)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
        foreach (string unfinished in Directory.GetFiles(directory, "*.tmp")) File.Delete(unfinished);
        var kept = new List<IndexSegment>();
        foreach (string path in Directory.GetFiles(directory, "*" + Suffix).Order(StringComparer.Ordinal))
        {
            IndexSegment segment;
            try
            {
                segment = IndexSegment.Open(path);
            }
            catch (StoreCorruptException damage)
            {
                report?.Invoke($"{damage.Message} It was removed.");
                File.Delete(path);
                continue;
            }

            kept.Add(segment);
        }

        // a merged segment starts where its first part starts and reaches further: it sorts after that part, and covers the others
        kept.Sort((x, y) => x.First != y.First ? x.First.CompareTo(y.First) : y.Last.CompareTo(x.Last));
        var list = new List<IndexSegment>();
        bool broken = false;
        foreach (IndexSegment segment in kept)
        {
            bool isPart = list.Count > 0 && segment.Last <= list[^1].Last;
            bool isPruned = list.Count == 0 && segment.Last < blocks?.First;
            broken |= !isPart && !isPruned && (list.Count > 0 ? segment.First != list[^1].Last + 1 : segment.First > blocks?.First);
            broken |= segment.Last >= blocks?.Next;
            if (!isPart && !isPruned && !broken) list.Add(segment);
            else Remove(segment);
        }

        _segments = [.. list];
    }

    /// <summary>In ascending order of blocks.</summary>
    public IndexSegment[] Segments => _segments;

    /// <summary>The block after the last one covered; null when there is none.</summary>
    public ulong? Next => _segments is [.., var last] ? last.Last + 1 : null;

    public long Size => _segments.Sum(segment => segment.Size);

    private static void Remove(IndexSegment segment)
    {
        File.Delete(segment.Path);
        segment.Release();
    }

    private string NameOf(ulong first, ulong last) => Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{first:D12}-{last:D12}{Suffix}"));

    /// <summary>Adds a segment after the last one.</summary>
    public void Add(ulong first, ulong last, SegmentEntry[] sorted, uint[] order)
    {
        string path = NameOf(first, last);
        SegmentWriter.Write(path, first, last, sorted, order);
        _segments = [.. _segments, IndexSegment.Open(path)];
    }

    /// <summary>Merges neighbours of like size while there are enough of them.</summary>
    /// <param name="keyOf">Reads the key of an entry; null where segments keep no order.</param>
    public void Merge(Func<SegmentEntry, byte[]>? keyOf)
    {
        while (true)
        {
            IndexSegment[] all = _segments;
            int from = all.Length;
            long entries = 0;
            while (from > 0 && all.Length - from < Fan)
            {
                IndexSegment next = all[from - 1];
                if (from < all.Length && next.Count > 4L * Math.Max(1, all[from].Count)) break; // larger by a step: merged already
                entries += next.Count;
                from--;
            }

            if (all.Length - from < Fan || entries > MaxEntries) return;
            Merge(all[from..], keyOf, from);
        }
    }

    private void Merge(IndexSegment[] parts, Func<SegmentEntry, byte[]>? keyOf, int from)
    {
        foreach (IndexSegment part in parts) part.Verify();
        (SegmentEntry[] entries, uint[] order) = SegmentMerge.Run(parts, keyOf);
        string path = NameOf(parts[0].First, parts[^1].Last);
        SegmentWriter.Write(path, parts[0].First, parts[^1].Last, entries, order);
        _segments = [.. _segments[..from], IndexSegment.Open(path)];
        foreach (IndexSegment part in parts) Remove(part);
    }

    /// <summary>Drops segments that reach above a number; the owner indexes again what they had below it.</summary>
    public void TruncateAfter(ulong number)
    {
        IndexSegment[] all = _segments;
        int keep = all.Length;
        while (keep > 0 && all[keep - 1].Last > number) keep--;
        if (keep == all.Length) return;
        _segments = all[..keep];
        for (int i = all.Length - 1; i >= keep; i--) Remove(all[i]);
        StoreFolder.Sync(_directory);
    }

    /// <summary>Drops segments that are wholly below a number.</summary>
    public void PruneBefore(ulong number)
    {
        IndexSegment[] all = _segments;
        int drop = 0;
        while (drop < all.Length && all[drop].Last < number) drop++;
        if (drop == 0) return;
        _segments = all[drop..];
        foreach (IndexSegment segment in all[..drop]) Remove(segment);
    }

    public void Dispose()
    {
        foreach (IndexSegment segment in _segments) segment.Release();
        _segments = [];
    }
}
