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
/// <remarks>
/// On a durable <see cref="IBlockStore"/> a block is on disk before <see cref="Insert"/> says that it was inserted, and so are the safe and finalized
/// heads before they are named. The states of the newest blocks are not: after a restart they are made again by executing those blocks.
/// </remarks>
public sealed partial class Blockchain : IDisposable
{
    private readonly Lock _writer = new();
    private readonly IBlockStore _blocks;
    private readonly StorageGuard _guard;
    private readonly InvalidBlocks _invalid;
    private readonly IStateStore _states;
    private readonly ILogger _logger;
    private readonly ICodeCompiler? _compiler;
    private readonly ConcurrentBag<BlockExecutor> _executors = [];
    private volatile ChainHeads _heads;
    private bool _disposed;

    /// <summary>Opens a chain: one in memory has its genesis block only, one on disk goes on where it was.</summary>
    /// <param name="spec">The chain's forks and constants.</param>
    /// <param name="genesis">The genesis block's header; its state <paramref name="states"/> holds already, unless the chain has later ones.</param>
    /// <param name="crypto">Signatures, hashes and precompiles.</param>
    /// <param name="states">The states after blocks.</param>
    /// <param name="options">Limits.</param>
    /// <param name="logger">Where reorgs and invalid blocks are told.</param>
    /// <param name="compiler">Compiles contracts that run much, for all executors; null interprets everything.</param>
    /// <param name="blocks">Where the blocks are kept, which the chain disposes; null keeps them in memory.</param>
    /// <param name="guard">Stops the chain when the disk fails; null watches nothing.</param>
    /// <exception cref="ChainDatabaseException">The states on disk do not belong to the blocks, and cannot be brought back to them.</exception>
    public Blockchain(
        ChainSpec spec, BlockHeader genesis, ICrypto crypto, IStateStore states, BlockchainOptions options, ILogger logger, ICodeCompiler? compiler = null,
        IBlockStore? blocks = null, StorageGuard? guard = null)
    {
        _compiler = compiler;
        Spec = spec;
        Crypto = crypto;
        _states = states;
        _logger = logger;
        _invalid = new InvalidBlocks(options.MaxInvalidBlocks);
        _blocks = blocks ?? new MemoryBlockStore(options);
        _guard = guard ?? new StorageGuard(null, 0, logger);
        Genesis = new ExecutedBlock(new Block { Header = genesis, Withdrawals = genesis.WithdrawalsRoot is null ? null : [] }, []);
        _heads = _blocks.Open(Genesis);
        if (_heads.Head.Equals(Genesis) && states.Open(Genesis.State) is null) throw new ArgumentException("the genesis state is not in the state store", nameof(states));
        if (_blocks.IsDurable) Recover();
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

    /// <summary>Ends when the disk failed and the chain takes no more blocks, with the reason.</summary>
    public Task<StorageUnavailableException> Failed => _guard.Failed;

    /// <summary>The oldest canonical block whose state can be opened.</summary>
    public ulong OldestState => _states.OldestState;

    /// <summary>The oldest block from which on every canonical one is kept; the genesis block is kept besides.</summary>
    public ulong OldestBlock => _blocks.OldestBlock;

    /// <summary>A block by hash, canonical or not.</summary>
    public ExecutedBlock? Find(in Hash256 hash) => _blocks.Find(hash);

    /// <summary>A block's header by hash; cheaper than the block.</summary>
    public BlockHeader? FindHeader(in Hash256 hash) => _blocks.FindHeader(hash);

    /// <summary>A canonical block by number.</summary>
    public ExecutedBlock? FindCanonical(ulong number) => _blocks.FindCanonical(number);

    /// <summary>A canonical block's header by number; cheaper than the block.</summary>
    public BlockHeader? FindCanonicalHeader(ulong number) => _blocks.FindCanonicalHeader(number);

    /// <summary>The hash of a canonical block; cheaper than its header.</summary>
    public bool TryGetCanonicalHash(ulong number, out Hash256 hash) => _blocks.TryGetCanonicalHash(number, out hash);

    /// <summary>Whether the block is in the canonical chain.</summary>
    public bool IsCanonical(ExecutedBlock block) => _blocks.TryGetCanonicalHash(block.Number, out Hash256 hash) && hash == block.Hash;

    /// <summary>A transaction of a canonical block.</summary>
    public bool TryFindTransaction(in Hash256 hash, out TransactionLocation location) => _blocks.TryFindTransaction(hash, out location);

    /// <summary>The canonical blocks of a range, both bounds included, that may hold such logs, ascending; all that do are among them.</summary>
    public IEnumerable<ulong> BlocksThatMayMatch(ulong from, ulong to, LogCriteria criteria) => _blocks.BlocksThatMayMatch(from, to, criteria);

    /// <summary>The parent's hash of a block that is here.</summary>
    internal bool TryGetParent(in Hash256 hash, out Hash256 parent)
    {
        if (_blocks.TryGetParent(hash, out parent)) return true;
        BlockHeader? header = _blocks.FindHeader(hash);
        parent = header?.ParentHash ?? default;
        return header is not null;
    }

    /// <summary>The state after a block; null when it is older than the kept window.</summary>
    public ChainState? OpenState(ExecutedBlock block) => _states.Open(block.State) is { } view ? new ChainState(this, block, view) : null;

    /// <summary>Lends an executor. Executors are not thread-safe; they are kept for reuse.</summary>
    public ExecutorLease RentExecutor() => new(this, _executors.TryTake(out BlockExecutor? executor) ? executor : new BlockExecutor(Crypto, Spec) { Compiler = _compiler });

    internal void ReturnExecutor(BlockExecutor executor) => _executors.Add(executor);

    /// <summary>Executes a block and keeps it when it is valid. It does not become canonical by this.</summary>
    /// <param name="block">The block.</param>
    /// <param name="sync">Whether it must be durable when this returns; false while many blocks are imported, whose author still has them.</param>
    /// <exception cref="StorageUnavailableException">The disk failed; nothing was kept.</exception>
    public InsertResult Insert(Block block, bool sync = true)
    {
        lock (_writer)
        {
            Hash256 hash = block.Header.Hash;
            if (Find(hash) is { } known) return new InsertResult(InsertStatus.AlreadyKnown, known);
            if (_invalid.TryGet(hash, out InvalidBlocks.Entry bad)) return new InsertResult(InsertStatus.Invalid, null, bad.Error, Find(bad.LatestValid));
            if (_invalid.TryGet(block.Header.ParentHash, out bad))
            {
                _invalid.Add(hash, new InvalidBlocks.Entry("links to a block that is invalid", bad.LatestValid));
                return new InsertResult(InsertStatus.Invalid, null, "links to a block that is invalid", Find(bad.LatestValid));
            }

            if (Find(block.Header.ParentHash) is not { } parent) return new InsertResult(InsertStatus.UnknownParent);
            if (OpenState(parent) is not { } state) return new InsertResult(InsertStatus.ParentStateGone);
            _guard.RequireWritable();

            ExecutionResult result = Execute(parent, block, state);
            if (!result.IsValid)
            {
                string reason = Describe(result);
                _invalid.Add(hash, new InvalidBlocks.Entry(reason, parent.Hash));
                _invalid.Keep(block);
                _logger.LogWarning("Block {Number} {Hash} is invalid: {Reason}", block.Header.Number, hash, reason);
                return new InsertResult(InsertStatus.Invalid, null, reason, parent);
            }

            return Store(parent, new ExecutedBlock(block, result.Receipts), result.Diff, sync);
        }
    }

    private static string Describe(ExecutionResult result) =>
        result.InvalidTransaction < 0 ? result.Describe() : $"transaction {result.InvalidTransaction}: {result.Describe()}";

    private ExecutionResult Execute(ExecutedBlock parent, Block block, ChainState state)
    {
        SenderRecovery recovery = SenderRecovery.Begin(block.Transactions, Crypto);
        using ExecutorLease lease = RentExecutor();
        ExecutionResult result = lease.Executor.Execute(parent.Header, block, state);
        recovery.Stop();
        return result;
    }

    /// <summary>Keeps a block that this process has just built on <see cref="BlockHeader.ParentHash"/>, without executing it again.</summary>
    /// <exception cref="StorageUnavailableException">The disk failed; nothing was kept.</exception>
    public InsertResult InsertBuilt(BuiltBlock built)
    {
        lock (_writer)
        {
            if (Find(built.Block.Header.Hash) is { } known) return new InsertResult(InsertStatus.AlreadyKnown, known);
            if (Find(built.Block.Header.ParentHash) is not { } parent) return new InsertResult(InsertStatus.UnknownParent);
            if (_states.Open(parent.State) is null) return new InsertResult(InsertStatus.ParentStateGone);
            _guard.RequireWritable();
            return Store(parent, new ExecutedBlock(built.Block, built.Receipts), built.Diff, sync: true);
        }
    }

    private InsertResult Store(ExecutedBlock parent, ExecutedBlock block, StateDiff diff, bool sync)
    {
        try
        {
            _states.Commit(parent.State, diff, block.State);
            _blocks.Add(block, sync);
            return new InsertResult(InsertStatus.Inserted, block);
        }
        catch (Exception error) when (StorageGuard.IsStorageFault(error))
        {
            throw _guard.Fail(error);
        }
    }

    /// <summary>
    /// Makes a stored block the head of the canonical chain: extends it, switches to another branch, or moves back to an ancestor.
    /// Safe and finalized heads that are no longer canonical fall back to the common ancestor, which they descend from.
    /// </summary>
    /// <returns>False when the block, the way to it, or its state is not stored.</returns>
    /// <exception cref="StorageUnavailableException">The disk failed.</exception>
    public bool TrySetHead(in Hash256 hash)
    {
        lock (_writer)
        {
            if (Find(hash) is not { } next) return false;
            ChainHeads heads = _heads;
            if (heads.Head.Hash == next.Hash) return true;
            List<ExecutedBlock> removed = [], added = [];
            if (FindFork(heads.Head, next, removed, added) is not { } ancestor) return false;
            _guard.RequireWritable();
            try
            {
                if (!TryBringStateTo(ancestor, added) || _states.Open(next.State) is null)
                {
                    _logger.LogError(
                        "Block {Number} {Hash} cannot become the head: its state is older than the kept window (the head is {Head})", next.Number, next.Hash, heads.Head.Number);
                    return false;
                }

                ExecutedBlock? Clamp(ExecutedBlock? head) => head is not null && head.Number > ancestor.Number && removed.Count > 0 ? ancestor : head;
                var moved = new ChainHeads(next, Clamp(heads.Safe), Clamp(heads.Finalized));
                _blocks.MoveHead(moved, removed, added);
                _heads = moved;
                TellStates(removed, added);
            }
            catch (Exception error) when (StorageGuard.IsStorageFault(error))
            {
                throw _guard.Fail(error);
            }

            if (removed.Count > 0)
            {
                _logger.LogInformation(
                    "Reorg: head {OldNumber} {OldHash} -> {NewNumber} {NewHash}, common ancestor {Ancestor}",
                    heads.Head.Number, heads.Head.Hash, next.Number, next.Hash, ancestor.Number);
            }

            HeadChanged?.Invoke(new ChainUpdate(heads.Head, next, removed, added));
            return true;
        }
    }

    /// <summary>Moves the head back to a canonical block (<c>debug_setHead</c>). Blocks above it stay known, and may become canonical again.</summary>
    /// <returns>False when there is no such block at or below the head, or its state cannot be had any more.</returns>
    /// <exception cref="StorageUnavailableException">The disk failed.</exception>
    public bool TryRewindHead(ulong number) => FindCanonical(number) is { } block && TrySetHead(block.Hash);

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
    /// <exception cref="StorageUnavailableException">The disk failed.</exception>
    public bool TrySetSafe(in Hash256 hash)
    {
        lock (_writer)
        {
            if (Find(hash) is not { } block || !IsCanonical(block)) return false;
            Write(_heads with { Safe = block });
            return true;
        }
    }

    /// <summary>Names the finalized head. False when the block is not in the canonical chain.</summary>
    /// <exception cref="StorageUnavailableException">The disk failed.</exception>
    public bool TrySetFinalized(in Hash256 hash)
    {
        lock (_writer)
        {
            if (Find(hash) is not { } block || !IsCanonical(block)) return false;
            Write(_heads with { Finalized = block });
            return true;
        }
    }

    private void Write(ChainHeads heads)
    {
        try
        {
            if (_blocks.IsDurable && heads != _heads) _guard.RequireWritable();
            _blocks.WriteHeads(heads);
            _heads = heads;
        }
        catch (Exception error) when (StorageGuard.IsStorageFault(error))
        {
            throw _guard.Fail(error);
        }
    }

    /// <summary>The last blocks that were executed and found invalid, newest first; ten at most.</summary>
    public IReadOnlyList<Block> BadBlocks
    {
        get
        {
            lock (_writer) return _invalid.Blocks;
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

    /// <summary>Makes what is pending durable, so that the next start has nothing to do, and closes the store of the blocks. Nothing may use the chain afterwards.</summary>
    public void Dispose()
    {
        lock (_writer)
        {
            if (_disposed) return;
            _disposed = true;
            try
            {
                if (!_guard.Failed.IsCompleted) Close();
            }
            catch (Exception error) when (StorageGuard.IsStorageFault(error))
            {
                _guard.Fail(error); // the next start finds everything in the journal
            }

            _blocks.Dispose();
        }
    }
}
