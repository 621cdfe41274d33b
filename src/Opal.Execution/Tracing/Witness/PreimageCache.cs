using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Byte strings by their keccak256: what the witnesses made lately hold. Bounded; the oldest make room. Thread-safe.</summary>
internal sealed class PreimageCache(long maxBytes = PreimageCache.DefaultBytes)
{
    public const long DefaultBytes = 64L * 1024 * 1024;

    private const int EntryBytes = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<Hash256, byte[]> _entries = [];
    private readonly Queue<Hash256> _order = new();
    private readonly HashSet<Hash256> _blocks = [];
    private long _bytes;

    public bool TryGet(in Hash256 hash, out byte[] value)
    {
        lock (_lock)
        {
            bool found = _entries.TryGetValue(hash, out byte[]? held);
            value = held ?? [];
            return found;
        }
    }

    /// <summary>Whether this block's witness was added.</summary>
    public bool Knows(in Hash256 block)
    {
        lock (_lock) return _blocks.Contains(block);
    }

    public void Add(in Hash256 block, BlockWitness witness)
    {
        lock (_lock)
        {
            if (_blocks.Count > 4096) _blocks.Clear();
            _blocks.Add(block);
            foreach ((Hash256 hash, byte[] node) in witness.Nodes) Add(hash, node);
            foreach ((Hash256 hash, byte[] code) in witness.Codes) Add(hash, code);
            foreach (byte[] header in witness.Headers) Add(Keccak256.Hash(header), header);
            foreach (byte[] key in witness.Keys) Add(Keccak256.Hash(key), key);
        }
    }

    private void Add(in Hash256 hash, byte[] value)
    {
        if (!_entries.TryAdd(hash, value)) return;
        _order.Enqueue(hash);
        _bytes += value.Length + EntryBytes;
        while (_bytes > maxBytes && _order.TryDequeue(out Hash256 oldest))
        {
            if (_entries.Remove(oldest, out byte[]? dropped)) _bytes -= dropped.Length + EntryBytes;
            _blocks.Clear(); // no block's witness is whole any more for certain
        }
    }
}
