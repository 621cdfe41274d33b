using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// Remembers which L2 block was safe after which L1 block, so that a finalized L1 block can be turned into a finalized L2 block.
/// Bounded: old records are dropped, and finality then lags but never errs.
/// </summary>
/// <remarks>Spec: protocol/derivation.md#engine-queue ("a short history of references to recently processed safe L2 blocks").</remarks>
/// <param name="capacity">L1 blocks remembered.</param>
public sealed class FinalityTracker(int capacity = 129)
{
    private readonly List<(L1BlockRef Inclusion, L2BlockRef Safe)> _records = [];
    private L1BlockRef _finalizedL1;
    private bool _hasFinalizedL1;

    /// <summary>The newest finality signal; null before the first.</summary>
    public L1BlockRef? FinalizedL1 => _hasFinalizedL1 ? _finalizedL1 : null;

    /// <summary>L1 blocks remembered now.</summary>
    public int Count => _records.Count;

    /// <summary>The L2 block became safe through data read up to and including the L1 block.</summary>
    public void Record(L1BlockRef inclusion, L2BlockRef safe)
    {
        if (_records.Count > 0)
        {
            (L1BlockRef last, L2BlockRef lastSafe) = _records[^1];
            if (last.Hash == inclusion.Hash)
            {
                if (safe.Number >= lastSafe.Number) _records[^1] = (inclusion, safe);
                return;
            }

            // A lower height after a higher one is another chain: the driver resets before that, but a stale record must never survive.
            while (_records.Count > 0 && _records[^1].Inclusion.Number >= inclusion.Number) _records.RemoveAt(_records.Count - 1);
        }

        _records.Add((inclusion, safe));
        if (_records.Count > capacity) _records.RemoveAt(0);
    }

    /// <summary>L1 finalized a block. An older signal than the newest is ignored: false.</summary>
    public bool Signal(L1BlockRef finalizedL1)
    {
        if (_hasFinalizedL1 && finalizedL1.Number < _finalizedL1.Number) return false;
        _finalizedL1 = finalizedL1;
        _hasFinalizedL1 = true;
        return true;
    }

    /// <summary>
    /// The newest record whose L1 block is at or below the finalized one and whose L2 block is above <paramref name="finalized"/>.
    /// The caller still has to check that the record's L1 block is canonical.
    /// </summary>
    public bool TryFind(L2BlockRef finalized, out L1BlockRef inclusion, out L2BlockRef safe)
    {
        for (int i = _records.Count - 1; _hasFinalizedL1 && i >= 0; i--)
        {
            (inclusion, safe) = _records[i];
            if (inclusion.Number > _finalizedL1.Number) continue;
            return safe.Number > finalized.Number;
        }

        (inclusion, safe) = (default, default);
        return false;
    }

    /// <summary>Forgets the records (a reset); the finality signal stays.</summary>
    public void Clear() => _records.Clear();
}
