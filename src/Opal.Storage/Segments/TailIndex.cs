using System.Runtime.InteropServices;

namespace Opal.Storage;

/// <summary>The index of the newest blocks, in memory, until it is large enough for a segment. Used under its owner's lock.</summary>
internal sealed class TailIndex
{
    private const int None = -1;
    private readonly List<SegmentEntry> _entries = [];
    private readonly List<int> _older = [];
    private readonly Dictionary<ulong, int> _newest = [];

    public int Count => _entries.Count;

    public void Add(in SegmentEntry entry)
    {
        ref int newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, entry.Fingerprint, out bool known);
        _older.Add(known ? newest : None);
        newest = _entries.Count;
        _entries.Add(entry);
    }

    /// <summary>The entries with a fingerprint, newest first.</summary>
    public void Find(ulong fingerprint, List<SegmentEntry> found)
    {
        if (!_newest.TryGetValue(fingerprint, out int at)) return;
        for (; at != None; at = _older[at]) found.Add(_entries[at]);
    }

    /// <summary>The oldest entry with a fingerprint in a block of (after, upTo]; null when there is none.</summary>
    public SegmentEntry? FindOldest(ulong fingerprint, ulong after, ulong upTo)
    {
        SegmentEntry? oldest = null;
        if (!_newest.TryGetValue(fingerprint, out int at)) return oldest;
        for (; at != None && _entries[at].Block > after; at = _older[at])
        {
            if (_entries[at].Block <= upTo) oldest = _entries[at];
        }

        return oldest;
    }

    public SegmentEntry[] ToSorted()
    {
        SegmentEntry[] sorted = [.. _entries];
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>Drops the entries of blocks above a number.</summary>
    public void TruncateAfter(ulong number)
    {
        for (int i = _entries.Count - 1; i >= 0 && _entries[i].Block > number; i--)
        {
            if (_older[i] == None) _newest.Remove(_entries[i].Fingerprint);
            else _newest[_entries[i].Fingerprint] = _older[i];
            _entries.RemoveAt(i);
            _older.RemoveAt(i);
        }
    }

    public void Clear()
    {
        _entries.Clear();
        _older.Clear();
        _newest.Clear();
    }
}
