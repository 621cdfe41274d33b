using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Execution;

/// <summary>
/// The blocks, their receipts and states, which of them are canonical, and the three heads. One writer at a time (<see cref="Insert"/>,
/// <see cref="TrySetHead"/>, …); readers never wait.
/// </summary>
public sealed class Blockchain
{
    private readonly Lock _writer = new();
    private readonly ConcurrentDictionary<Hash256, ExecutedBlock> _blocks = new();
    private readonly ConcurrentDictionary<ulong, ExecutedBlock> _canonical = new();
    private readonly ConcurrentDictionary<Hash256, TransactionLocation> _transactions = new();
    private readonly SideBlocks _side;
    private readonly InvalidBlocks _invalid;
    private readonly IStateStore _states;
    private readonly ILogger _logger;
    private readonly BlockchainOptions _options;
    private readonly ICodeCompiler? _compiler;
    private readonly ConcurrentBag<BlockExecutor> _executors = [];
    private volatile ChainHeads _heads;
    private ulong _oldest;                        // every canonical block from here on is kept; the genesis block always is
    private int _transactionCount;                // in the canonical blocks that are kept

    /// <summary>Opens a chain that has its genesis block only.</summary>
    /// <param name="spec">The chain's forks and constants.</param>
    /// <param name="genesis">The genesis block's header; its state <paramref name="states"/> holds already.</param>
    /// <param name="crypto">Signatures, hashes and precompiles.</param>
    /// <param name="states">The states after blocks.</param>
    /// <param name="options">Limits.</param>
    /// <param name="logger">Where reorgs and invalid blocks are told.</param>
    /// <param name="compiler">Compiles contracts that run much, for all executors; null interprets everything.</param>
    public Blockchain(
        ChainSpec spec, BlockHeader genesis, ICrypto crypto, IStateStore states, BlockchainOptions options, ILogger logger, ICodeCompiler? compiler = null)
    {
        _compiler = compiler;
        Spec = spec;
        Crypto = crypto;
        _states = states;
        _options = options;
        _logger = logger;
        _side = new SideBlocks(options.MaxSideBlocks);
        _invalid = new InvalidBlocks(options.MaxInvalidBlocks);
        Genesis = new ExecutedBlock(new Block { Header = genesis, Withdrawals = genesis.WithdrawalsRoot is null ? null : [] }, []);
        if (states.Open(Genesis.State) is null) throw new ArgumentException("the genesis state is not in the state store", nameof(states));
        _blocks[Genesis.Hash] = Genesis;
        _canonical[Genesis.Number] = Genesis;
        _heads = new ChainHeads(Genesis, null, null);
        _oldest = Genesis.Number + 1;
    }

    /// <summary>
    /// Raised after every move of the head, by the writer, before it returns. Handlers run under the writer's lock: they must be
    /// quick, and must not write to the chain.
    /// </summary>
    public event Action<ChainUpdate>? HeadChanged;

    /// <summary>The chain's forks and constants.</summary>
    public ChainSpec Spec { get; }

    /// <summary>Signatures, hashes and precompiles.</summary>
    public ICrypto Crypto { get; }

    /// <summary>Block 0.</summary>
    public ExecutedBlock Genesis { get; }

    /// <summary>The three heads, of one moment.</summary>
    public ChainHeads Heads => _heads;

    /// <summary>The unsafe head.</summary>
    public ExecutedBlock Head => _heads.Head;

    /// <summary>A block by hash, canonical or not.</summary>
    public ExecutedBlock? Find(in Hash256 hash) => _blocks.GetValueOrDefault(hash);

    /// <summary>A canonical block by number.</summary>
    public ExecutedBlock? FindCanonical(ulong number) => _canonical.GetValueOrDefault(number);

    /// <summary>Whether the block is in the canonical chain.</summary>
    public bool IsCanonical(ExecutedBlock block) => _canonical.TryGetValue(block.Number, out ExecutedBlock? at) && at.Hash == block.Hash;

    /// <summary>A transaction of a canonical block.</summary>
    public bool TryFindTransaction(in Hash256 hash, out TransactionLocation location) => _transactions.TryGetValue(hash, out location);

    /// <summary>The state after a block; null when it is older than the kept window.</summary>
    public ChainState? OpenState(ExecutedBlock block) => _states.Open(block.State) is { } view ? new ChainState(this, block, view) : null;

    /// <summary>The oldest canonical block whose state can be opened.</summary>
    public ulong OldestState => _states.OldestState;

    /// <summary>The oldest block from which on every canonical one is kept; the genesis block is kept besides.</summary>
    public ulong OldestBlock => Volatile.Read(ref _oldest) is var oldest && oldest == Genesis.Number + 1 ? Genesis.Number : oldest;

    /// <summary>Lends an executor. Executors are not thread-safe; they are kept for reuse.</summary>
    public ExecutorLease RentExecutor() => new(this, _executors.TryTake(out BlockExecutor? executor) ? executor : new BlockExecutor(Crypto, Spec) { Compiler = _compiler });

    internal void ReturnExecutor(BlockExecutor executor) => _executors.Add(executor);

    /// <summary>Executes a block and keeps it when it is valid. It does not become canonical by this.</summary>
    public InsertResult Insert(Block block)
    {
        lock (_writer)
        {
            Hash256 hash = block.Header.Hash;
            if (_blocks.TryGetValue(hash, out ExecutedBlock? known)) return new InsertResult(InsertStatus.AlreadyKnown, known);
            if (_invalid.TryGet(hash, out InvalidBlocks.Entry bad)) return new InsertResult(InsertStatus.Invalid, null, bad.Error, Find(bad.LatestValid));
            if (_invalid.TryGet(block.Header.ParentHash, out bad))
            {
                _invalid.Add(hash, new InvalidBlocks.Entry("links to a block that is invalid", bad.LatestValid));
                return new InsertResult(InsertStatus.Invalid, null, "links to a block that is invalid", Find(bad.LatestValid));
            }

            if (!_blocks.TryGetValue(block.Header.ParentHash, out ExecutedBlock? parent)) return new InsertResult(InsertStatus.UnknownParent);
            if (OpenState(parent) is not { } state) return new InsertResult(InsertStatus.ParentStateGone);

            SenderRecovery recovery = SenderRecovery.Begin(block.Transactions, Crypto);
            ExecutionResult result;
            using (ExecutorLease lease = RentExecutor()) result = lease.Executor.Execute(parent.Header, block, state);
            recovery.Stop();
            if (!result.IsValid)
            {
                string reason = result.InvalidTransaction < 0 ? result.Describe() : $"transaction {result.InvalidTransaction}: {result.Describe()}";
                _invalid.Add(hash, new InvalidBlocks.Entry(reason, parent.Hash));
                _logger.LogWarning("Block {Number} {Hash} is invalid: {Reason}", block.Header.Number, hash, reason);
                return new InsertResult(InsertStatus.Invalid, null, reason, parent);
            }

            return Store(parent, new ExecutedBlock(block, result.Receipts), result.Diff);
        }
    }

    /// <summary>Keeps a block that this process has just built on <see cref="BlockHeader.ParentHash"/>, without executing it again.</summary>
    public InsertResult InsertBuilt(BuiltBlock built)
    {
        lock (_writer)
        {
            if (_blocks.TryGetValue(built.Block.Header.Hash, out ExecutedBlock? known)) return new InsertResult(InsertStatus.AlreadyKnown, known);
            if (!_blocks.TryGetValue(built.Block.Header.ParentHash, out ExecutedBlock? parent)) return new InsertResult(InsertStatus.UnknownParent);
            if (_states.Open(parent.State) is null) return new InsertResult(InsertStatus.ParentStateGone);
            return Store(parent, new ExecutedBlock(built.Block, built.Receipts), built.Diff);
        }
    }

    private InsertResult Store(ExecutedBlock parent, ExecutedBlock block, Evm.StateDiff diff)
    {
        _states.Commit(parent.State, diff, block.State);
        _blocks[block.Hash] = block;
        foreach (Hash256 dropped in _side.Add(block)) _blocks.TryRemove(dropped, out _);
        return new InsertResult(InsertStatus.Inserted, block);
    }

    /// <summary>
    /// Makes a stored block the head of the canonical chain: extends it, switches to another branch, or moves back to an ancestor.
    /// Safe and finalized heads that are no longer canonical fall back to the common ancestor, which they descend from.
    /// </summary>
    /// <returns>False when the block, the way to it, or its state is not stored.</returns>
    public bool TrySetHead(in Hash256 hash)
    {
        lock (_writer)
        {
            if (!_blocks.TryGetValue(hash, out ExecutedBlock? next)) return false;
            ChainHeads heads = _heads;
            if (heads.Head.Hash == next.Hash) return true;
            if (_states.Open(next.State) is null)
            {
                _logger.LogError(
                    "Block {Number} {Hash} cannot become the head: its state is older than the kept window (the head is {Head})", next.Number, next.Hash, heads.Head.Number);
                return false;
            }

            List<ExecutedBlock> removed = [], added = [];
            if (FindFork(heads.Head, next, removed, added) is not { } ancestor) return false;

            foreach (ExecutedBlock block in removed)
            {
                _canonical.TryRemove(block.Number, out _);
                _transactionCount -= block.Transactions.Count;
                foreach (Transaction transaction in block.Transactions) _transactions.TryRemove(transaction.Hash, out _);
                foreach (Hash256 dropped in _side.Add(block)) _blocks.TryRemove(dropped, out _);
            }

            foreach (ExecutedBlock block in added)
            {
                _side.Remove(block);
                _canonical[block.Number] = block;
                _transactionCount += block.Transactions.Count;
                for (int i = 0; i < block.Transactions.Count; i++) _transactions[block.Transactions[i].Hash] = new TransactionLocation(block, i);
            }

            ExecutedBlock? Clamp(ExecutedBlock? head) => head is not null && head.Number > ancestor.Number && removed.Count > 0 ? ancestor : head;
            _heads = new ChainHeads(next, Clamp(heads.Safe), Clamp(heads.Finalized));
            if (removed.Count > 0)
            {
                _logger.LogInformation(
                    "Reorg: head {OldNumber} {OldHash} -> {NewNumber} {NewHash}, common ancestor {Ancestor}",
                    heads.Head.Number, heads.Head.Hash, next.Number, next.Hash, ancestor.Number);
            }

            if (next.Number > _options.SideBlockDepth)
            {
                foreach (Hash256 dropped in _side.TakeBelow(next.Number - _options.SideBlockDepth)) _blocks.TryRemove(dropped, out _);
            }

            HeadChanged?.Invoke(new ChainUpdate(heads.Head, next, removed, added));
            return true;
        }
    }

    /// <summary>
    /// The last block both branches share; null when it lies below the kept blocks. Fills the blocks above it: the old
    /// branch highest first, the new one lowest first.
    /// </summary>
    private ExecutedBlock? FindFork(ExecutedBlock oldHead, ExecutedBlock newHead, List<ExecutedBlock> removed, List<ExecutedBlock> added)
    {
        ExecutedBlock oldAt = oldHead, newAt = newHead;
        while (newAt.Hash != oldAt.Hash)
        {
            if (newAt.Number > oldAt.Number)
            {
                added.Add(newAt);
                if (Find(newAt.Header.ParentHash) is not { } parent) return null;
                newAt = parent;
            }
            else
            {
                removed.Add(oldAt);
                if (Find(oldAt.Header.ParentHash) is not { } parent) return null;
                oldAt = parent;
            }
        }

        added.Reverse();
        return newAt;
    }

    /// <summary>Names the safe head. False when the block is not in the canonical chain.</summary>
    public bool TrySetSafe(in Hash256 hash)
    {
        lock (_writer)
        {
            if (Find(hash) is not { } block || !IsCanonical(block)) return false;
            _heads = _heads with { Safe = block };
            return true;
        }
    }

    /// <summary>Names the finalized head. False when the block is not in the canonical chain.</summary>
    public bool TrySetFinalized(in Hash256 hash)
    {
        lock (_writer)
        {
            if (Find(hash) is not { } block || !IsCanonical(block)) return false;
            _heads = _heads with { Finalized = block };
            DropOld(block);
            return true;
        }
    }

    /// <summary>Drops the oldest canonical blocks while there are more blocks or transactions than to keep, but none that is not below the finalized one.</summary>
    private void DropOld(ExecutedBlock finalized)
    {
        ulong keptBlocks = _options.KeptBlocks == 0 ? ulong.MaxValue : _options.KeptBlocks;
        int keptTransactions = _options.KeptTransactions == 0 ? int.MaxValue : _options.KeptTransactions;
        for (; _oldest < finalized.Number && (Head.Number - _oldest > keptBlocks || _transactionCount > keptTransactions); _oldest++)
        {
            if (!_canonical.TryRemove(_oldest, out ExecutedBlock? block)) continue;
            _blocks.TryRemove(block.Hash, out _);
            foreach (Transaction transaction in block.Transactions) _transactions.TryRemove(transaction.Hash, out _);
            _transactionCount -= block.Transactions.Count;
        }
    }

    /// <summary>Whether the block was found invalid, or descends from one that was; with the nearest valid ancestor.</summary>
    public bool IsInvalid(in Hash256 hash, out string error, out ExecutedBlock? latestValid)
    {
        lock (_writer)
        {
            bool found = _invalid.TryGet(hash, out InvalidBlocks.Entry entry);
            (error, latestValid) = found ? (entry.Error, Find(entry.LatestValid)) : ("", null);
            return found;
        }
    }
}
