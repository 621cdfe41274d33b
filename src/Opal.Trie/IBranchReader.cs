using Opal.Primitives;

namespace Opal.Trie;

/// <summary>What <see cref="BranchTrie"/> reads: branch records by path, and leaves from the flat state.</summary>
/// <remarks>A trie is named by the hashed address of the account whose storage it is; <see cref="Hash256.Zero"/> names the account trie.</remarks>
public interface IBranchReader
{
    /// <summary>The record at a path. What it answers is copied before the next call.</summary>
    bool TryReadBranch(in Hash256 owner, in TriePath path, out ReadOnlySpan<byte> record);

    /// <summary>The first leaf in the order of keys at or below a path.</summary>
    /// <param name="owner">The trie.</param>
    /// <param name="path">Where to look.</param>
    /// <param name="key">The leaf's key.</param>
    /// <param name="value">Takes the leaf's value as the trie has it; <see cref="BranchTrie.MaxLeafValue"/> bytes.</param>
    /// <returns>The size of the value; -1 when there is no leaf.</returns>
    int ReadLeaf(in Hash256 owner, in TriePath path, out Hash256 key, Span<byte> value);
}
