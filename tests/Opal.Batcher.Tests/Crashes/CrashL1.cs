using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>An L1 with a pool, blocks and reorgs, and one account on it.</summary>
internal sealed class CrashL1(Random random)
{
    public sealed record Block(L1BlockRef Ref, IReadOnlyList<PoolTransaction> Transactions);

    private readonly List<Block> _chain = [new Block(new L1BlockRef(HashOf(0), 0, default, 1_000_000), [])];
    private readonly SortedDictionary<ulong, PoolTransaction> _pool = [];
    private ulong _made;

    public IReadOnlyList<Block> Chain => _chain;

    public L1BlockRef Head => _chain[^1].Ref;

    /// <summary>How often a transaction came to the pool.</summary>
    public int Published { get; private set; }

    /// <summary>The account's nonce on the canonical chain.</summary>
    public ulong Nonce => (ulong)_chain.Sum(static b => b.Transactions.Count);

    /// <summary>The account's nonce with what the pool holds.</summary>
    public ulong PendingNonce
    {
        get
        {
            ulong nonce = Nonce;
            while (_pool.ContainsKey(nonce)) nonce++;
            return nonce;
        }
    }

    private static Hash256 HashOf(ulong made) => Hash256.FromUInt256(new UInt256(made, 1, 7, 7));

    /// <summary>Puts a transaction into the pool, in place of the one with its nonce. False: the nonce is used.</summary>
    public bool Publish(PoolTransaction transaction)
    {
        if (transaction.Nonce < Nonce) return false;
        Published++;
        _pool[transaction.Nonce] = transaction;
        return true;
    }

    public bool HasInPool(ulong nonce) => _pool.ContainsKey(nonce);

    public bool HasInPool(Hash256 hash) => _pool.Values.Any(t => t.Hash == hash);

    /// <summary>One more block with what may be mined; sometimes only some of it.</summary>
    public void Mine(double share = 1)
    {
        var taken = new List<PoolTransaction>();
        ulong nonce = Nonce;
        while (_pool.Remove(nonce + (ulong)taken.Count, out PoolTransaction? next))
        {
            if (random.NextDouble() > share)
            {
                _pool[next.Nonce] = next;
                break;
            }

            taken.Add(next);
        }

        _chain.Add(new Block(new L1BlockRef(HashOf(++_made), Head.Number + 1, Head.Hash, Head.Timestamp + 12), taken));
    }

    /// <summary>Takes the newest blocks back; their transactions go back to the pool, or are lost.</summary>
    public void Reorg(int depth, double loss)
    {
        for (; depth > 0 && _chain.Count > 1; depth--)
        {
            foreach (PoolTransaction transaction in _chain[^1].Transactions)
            {
                if (random.NextDouble() >= loss) _pool.TryAdd(transaction.Nonce, transaction);
            }

            _chain.RemoveAt(_chain.Count - 1);
        }
    }

    /// <summary>Another program takes the account's next nonce, whatever has it in the pool.</summary>
    public void StealNonce() => _pool[Nonce] = new PoolTransaction(Hash256.FromUInt256(new UInt256(Nonce, 3, ++_made, 3)), Nonce, []);

    /// <summary>Loses what is in the pool.</summary>
    public void DropPool() => _pool.Clear();

    public L1Inclusion? Find(Hash256 hash)
    {
        foreach (Block block in _chain)
        {
            for (int i = 0; i < block.Transactions.Count; i++)
            {
                if (block.Transactions[i].Hash == hash) return new L1Inclusion(hash, block.Ref.Id, (ulong)i);
            }
        }

        return null;
    }
}
