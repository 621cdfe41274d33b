using Opal.Protocol;

namespace Opal.Node;

/// <summary>The safe head after each L1 block, for optimism_safeHeadAtL1Block: one record per L1 block, the last one wins. Safe for concurrent readers.</summary>
/// <param name="capacity">L1 blocks remembered; the oldest are dropped.</param>
public sealed class SafeHeadHistory(int capacity = 100_000)
{
    private readonly Lock _lock = new();
    private readonly List<(BlockId L1, BlockId Safe)> _records = [];

    /// <summary>The L2 block was safe once the L1 block had been read.</summary>
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

    /// <summary>
    /// Derivation starts over from a safe head. Records at or above the first that made it (or a later block) safe are removed; that one is rewritten
    /// to the safe head when an older record exists, since what lies before it is then known to be complete.
    /// </summary>
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

    /// <summary>The newest record at or before an L1 height; false when there is none.</summary>
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
