using Opal.Primitives;

namespace Opal.Execution;

/// <summary>The blocks used last, by hash, up to a number and a size. Thread-safe.</summary>
internal sealed class BlockCache(int maxBlocks, long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Hash256, LinkedListNode<Entry>> _byHash = [];
    private readonly LinkedList<Entry> _order = new(); // the one used last is first
    private long _bytes;

    private readonly record struct Entry(ExecutedBlock Block, int Size);

    /// <summary>A block, if it is here.</summary>
    public ExecutedBlock? Find(in Hash256 hash)
    {
        lock (_lock)
        {
            if (!_byHash.TryGetValue(hash, out LinkedListNode<Entry>? node)) return null;
            if (!ReferenceEquals(_order.First, node))
            {
                _order.Remove(node);
                _order.AddFirst(node);
            }

            return node.Value.Block;
        }
    }

    /// <summary>Keeps a block; those not used for longest make room.</summary>
    /// <param name="block">The block.</param>
    /// <param name="size">Its size in bytes, as encoded.</param>
    /// <returns>The block, or the same one that was here already.</returns>
    public ExecutedBlock Add(ExecutedBlock block, int size)
    {
        lock (_lock)
        {
            if (_byHash.TryGetValue(block.Hash, out LinkedListNode<Entry>? known)) return known.Value.Block;
            _byHash.Add(block.Hash, _order.AddFirst(new Entry(block, size)));
            _bytes += size;
            while (_order.Count > 1 && (_order.Count > maxBlocks || _bytes > maxBytes))
            {
                Entry oldest = _order.Last!.Value;
                _order.RemoveLast();
                _byHash.Remove(oldest.Block.Hash);
                _bytes -= oldest.Size;
            }

            return block;
        }
    }
}
