using Opal.Primitives;

namespace Opal.Trie;

/// <summary>Where a trie finds the nodes that it knows only by their hash: a store, a witness, a proof.</summary>
public interface INodeReader
{
    /// <summary>Reads the encoding whose keccak256 is <paramref name="hash"/>. The reader vouches for the hash; the trie does not check it again.</summary>
    /// <returns>False when the node is not there.</returns>
    bool TryRead(in Hash256 hash, out ReadOnlyMemory<byte> rlp);
}
