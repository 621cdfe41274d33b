using System.Collections.Concurrent;
using Opal.Primitives;
using Opal.Storage;

namespace Opal.State.Durable;

/// <summary>Code by its hash: that of layers, what was read lately, and the table.</summary>
internal sealed class CodeStore(IKeyValueStore store, StateSchema schema, long cacheBudget)
{
    private readonly ConcurrentDictionary<Hash256, byte[]> _recent = [];
    private readonly Lock _gate = new();
    private readonly Dictionary<Hash256, int> _layerUses = [];
    private readonly ConcurrentDictionary<Hash256, byte[]> _ofLayers = [];
    private long _recentBytes;

    /// <summary>A layer came.</summary>
    public void Add(Layer layer)
    {
        lock (_gate)
        {
            foreach ((Hash256 hash, byte[] code) in layer.Codes)
            {
                _layerUses[hash] = _layerUses.GetValueOrDefault(hash) + 1;
                _ofLayers[hash] = code;
            }
        }
    }

    /// <summary>A layer went; if its block was flushed, after its code is in the table.</summary>
    public void Remove(Layer layer)
    {
        lock (_gate)
        {
            foreach ((Hash256 hash, _) in layer.Codes)
            {
                int uses = _layerUses[hash] - 1;
                if (uses > 0)
                {
                    _layerUses[hash] = uses;
                    continue;
                }

                _layerUses.Remove(hash);
                _ofLayers.TryRemove(hash, out _);
            }
        }
    }

    public bool TryGet(in Hash256 hash, out byte[] code)
    {
        if (_ofLayers.TryGetValue(hash, out code!) || _recent.TryGetValue(hash, out code!)) return true;
        Span<byte> key = stackalloc byte[Hash256.Size];
        hash.CopyTo(key);
        using (ISnapshot snapshot = store.OpenSnapshot())
        {
            if (!snapshot.TryGet(schema.Code, key, out ReadOnlySpan<byte> bytes)) return false;
            code = bytes.ToArray();
        }

        if (Keccak256.Hash(code) != hash) throw new StoreCorruptException($"table code, key {hash}: the code is damaged; stop the node and restore the data directory, or remove the state directory to build it again");
        if (Interlocked.Add(ref _recentBytes, code.Length) > cacheBudget)
        {
            _recent.Clear(); // rare, and it fills again with what is in use
            Interlocked.Exchange(ref _recentBytes, code.Length);
        }

        _recent[hash] = code;
        return true;
    }
}
