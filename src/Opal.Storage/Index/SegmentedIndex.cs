using System.Globalization;

namespace Opal.Storage;

/// <summary>The index at a moment: parts of adjacent ranges of blocks, oldest first.</summary>
/// <param name="Parts">Segments, then runs in memory.</param>
/// <param name="First">The first block that is kept; the first part may begin before.</param>
/// <param name="Next">The block after the last.</param>
/// <param name="Cuts">How often blocks were dropped: who read beside that reads again.</param>
internal sealed record IndexState(IndexPart[] Parts, ulong First, ulong Next, int Cuts)
{
    public static readonly IndexState Empty = new([], 0, 0, 0);

    /// <summary>The part that a block is in.</summary>
    public int PartOf(ulong block)
    {
        int low = 0, high = Parts.Length - 1;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (Parts[middle].Last < block) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}

/// <summary>
/// Index parts of a growing number of blocks: new blocks are runs in memory that join as they grow; when they hold enough they become a segment; eight segments
/// of a size become one, in the background. One writer; readers take <see cref="State"/>.
/// </summary>
internal sealed class SegmentedIndex : IDisposable
{
    private const int Fan = 8;
    private const long LargestMerge = 1L << 26; // entries

    private readonly string _folder;
    private readonly ulong _hashCheck;
    private readonly int _sealAt;
    private readonly Action<string>? _report;
    private readonly Lock _gate = new(); // around changes of the state
    private volatile IndexState _state = IndexState.Empty;
    private volatile bool _stop;
    private Task _merging = Task.CompletedTask;

    public SegmentedIndex(string folder, SipHash hash, int sealAt, Action<string>? report)
    {
        _folder = folder;
        _hashCheck = hash.Compute(new byte[8]);
        _sealAt = sealAt;
        _report = report;
    }

    public IndexState State => _state;

    public long Size => _state.Parts.Sum(p => p is SegmentFile segment ? segment.FileSize : 0);

    /// <summary>The segments that are there and good, oldest first, none within another. Others are removed, and said so.</summary>
    public List<SegmentFile> OpenSegments()
    {
        foreach (string left in Directory.EnumerateFiles(_folder, "*.seg.tmp")) File.Delete(left);
        List<SegmentFile> segments = [];
        foreach (string path in Directory.EnumerateFiles(_folder, "*.seg").Order().ToArray())
        {
            if (SegmentFile.TryOpen(path, _hashCheck) is { } segment && path == PathOf(segment.First, segment.Last)) segments.Add(segment);
            else Discard(path, "it is damaged");
        }

        segments.Sort((x, y) => x.First != y.First ? x.First.CompareTo(y.First) : y.Last.CompareTo(x.Last));
        List<SegmentFile> kept = [];
        foreach (SegmentFile segment in segments)
        {
            if (kept.Count == 0 || segment.First > kept[^1].Last) kept.Add(segment);
            else File.Delete(segment.Path); // merged into the one before, or cut, when the process ended
        }

        return kept;
    }

    /// <summary>Removes a segment that is of no use.</summary>
    public void Discard(string path, string why)
    {
        _report?.Invoke($"{path}: {why}; it is made again from the log");
        File.Delete(path);
    }

    /// <summary>Begins with some parts.</summary>
    public void Start(IEnumerable<IndexPart> parts, ulong first)
    {
        IndexPart[] all = [.. parts];
        lock (_gate) _state = all.Length == 0 ? IndexState.Empty : new IndexState(all, first, all[^1].Last + 1, 0);
    }

    /// <summary>Adds the next part, and seals the runs when they hold enough.</summary>
    /// <param name="run">Its range begins at the next block.</param>
    /// <param name="stamp">For the segment, if there will be one.</param>
    /// <returns>Whether it was sealed; where that fails it is tried again at the next block.</returns>
    public bool Push(IndexRun run, uint stamp)
    {
        lock (_gate)
        {
            List<IndexPart> parts = [.. _state.Parts];
            IndexRun last = run;
            while (parts.Count > 0 && parts[^1] is IndexRun before && (before.Entries.Count < 2 * last.Entries.Count || last.Entries.Count == 0))
            {
                last = before.Join(last);
                parts.RemoveAt(parts.Count - 1);
            }

            parts.Add(last);
            _state = _state with { Parts = [.. parts], Next = run.Last + 1, First = _state.Parts.Length == 0 ? run.First : _state.First };
            if (parts.Sum(p => p is IndexRun ? p.Entries.Count : 0) < _sealAt) return false;
        }

        try
        {
            Seal(stamp);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _report?.Invoke($"{_folder}: the index could not be written, it stays in memory and is tried again: {error.Message}");
            return false;
        }
    }

    /// <summary>Makes the runs in memory a segment.</summary>
    public void Seal(uint stamp)
    {
        IndexPart[] runs = Array.FindAll(_state.Parts, p => p is IndexRun);
        if (runs.Length == 0) return;
        Swap(runs, Write(runs, stamp));
        if (_merging.IsCompleted) _merging = Task.Run(MergeAll);
    }

    /// <summary>Writes the segment of some adjacent parts.</summary>
    public SegmentFile Write(IndexPart[] parts, uint stamp) => TryWrite(parts, stamp, () => false)!;

    private SegmentFile? TryWrite(IndexPart[] parts, uint stamp, Func<bool> stop)
    {
        string path = PathOf(parts[0].First, parts[^1].Last);
        return SegmentWriter.TryWrite(path, _hashCheck, stamp, parts, stop)
            ? SegmentFile.TryOpen(path, _hashCheck) ?? throw new StoreCorruptException($"{path}: what was just written reads back otherwise; the disk or the memory is bad")
            : null;
    }

    // one part in the place of some adjacent ones
    private void Swap(IndexPart[] old, IndexPart now)
    {
        lock (_gate)
        {
            int at = Array.IndexOf(_state.Parts, old[0]);
            _state = _state with { Parts = [.. _state.Parts[..at], now, .. _state.Parts[(at + old.Length)..]] };
        }
    }

    private string PathOf(ulong first, ulong last) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{first:d12}-{last:d12}.seg"));

    // ---- merging ----

    private void MergeAll()
    {
        try
        {
            while (!_stop && FindMerge(_state.Parts) is { } old)
            {
                if (TryWrite(old, ((SegmentFile)old[^1]).Stamp, () => _stop) is not { } merged) return;
                Swap(old, merged);
                foreach (IndexPart part in old) File.Delete(((SegmentFile)part).Path);
            }
        }
        catch (Exception error) when (error is IOException or StoreCorruptException or UnauthorizedAccessException)
        {
            _report?.Invoke($"{_folder}: index segments could not be merged, searches stay a little slower: {error.Message}"); // nothing is lost; tried again after the next seal
        }
    }

    // eight adjacent segments of about a size, the smallest size first
    private IndexPart[]? FindMerge(IndexPart[] parts)
    {
        for (int level = 0; ; level++)
        {
            bool any = false;
            int count = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                int its = parts[i] is SegmentFile ? LevelOf(parts[i].Entries.Count) : -1;
                any |= its >= level;
                count = its == level ? count + 1 : 0;
                if (count == Fan) return parts[(i + 1 - Fan)..(i + 1)];
            }

            if (!any) return null;
        }
    }

    private int LevelOf(long entries)
    {
        int level = 0;
        for (long size = _sealAt; entries >= size * Fan / 2; size *= Fan) level++;
        return entries * Fan > Math.Max(LargestMerge, (long)_sealAt * Fan * Fan) ? -1 : level; // the largest stay as they are
    }

    private void StopMerging()
    {
        _stop = true;
        _merging.Wait();
        _stop = false;
    }

    // ---- dropping blocks ----

    /// <summary>Drops all blocks above one. Durable when it returns.</summary>
    /// <param name="block">Below all kept: nothing stays.</param>
    /// <param name="stamp">The stamp of that block.</param>
    public void TruncateAfter(ulong block, uint stamp)
    {
        StopMerging();
        IndexState state = _state;
        if (state.Parts.Length == 0 || block + 1 >= state.Next) return;
        List<IndexPart> parts = [.. state.Parts];
        List<string> gone = [];
        while (parts.Count > 0 && parts[^1].Last > block)
        {
            IndexPart part = parts[^1];
            parts.RemoveAt(parts.Count - 1);
            if (part is SegmentFile segment) gone.Add(segment.Path);
            if (part.First > block || block < state.First) continue;
            parts.Add(part is IndexRun run ? run.CutAfter(block) : Write([Shorten(part, block)], stamp));
        }

        if (parts.Count > 0 && block < state.First)
        {
            gone.AddRange(parts.OfType<SegmentFile>().Select(s => s.Path));
            parts.Clear();
        }

        lock (_gate) _state = parts.Count == 0 ? IndexState.Empty with { Cuts = state.Cuts + 1 } : state with { Parts = [.. parts], Next = block + 1, Cuts = state.Cuts + 1 };
        Remove(gone);
    }

    private static IndexRun Shorten(IndexPart part, ulong block)
    {
        var addresses = part.HasAddresses ? new FrameAddress[block - part.First + 1] : null;
        for (int i = 0; i < addresses?.Length; i++) addresses[i] = part.AddressOf(part.First + (ulong)i);
        return new IndexRun(part.First, part.Last, IndexMerge.Entries([part]), IndexMerge.Keys([part]), addresses).CutAfter(block);
    }

    /// <summary>Notes that blocks below one are gone, and drops the parts that have no others.</summary>
    public void DropBefore(ulong first)
    {
        StopMerging();
        List<string> gone = [];
        lock (_gate)
        {
            IndexState state = _state;
            int count = 0;
            while (count < state.Parts.Length && state.Parts[count].Last < first) count++;
            gone.AddRange(state.Parts[..count].OfType<SegmentFile>().Select(s => s.Path));
            _state = state with { Parts = state.Parts[count..], First = Math.Max(first, state.First), Cuts = state.Cuts + 1 };
        }

        Remove(gone);
    }

    private void Remove(List<string> paths)
    {
        if (paths.Count == 0) return;
        foreach (string path in paths) File.Delete(path);
        StoreFolder.Sync(_folder);
    }

    public void Dispose() => StopMerging();
}
