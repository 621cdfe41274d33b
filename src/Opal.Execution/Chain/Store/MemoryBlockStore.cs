using System.Collections.Concurrent;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Blocks in memory. Old ones go when there are more than <see cref="BlockchainOptions.KeptBlocks"/> or <see cref="BlockchainOptions.KeptTransactions"/>.</summary>
public sealed class MemoryBlockStore(BlockchainOptions options) : IBlockStore
{
    private readonly ConcurrentDictionary<Hash256, ExecutedBlock> _blocks = new();
    private readonly ConcurrentDictionary<ulong, ExecutedBlock> _canonical = new();
    private readonly ConcurrentDictionary<Hash256, TransactionLocation> _transactions = new();
    private readonly SideBlocks _side = new(options.MaxSideBlocks);
    private ulong _first;                         // the genesis block's number
    private ulong _oldest;                        // every canonical block from here on is kept; the genesis block always is
    private int _transactionCount;                // in the canonical blocks that are kept

    /// <inheritdoc/>
    public bool IsDurable => false;

    /// <inheritdoc/>
    public ulong OldestBlock => Volatile.Read(ref _oldest) is var oldest && oldest == _first + 1 ? _first : oldest;

    /// <inheritdoc/>
    public ChainHeads Open(ExecutedBlock genesis)
    {
        _blocks[genesis.Hash] = genesis;
        _canonical[genesis.Number] = genesis;
        _first = genesis.Number;
        _oldest = genesis.Number + 1;
        return new ChainHeads(genesis, null, null);
    }

    /// <inheritdoc/>
    public ExecutedBlock? Find(in Hash256 hash) => _blocks.GetValueOrDefault(hash);

    /// <inheritdoc/>
    public BlockHeader? FindHeader(in Hash256 hash) => Find(hash)?.Header;

    /// <inheritdoc/>
    public bool TryGetParent(in Hash256 hash, out Hash256 parent)
    {
        bool found = _blocks.TryGetValue(hash, out ExecutedBlock? block);
        parent = found ? block!.Header.ParentHash : default;
        return found;
    }

    /// <inheritdoc/>
    public ExecutedBlock? FindCanonical(ulong number) => _canonical.GetValueOrDefault(number);

    /// <inheritdoc/>
    public BlockHeader? FindCanonicalHeader(ulong number) => FindCanonical(number)?.Header;

    /// <inheritdoc/>
    public bool TryGetCanonicalHash(ulong number, out Hash256 hash)
    {
        bool found = _canonical.TryGetValue(number, out ExecutedBlock? block);
        hash = found ? block!.Hash : default;
        return found;
    }

    /// <inheritdoc/>
    public bool TryFindTransaction(in Hash256 hash, out TransactionLocation location) => _transactions.TryGetValue(hash, out location);

    /// <inheritdoc/>
    public IEnumerable<ulong> BlocksThatMayMatch(ulong from, ulong to, LogCriteria criteria)
    {
        for (ulong number = from; number <= to; number++)
        {
            if (!_canonical.TryGetValue(number, out ExecutedBlock? block)) yield break;
            if (criteria.MayMatch(block.Header.LogsBloom)) yield return number;
        }
    }

    /// <inheritdoc/>
    public void Add(ExecutedBlock block, bool sync)
    {
        _blocks[block.Hash] = block;
        Forget(_side.Add(block));
    }

    /// <inheritdoc/>
    public void Sync()
    {
        // nothing outlives the process
    }

    /// <inheritdoc/>
    public void MoveHead(ChainHeads heads, IReadOnlyList<ExecutedBlock> removed, IReadOnlyList<ExecutedBlock> added)
    {
        foreach (ExecutedBlock block in removed)
        {
            _canonical.TryRemove(block.Number, out _);
            _transactionCount -= block.Transactions.Count;
            foreach (Transaction transaction in block.Transactions) _transactions.TryRemove(transaction.Hash, out _);
            Forget(_side.Add(block));
        }

        foreach (ExecutedBlock block in added)
        {
            _side.Remove(block);
            _canonical[block.Number] = block;
            _transactionCount += block.Transactions.Count;
            for (int i = 0; i < block.Transactions.Count; i++) _transactions[block.Transactions[i].Hash] = new TransactionLocation(block, i);
        }

        if (heads.Head.Number > options.SideBlockDepth) Forget(_side.TakeBelow(heads.Head.Number - options.SideBlockDepth));
    }

    private void Forget(IReadOnlyList<Hash256> hashes)
    {
        foreach (Hash256 hash in hashes) _blocks.TryRemove(hash, out _);
    }

    /// <summary>Drops the oldest canonical blocks while there are more blocks or transactions than to keep, but none that is not below the finalized one.</summary>
    public void WriteHeads(ChainHeads heads)
    {
        if (heads.Finalized is not { } finalized) return;
        ulong keptBlocks = options.KeptBlocks == 0 ? ulong.MaxValue : options.KeptBlocks;
        int keptTransactions = options.KeptTransactions == 0 ? int.MaxValue : options.KeptTransactions;
        for (; _oldest < finalized.Number && (heads.Head.Number - _oldest > keptBlocks || _transactionCount > keptTransactions); _oldest++)
        {
            if (!_canonical.TryRemove(_oldest, out ExecutedBlock? block)) continue;
            _blocks.TryRemove(block.Hash, out _);
            foreach (Transaction transaction in block.Transactions) _transactions.TryRemove(transaction.Hash, out _);
            _transactionCount -= block.Transactions.Count;
        }
    }

    /// <inheritdoc/>
    public void Checkpoint()
    {
        // as above
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // as above
    }
}
