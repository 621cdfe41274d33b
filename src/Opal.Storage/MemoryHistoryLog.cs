using System.Runtime.InteropServices;

namespace Opal.Storage;

/// <summary>The history in memory, for tests and ephemeral networks.</summary>
public sealed class MemoryHistoryLog : IHistoryLog
{
    private readonly record struct Change(ulong Block, byte[] OldValue);

    private sealed record Block(byte[] Label, HistoryEntry[] Entries);

    private readonly Lock _gate = new();
    private readonly List<Block> _blocks = [];
    private readonly Dictionary<byte[], List<Change>> _changes = new(ByteKeys.Comparer);
    private ulong _first;

    /// <inheritdoc/>
    public ulong First
    {
        get
        {
            lock (_gate) return _first;
        }
    }

    /// <inheritdoc/>
    public ulong Next
    {
        get
        {
            lock (_gate) return _first + (ulong)_blocks.Count;
        }
    }

    /// <inheritdoc/>
    public long Size
    {
        get
        {
            lock (_gate) return _blocks.Sum(b => b.Label.Length + b.Entries.Sum(e => (long)e.Key.Length + e.OldValue.Length));
        }
    }

    /// <inheritdoc/>
    public void Append(ulong number, ReadOnlySpan<byte> label, ReadOnlySpan<HistoryEntry> entries)
    {
        HistoryRules.Check(label, entries);
        lock (_gate)
        {
            if (_blocks.Count == 0) _first = number;
            else HistoryRules.CheckNext(number, _first + (ulong)_blocks.Count);
            var copy = new HistoryEntry[entries.Length];
            for (int i = 0; i < copy.Length; i++)
            {
                byte[] key = entries[i].Key.ToArray(), value = entries[i].OldValue.ToArray();
                copy[i] = new HistoryEntry(key, value);
                ref List<Change>? changes = ref CollectionsMarshal.GetValueRefOrAddDefault(_changes, key, out _);
                (changes ??= []).Add(new Change(number, value));
            }

            _blocks.Add(new Block(label.ToArray(), copy));
        }
    }

    /// <inheritdoc/>
    public void Sync()
    {
    }

    /// <inheritdoc/>
    public bool TryFind(ReadOnlySpan<byte> key, ulong after, ulong upTo, out ReadOnlyMemory<byte> oldValue)
    {
        oldValue = default;
        if (after >= upTo) return false;
        lock (_gate)
        {
            HistoryRules.CheckKept(after, upTo, _first, _first + (ulong)_blocks.Count);
            if (!_changes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out List<Change>? changes)) return false;
            int low = 0, high = changes.Count;
            while (low < high)
            {
                int middle = (low + high) >> 1;
                if (changes[middle].Block <= after) low = middle + 1;
                else high = middle;
            }

            if (low == changes.Count || changes[low].Block > upTo) return false;
            oldValue = changes[low].OldValue;
            return true;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<ReadOnlyMemory<byte>> KeysBetween(ReadOnlyMemory<byte> lowest, ReadOnlyMemory<byte> highest, ulong after, ulong upTo)
    {
        if (after >= upTo) return [];
        var keys = new SortedSet<ReadOnlyMemory<byte>>(HistoryRules.KeyOrder);
        lock (_gate)
        {
            HistoryRules.CheckKept(after, upTo, _first, _first + (ulong)_blocks.Count);
            for (ulong number = after + 1; number <= upTo; number++)
            {
                HistoryEntry[] entries = _blocks[(int)(number - _first)].Entries;
                int low = 0, high = entries.Length;
                while (low < high)
                {
                    int middle = (low + high) >> 1;
                    if (entries[middle].Key.Span.SequenceCompareTo(lowest.Span) < 0) low = middle + 1;
                    else high = middle;
                }

                for (; low < entries.Length && entries[low].Key.Span.SequenceCompareTo(highest.Span) <= 0; low++) keys.Add(entries[low].Key);
            }
        }

        return keys;
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Label(ulong number) => At(number).Label;

    /// <inheritdoc/>
    public IEnumerable<HistoryEntry> ReadBlock(ulong number) => At(number).Entries;

    private Block At(ulong number)
    {
        lock (_gate)
        {
            return number >= _first && number - _first < (ulong)_blocks.Count ? _blocks[(int)(number - _first)] : throw HistoryRules.NotKept(number, _first, _first + (ulong)_blocks.Count);
        }
    }

    /// <inheritdoc/>
    public void TruncateAfter(ulong number)
    {
        lock (_gate)
        {
            while (_blocks.Count > 0 && _first + (ulong)_blocks.Count - 1 > number)
            {
                foreach (HistoryEntry entry in _blocks[^1].Entries) Changes(entry).RemoveAt(Changes(entry).Count - 1);
                _blocks.RemoveAt(_blocks.Count - 1);
            }

            if (_blocks.Count == 0) Clear();
        }
    }

    /// <inheritdoc/>
    public void PruneBefore(ulong number)
    {
        lock (_gate)
        {
            if (number <= _first || _blocks.Count == 0) return;
            int count = (int)Math.Min(number - _first, (ulong)_blocks.Count - 1); // the newest stays, as it does in files
            for (int i = 0; i < count; i++)
            {
                foreach (HistoryEntry entry in _blocks[i].Entries) Changes(entry).RemoveAt(0);
            }

            _blocks.RemoveRange(0, count);
            _first += (ulong)count;
        }
    }

    private List<Change> Changes(in HistoryEntry entry) => _changes.GetAlternateLookup<ReadOnlySpan<byte>>()[entry.Key.Span];

    private void Clear()
    {
        _changes.Clear();
        _first = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
