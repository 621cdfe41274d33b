using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Flat;

/// <summary>One state as flat leaves and branch records, from which roots and proofs are made.</summary>
/// <remarks>A trie is named by the hashed address of the account whose storage it is; <see cref="Hash256.Zero"/> names the account trie.</remarks>
internal interface IFlatState
{
    /// <summary>The root of the account trie.</summary>
    Hash256 Root { get; }

    /// <summary>Looks up an entry of a trie; false when it is not there.</summary>
    /// <param name="owner">The trie.</param>
    /// <param name="table">Leaves by their key, or branch records by <see cref="TriePath.WriteKey"/>.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">Valid until the next call.</param>
    bool TryGet(scoped in Hash256 owner, Table table, scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);

    /// <summary>The first leaf at or below a path; false when there is none. The value is valid until the next call.</summary>
    bool TrySeekLeaf(scoped in Hash256 owner, scoped in TriePath path, out Hash256 key, out ReadOnlySpan<byte> value);
}
