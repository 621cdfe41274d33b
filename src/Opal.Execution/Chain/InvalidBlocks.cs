using System.Diagnostics.CodeAnalysis;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Blocks found invalid, so that their descendants are refused at once. Bounded. Used under the chain's writer lock.</summary>
internal sealed class InvalidBlocks(int limit)
{
    /// <param name="Error">Which rule was broken.</param>
    /// <param name="LatestValid">The nearest valid ancestor.</param>
    public readonly record struct Entry(string Error, Hash256 LatestValid);

    private readonly Dictionary<Hash256, Entry> _entries = [];
    private readonly Queue<Hash256> _order = new();

    public void Add(in Hash256 hash, Entry entry)
    {
        if (!_entries.TryAdd(hash, entry)) return;
        _order.Enqueue(hash);
        if (_order.Count > limit) _entries.Remove(_order.Dequeue());
    }

    public bool TryGet(in Hash256 hash, [MaybeNullWhen(false)] out Entry entry) => _entries.TryGetValue(hash, out entry);
}
