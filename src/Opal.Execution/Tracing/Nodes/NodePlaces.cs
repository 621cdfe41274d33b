using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.Execution;

/// <summary>Where a trie node can be made again.</summary>
/// <param name="Block">The hash of the block in whose state it is.</param>
/// <param name="Owner">The trie: the hashed address of an account, or zero for the account trie.</param>
/// <param name="Path">The digits on the way to it.</param>
internal readonly record struct NodePlace(Hash256 Block, Hash256 Owner, TriePath Path)
{
    /// <summary>The place of a branch's child.</summary>
    public NodePlace Child(int digit) => this with { Path = new TriePath(Path.Digits.WithDigit(Path.Length, digit), Path.Length + 1) };
}

/// <summary>
/// Remembers where nodes are, by their hashes: those that the nodes answered before have named. Some 30 bytes for each; those not asked for longest are forgotten.
/// What it says may be outdated, or another hash's with the same first half: the node made from it must be hashed. Thread-safe.
/// </summary>
/// <param name="capacity">How many places are kept at least, once there are so many; twice that at most.</param>
internal sealed class NodePlaces(int capacity)
{
    private const int ItselfDigit = 16, DigitBits = 5;

    private readonly Lock _lock = new();

    /// <summary>Places of branches and others, in a ring: a child is told by its branch's number and its digit.</summary>
    private readonly NodePlace[] _sites = new NodePlace[Math.Max(1, capacity / 4)];
    private Dictionary<ulong, ulong> _young = [], _old = [];
    private ulong _next;

    private static ulong FirstHalf(in Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        hash.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>Where a node may be.</summary>
    public bool TryGet(in Hash256 hash, out NodePlace place)
    {
        place = default;
        ulong key = FirstHalf(hash);
        lock (_lock)
        {
            if (!_young.TryGetValue(key, out ulong site))
            {
                if (!_old.TryGetValue(key, out site)) return false;
                Put(key, site);
            }

            ulong number = site >> DigitBits;
            if (_next - number > (ulong)_sites.Length) return false; // its place in the ring went to another
            place = _sites[number % (ulong)_sites.Length];
            int digit = (int)(site & ((1 << DigitBits) - 1));
            if (digit != ItselfDigit) place = place.Child(digit);
            return true;
        }
    }

    /// <summary>Remembers a node.</summary>
    public void Add(in Hash256 hash, in NodePlace place)
    {
        lock (_lock) Put(FirstHalf(hash), (Take(place) << DigitBits) | ItselfDigit);
    }

    /// <summary>Remembers the children of a branch.</summary>
    /// <param name="place">Where the branch is.</param>
    /// <param name="children">Their hashes by digit; null for those that have none.</param>
    public void AddChildren(in NodePlace place, ReadOnlySpan<Hash256?> children)
    {
        lock (_lock)
        {
            ulong site = Take(place) << DigitBits;
            for (int digit = 0; digit < children.Length; digit++)
            {
                if (children[digit] is { } child) Put(FirstHalf(child), site | (uint)digit);
            }
        }
    }

    private ulong Take(in NodePlace place)
    {
        _sites[_next % (ulong)_sites.Length] = place;
        return _next++;
    }

    private void Put(ulong key, ulong site)
    {
        _young[key] = site;
        if (_young.Count < capacity) return;
        (_old, _young) = (_young, _old);
        _young.Clear();
    }
}
