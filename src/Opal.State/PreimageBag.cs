using Opal.Primitives;
using Opal.Trie;

namespace Opal.State;

/// <summary>Byte strings found by their keccak256: trie nodes, code, headers.</summary>
/// <remarks>It computes every key itself, so whatever it answers is what was asked for. Not for use by a writer beside readers.</remarks>
public sealed class PreimageBag : INodeReader
{
    private readonly Dictionary<Hash256, ReadOnlyMemory<byte>> _preimages = [];

    /// <summary>The number of pre-images.</summary>
    public int Count => _preimages.Count;

    /// <summary>Adds a pre-image, which must not change afterwards.</summary>
    /// <returns>Its keccak256.</returns>
    public Hash256 Add(ReadOnlyMemory<byte> preimage)
    {
        Hash256 hash = Keccak256.Hash(preimage.Span);
        _preimages[hash] = preimage;
        return hash;
    }

    /// <inheritdoc/>
    public bool TryRead(in Hash256 hash, out ReadOnlyMemory<byte> rlp) => _preimages.TryGetValue(hash, out rlp);
}
