using System.Diagnostics.CodeAnalysis;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Blocks found invalid, so that their descendants are refused at once. Bounded. Used under the chain's writer lock.</summary>
internal sealed class InvalidBlocks(int limit)
{
    /// <param name="Error">Which rule was broken.</param>
    /// <param name="LatestValid">The nearest valid ancestor.</param>
    public readonly record struct Entry(string Error, Hash256 LatestValid);

    private readonly Dictionary<Hash256, Entry> _entries = [];
    private readonly Queue<Hash256> _order = new();
    private readonly Queue<Block> _blocks = new();

    private const int KeptBlocks = 10;

    public void Add(in Hash256 hash, Entry entry)
    {
        if (!_entries.TryAdd(hash, entry)) return;
        _order.Enqueue(hash);
        if (_order.Count > limit) _entries.Remove(_order.Dequeue());
    }

    /// <summary>Keeps the block itself, while it is among the last ten.</summary>
    public void Keep(Block block)
    {
        _blocks.Enqueue(block);
        if (_blocks.Count > KeptBlocks) _blocks.Dequeue();
    }

    /// <summary>The last invalid blocks, newest first.</summary>
    public Block[] Blocks => [.. _blocks.Reverse()];

    public bool TryGet(in Hash256 hash, [MaybeNullWhen(false)] out Entry entry) => _entries.TryGetValue(hash, out entry);
}
