using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>What blob transactions of the latest L1 blocks paid their builders. Blocks are read once and kept while they are recent.</summary>
internal sealed class BlobTips
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Hash256, Seen> _seen = [];

    private sealed record Seen(ulong Number, Hash256 Parent, UInt256[] Tips);

    /// <summary>The tip at a percentile of those paid in the blocks up to a head, wei; null when there was no blob transaction.</summary>
    /// <param name="client">Where blocks are read that are not known yet.</param>
    /// <param name="head">The newest block.</param>
    /// <param name="range">How many blocks.</param>
    /// <param name="percentile">1 to 100.</param>
    /// <param name="cancellation">Gives up; what was read is kept.</param>
    public async Task<UInt256?> SuggestAsync(EthClient client, BlockHeader head, int range, int percentile, CancellationToken cancellation)
    {
        var tips = new List<UInt256>();
        Hash256 at = head.Hash;
        for (int i = 0; i < range; i++)
        {
            if (!TryGetSeen(at, out Seen? block))
            {
                if (await client.FindBlockAsync(BlockParameter.At(at), cancellation) is not { } read) break; // a reorg: what was read will do
                block = new Seen(read.Header.Number, read.Header.ParentHash, TipsOf(read));
                lock (_gate) _seen[at] = block;
            }

            tips.AddRange(block!.Tips);
            if (block.Number == 0) break;
            at = block.Parent;
        }

        Forget(head.Number, (ulong)range);
        if (tips.Count == 0) return null;
        tips.Sort();
        return tips[(tips.Count - 1) * percentile / 100];
    }

    private bool TryGetSeen(in Hash256 hash, out Seen? block)
    {
        lock (_gate) return _seen.TryGetValue(hash, out block);
    }

    private void Forget(ulong head, ulong range)
    {
        lock (_gate)
        {
            foreach (Hash256 old in _seen.Where(entry => entry.Value.Number + (2 * range) < head).Select(static entry => entry.Key).ToList()) _seen.Remove(old);
        }
    }

    private static UInt256[] TipsOf(Block block)
    {
        UInt256 baseFee = block.Header.BaseFeePerGas ?? UInt256.Zero;
        return [.. block.Transactions.Where(static t => t.Type == TransactionType.Blob).Select(t => t.EffectiveGasPrice(baseFee)).Select(price => price > baseFee ? price - baseFee : UInt256.Zero)];
    }
}
