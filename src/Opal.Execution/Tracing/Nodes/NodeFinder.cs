using Opal.Primitives;
using Opal.State;
using Opal.Trie;

namespace Opal.Execution;

/// <summary>
/// Trie nodes by hash, from a store that keeps them by path. A state root is found in the headers; a node that was answered tells where its children are, and an
/// account's leaf where its storage begins: so whoever walks down from the root of a kept state, as a fault proof does, finds every node.
/// </summary>
internal sealed class NodeFinder(Blockchain chain)
{
    private const int Capacity = 512 * 1024;

    /// <summary>The time that one question may spend on reading headers.</summary>
    private static readonly TimeSpan RootSearch = TimeSpan.FromSeconds(2);

    private readonly Lazy<NodePlaces> _places = new(static () => new NodePlaces(Capacity));
    private readonly StateRootIndex _roots = new(chain);

    /// <summary>A node whose parent was answered before.</summary>
    public bool TryFind(in Hash256 hash, out byte[] node)
    {
        node = [];
        return _places.Value.TryGet(hash, out NodePlace place) && TryRead(hash, place, out node);
    }

    /// <summary>The root of a canonical block's state.</summary>
    public bool TryFindRoot(in Hash256 hash, out byte[] node)
    {
        node = [];
        return _roots.TryFind(hash, RootSearch, out Hash256 block) && TryRead(hash, new NodePlace(block, Hash256.Zero, default), out node);
    }

    private bool TryRead(in Hash256 hash, in NodePlace place, out byte[] node)
    {
        node = [];
        if (chain.Find(place.Block) is not { } block || chain.OpenState(block) is not { } state) return false;
        List<byte[]> way = [];
        try
        {
            if (!state.View.TryProve(place.Owner, place.Path.Digits, way)) return false;
        }
        catch (MissingStateException)
        {
            return false; // the state went meanwhile
        }

        for (int i = way.Count - 1; i >= 0; i--)
        {
            if (Keccak256.Hash(way[i]) != hash) continue;
            node = way[i];
            Remember(place, node);
            return true;
        }

        return false;
    }

    private void Remember(in NodePlace place, byte[] node)
    {
        if (!RlpReader.TryOpenList(node, out RlpReader items)) return;
        Span<Hash256?> hashes = stackalloc Hash256?[17];
        int count = 0;
        for (RlpReader rest = items; !rest.AtEnd && count < 17; count++)
        {
            bool isList = rest.NextIsList;
            if (!rest.TryReadRaw(out ReadOnlySpan<byte> item)) return;
            hashes[count] = !isList && item.Length == 1 + Hash256.Size ? new Hash256(item[1..]) : null;
        }

        if (count == 17)
        {
            _places.Value.AddChildren(place, hashes[..16]);
            return;
        }

        if (!items.TryReadBytes(out ReadOnlySpan<byte> compact) || compact.IsEmpty) return;
        Hash256 digits = place.Path.Digits;
        int length = place.Path.Length;
        if ((compact[0] & 0x10) != 0) digits = digits.WithDigit(length++, compact[0] & 15);
        foreach (byte two in compact[1..])
        {
            digits = digits.WithDigit(length++, two >> 4);
            digits = digits.WithDigit(length++, two & 15);
        }

        bool isLeaf = (compact[0] & 0x20) != 0;
        if (!isLeaf && hashes[1] is { } child) _places.Value.Add(child, place with { Path = new TriePath(digits, length) });
        if (isLeaf && place.Owner.IsZero && items.TryReadBytes(out ReadOnlySpan<byte> value) && StateAccount.TryDecode(value, out StateAccount account) && account.StorageRoot != Hash256.EmptyTrie)
        {
            _places.Value.Add(account.StorageRoot, new NodePlace(place.Block, digits, default));
        }
    }
}
