using Opal.Derivation;

namespace Opal.Node;

/// <summary>Derivation snapshots of the last L1 blocks, so that a restart or an L1 reorg goes on where it can. For one user at a time: the driver's loop.</summary>
/// <param name="capacity">L1 blocks remembered.</param>
public sealed class SnapshotHistory(int capacity = 128)
{
    private readonly List<DerivationSnapshot> _items = []; // by L1 number

    /// <summary>Told of each snapshot that is kept; null when nobody writes them down.</summary>
    public Action<DerivationSnapshot>? Recorded { get; set; }

    /// <summary>The snapshots, oldest first.</summary>
    public IReadOnlyList<DerivationSnapshot> Items => _items;

    /// <summary>Keeps a snapshot; those of its L1 block and of later ones go, for they are of another chain.</summary>
    public void Record(DerivationSnapshot snapshot)
    {
        Cut(snapshot.Origin.Number);
        _items.Add(snapshot);
        if (_items.Count > capacity) _items.RemoveAt(0);
        Recorded?.Invoke(snapshot);
    }

    /// <summary>Takes the snapshots of an earlier run, oldest first.</summary>
    public void Load(IEnumerable<DerivationSnapshot> snapshots)
    {
        _items.Clear();
        _items.AddRange(snapshots.OrderBy(static snapshot => snapshot.Origin.Number).TakeLast(capacity));
    }

    /// <summary>Removes the snapshots of an L1 height and of later ones.</summary>
    public void Cut(ulong from)
    {
        while (_items.Count > 0 && _items[^1].Origin.Number >= from) _items.RemoveAt(_items.Count - 1);
    }
}
