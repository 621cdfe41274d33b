using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Node;

/// <summary>
/// The last blocks that the sequencer has made, by parent. An engine that restarts with an older head has lost some of them; others may have seen them, so that they are
/// given to it again: making others in their place would be to say two things of one height.
/// </summary>
/// <param name="maxBlocks">Blocks kept at most.</param>
/// <param name="maxBytes">Bytes of transactions kept at most.</param>
internal sealed class MadeBlocks(int maxBlocks = 4096, long maxBytes = 128 << 20)
{
    private readonly Dictionary<Hash256, (PayloadEnvelope Payload, long Bytes)> _byParent = [];
    private readonly Queue<(Hash256 Parent, Hash256 Block)> _order = [];
    private long _bytes;

    /// <summary>Remembers a block; the one made on the same parent before gives way.</summary>
    public void Add(PayloadEnvelope payload)
    {
        Hash256 parent = payload.Payload.ParentHash;
        if (_byParent.TryGetValue(parent, out var known) && known.Payload.Payload.BlockHash == payload.Payload.BlockHash) return;
        Remove(parent);
        long bytes = payload.Payload.Transactions.Sum(static transaction => (long)transaction.Length);
        _byParent[parent] = (payload, bytes);
        _order.Enqueue((parent, payload.Payload.BlockHash));
        _bytes += bytes;
        while (_byParent.Count > maxBlocks || _bytes > maxBytes || _order.Count > 2 * maxBlocks)
        {
            (Hash256 oldest, Hash256 block) = _order.Dequeue();
            if (_byParent.TryGetValue(oldest, out var entry) && entry.Payload.Payload.BlockHash == block) Remove(oldest);
        }
    }

    /// <summary>The block made on a parent; null when there is none.</summary>
    public PayloadEnvelope? On(Hash256 parent) => _byParent.TryGetValue(parent, out var entry) ? entry.Payload : null;

    /// <summary>Forgets the block made on a parent: it does not hold any more.</summary>
    public void Remove(Hash256 parent)
    {
        if (_byParent.Remove(parent, out var entry)) _bytes -= entry.Bytes;
    }
}
