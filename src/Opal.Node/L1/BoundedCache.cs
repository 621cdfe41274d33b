namespace Opal.Node;

/// <summary>A map that forgets the oldest entry when full. Not safe for concurrent use.</summary>
internal sealed class BoundedCache<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> _entries = [];
    private readonly Queue<TKey> _order = new();

    public int Count => _entries.Count;

    public bool TryGet(TKey key, out TValue? value) => _entries.TryGetValue(key, out value);

    public void Set(TKey key, TValue value)
    {
        if (_entries.TryAdd(key, value)) _order.Enqueue(key);
        else _entries[key] = value;
        while (_entries.Count > capacity && _order.TryDequeue(out TKey? oldest)) _entries.Remove(oldest);
    }
}
