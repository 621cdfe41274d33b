using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Prepared code by hash, bounded. Two generations: when the young one is full it becomes the old one, and what is used moves back.</summary>
internal sealed class CodeCache
{
    private const int MaxBytesPerGeneration = 16 << 20;

    private Dictionary<Hash256, Bytecode> _young = [];
    private Dictionary<Hash256, Bytecode> _old = [];
    private int _youngBytes;

    /// <summary>Looks up code.</summary>
    public Bytecode? Find(in Hash256 hash)
    {
        if (_young.TryGetValue(hash, out Bytecode? code)) return code;
        if (!_old.Remove(hash, out code)) return null;
        Add(hash, code);
        return code;
    }

    /// <summary>Keeps code for a while.</summary>
    public void Add(in Hash256 hash, Bytecode code)
    {
        code.Hash = hash;
        _young[hash] = code;
        _youngBytes += code.Length + 256;
        if (_youngBytes < MaxBytesPerGeneration) return;
        (_young, _old) = (_old, _young);
        _young.Clear();
        _youngBytes = 0;
    }
}
