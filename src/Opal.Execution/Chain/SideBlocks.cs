using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Stored blocks that are not canonical, by number, so that old ones can be dropped. Used under the chain's writer lock.</summary>
internal sealed class SideBlocks(int limit)
{
    private readonly SortedDictionary<ulong, List<Hash256>> _byNumber = [];
    private int _count;

    /// <summary>Notes a block; answers the hashes to drop to stay within the limit.</summary>
    public IReadOnlyList<Hash256> Add(ExecutedBlock block) => Add(block.Number, block.Hash);

    /// <summary>Notes a block; answers the hashes to drop to stay within the limit.</summary>
    public IReadOnlyList<Hash256> Add(ulong number, in Hash256 hash)
    {
        if (!_byNumber.TryGetValue(number, out List<Hash256>? at)) _byNumber[number] = at = [];
        at.Add(hash);
        _count++;
        if (_count <= limit) return [];
        // never the block just added: its parent would be lost to it
        ulong lowest = _byNumber.Keys.First();
        return lowest < number ? Take(lowest) : [];
    }

    /// <summary>Forgets a block that became canonical.</summary>
    public void Remove(ExecutedBlock block) => Remove(block.Number, block.Hash);

    /// <summary>Forgets a block that became canonical.</summary>
    public void Remove(ulong number, in Hash256 hash)
    {
        if (!_byNumber.TryGetValue(number, out List<Hash256>? at) || !at.Remove(hash)) return;
        _count--;
        if (at.Count == 0) _byNumber.Remove(number);
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Hash256> All => _byNumber.Values.SelectMany(static hashes => hashes);

    /// <summary>Forgets, and answers, all blocks with a lower number.</summary>
    public IReadOnlyList<Hash256> TakeBelow(ulong number)
    {
        List<Hash256>? taken = null;
        while (_byNumber.Count > 0)
        {
            ulong lowest = _byNumber.Keys.First();
            if (lowest >= number) break;
            (taken ??= []).AddRange(Take(lowest));
        }

        return taken ?? [];
    }

    private List<Hash256> Take(ulong number)
    {
        _byNumber.Remove(number, out List<Hash256>? at);
        _count -= at!.Count;
        return at;
    }
}
