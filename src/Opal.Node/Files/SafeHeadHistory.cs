using Opal.Protocol;

namespace Opal.Node;

/// <summary>Safe heads by L1 block in memory alone.</summary>
/// <param name="capacity">L1 blocks remembered; the oldest are dropped.</param>
public sealed class SafeHeadHistory(int capacity = 100_000) : ISafeHeads
{
    private readonly Lock _lock = new();
    private readonly List<(BlockId L1, BlockId Safe)> _records = [];

    /// <inheritdoc/>
    public void Record(BlockId l1, BlockId safe)
    {
        lock (_lock)
        {
            while (_records.Count > 0 && _records[^1].L1.Number >= l1.Number) _records.RemoveAt(_records.Count - 1);
            _records.Add((l1, safe));
            // dropped in one sweep, so that an add costs O(1) on average
            if (_records.Count >= capacity + (capacity / 4) + 1) _records.RemoveRange(0, _records.Count - capacity);
        }
    }

    /// <inheritdoc/>
    public void ResetTo(BlockId safe)
    {
        lock (_lock)
        {
            int first = _records.FindIndex(record => record.Safe.Number >= safe.Number);
            if (first < 0) return;
            BlockId l1 = _records[first].L1;
            _records.RemoveRange(first, _records.Count - first);
            if (first > 0) _records.Add((l1, safe));
        }
    }

    /// <inheritdoc/>
    public void CutAfter(ulong l1Number)
    {
        lock (_lock)
        {
            while (_records.Count > 0 && _records[^1].L1.Number > l1Number) _records.RemoveAt(_records.Count - 1);
        }
    }

    /// <inheritdoc/>
    public bool TryGet(ulong l1Number, out BlockId l1, out BlockId safe)
    {
        lock (_lock)
        {
            int low = 0, high = _records.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (_records[middle].L1.Number <= l1Number) low = middle + 1;
                else high = middle;
            }

            (l1, safe) = low > 0 ? _records[low - 1] : default;
            return low > 0;
        }
    }
}
