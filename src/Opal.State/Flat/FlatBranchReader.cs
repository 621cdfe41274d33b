using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Flat;

/// <summary>Reads a state as the trie code wants it: records by path, leaves in the trie's own encoding.</summary>
internal sealed class FlatBranchReader(IFlatState state) : IBranchReader
{
    public bool TryReadBranch(in Hash256 owner, in TriePath path, out ReadOnlySpan<byte> record)
    {
        Span<byte> key = stackalloc byte[TriePath.MaxKeySize];
        return state.TryGet(owner, Table.Branches, key[..path.WriteKey(key)], out record);
    }

    public int ReadLeaf(in Hash256 owner, in TriePath path, out Hash256 key, Span<byte> value)
    {
        if (!state.TrySeekLeaf(owner, path, out key, out ReadOnlySpan<byte> flat)) return -1;
        return owner.IsZero ? FlatAccount.WriteLeaf(value, flat) : FlatAccount.WriteNumber(value, flat);
    }
}
