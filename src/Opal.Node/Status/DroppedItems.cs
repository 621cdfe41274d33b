namespace Opal.Node;

/// <summary>Remembers the last things that derivation did not use. Safe for concurrent use.</summary>
public sealed class DroppedItems
{
    private const int Kept = 16;

    private readonly Lock _lock = new();
    private readonly Queue<DroppedItem> _items = new();

    /// <summary>Something was not used.</summary>
    public void Add(in DroppedItem item)
    {
        lock (_lock)
        {
            _items.Enqueue(item);
            if (_items.Count > Kept) _items.Dequeue();
        }
    }

    /// <summary>The last ones, newest first.</summary>
    public IReadOnlyList<DroppedItem> Newest()
    {
        lock (_lock) return [.. _items.Reverse()];
    }
}
