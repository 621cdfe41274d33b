using System.Security.Cryptography;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>
/// Polled filters (<c>eth_newFilter</c> and its kin): each keeps what happened since it was last asked. A filter nobody asks for five
/// minutes is dropped, and so are the oldest events of one that is asked too seldom. Thread-safe.
/// </summary>
public sealed class FilterManager : IDisposable
{
    private const int MaxFilters = 4096;
    private const int MaxEventsPerFilter = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt256, Filter> _filters = [];
    private readonly Blockchain _chain;
    private readonly TransactionPool _pool;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;

    private abstract class Filter
    {
        public DateTimeOffset LastAsked { get; set; }
    }

    private sealed class LogFilter(LogCriteria criteria, ulong? from, ulong? to) : Filter
    {
        public LogCriteria Criteria { get; } = criteria;
        public ulong? From { get; } = from;
        public ulong? To { get; } = to;
        public List<FoundLog> Events { get; set; } = [];
    }

    private sealed class HashFilter(bool blocks) : Filter
    {
        public bool Blocks { get; } = blocks;
        public List<PoolTransaction> Transactions { get; set; } = [];
        public List<Hash256> BlockHashes { get; set; } = [];
    }

    /// <summary>Starts following the chain and the pool.</summary>
    public FilterManager(Blockchain chain, TransactionPool pool, TimeProvider time, TimeSpan? timeout = null)
    {
        _chain = chain;
        _pool = pool;
        _time = time;
        _timeout = timeout ?? TimeSpan.FromMinutes(5);
        chain.HeadChanged += OnHeadChanged;
        pool.PendingAdded += OnPendingAdded;
    }

    /// <summary>New blocks.</summary>
    public UInt256? AddBlockFilter() => Add(new HashFilter(blocks: true));

    /// <summary>New executable transactions of the pool.</summary>
    public UInt256? AddPendingTransactionFilter() => Add(new HashFilter(blocks: false));

    /// <summary>New logs; <paramref name="from"/> and <paramref name="to"/> bound the blocks they may be in.</summary>
    public UInt256? AddLogFilter(LogCriteria criteria, ulong? from, ulong? to) => Add(new LogFilter(criteria, from, to));

    /// <summary>Null when there are too many filters.</summary>
    private UInt256? Add(Filter filter)
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        random[0] |= 1;
        UInt256 id = UInt256.FromBigEndian(random);
        lock (_lock)
        {
            DropStale();
            if (_filters.Count >= MaxFilters) return null;
            filter.LastAsked = _time.GetUtcNow();
            _filters[id] = filter;
            return id;
        }
    }

    /// <summary>Forgets a filter; false when there was none of this id.</summary>
    public bool Remove(in UInt256 id)
    {
        lock (_lock) return _filters.Remove(id);
    }

    /// <summary>What happened since the last call: logs, block hashes or transactions. False when there is no such filter.</summary>
    public bool TryTakeChanges(in UInt256 id, out FilterChanges changes)
    {
        changes = default;
        lock (_lock)
        {
            DropStale();
            if (!_filters.TryGetValue(id, out Filter? filter)) return false;
            filter.LastAsked = _time.GetUtcNow();
            switch (filter)
            {
                case LogFilter logs:
                    changes = new FilterChanges(logs.Events, null, null);
                    logs.Events = [];
                    break;
                case HashFilter { Blocks: true } blocks:
                    changes = new FilterChanges(null, blocks.BlockHashes, null);
                    blocks.BlockHashes = [];
                    break;
                case HashFilter pending:
                    changes = new FilterChanges(null, null, pending.Transactions);
                    pending.Transactions = [];
                    break;
            }

            return true;
        }
    }

    /// <summary>What a log filter asks for; false when there is no such log filter.</summary>
    public bool TryGetLogFilter(in UInt256 id, out LogCriteria criteria, out ulong? from, out ulong? to)
    {
        lock (_lock)
        {
            DropStale();
            if (_filters.TryGetValue(id, out Filter? filter) && filter is LogFilter logs)
            {
                filter.LastAsked = _time.GetUtcNow();
                (criteria, from, to) = (logs.Criteria, logs.From, logs.To);
                return true;
            }
        }

        (criteria, from, to) = (LogCriteria.Any, null, null);
        return false;
    }

    private void DropStale()
    {
        DateTimeOffset oldest = _time.GetUtcNow() - _timeout;
        List<UInt256>? stale = null;
        foreach ((UInt256 id, Filter filter) in _filters)
        {
            if (filter.LastAsked < oldest) (stale ??= []).Add(id);
        }

        if (stale is null) return;
        foreach (UInt256 id in stale) _filters.Remove(id);
    }

    private void OnHeadChanged(ChainUpdate update)
    {
        lock (_lock)
        {
            foreach (Filter filter in _filters.Values)
            {
                switch (filter)
                {
                    case LogFilter logs:
                        foreach (ExecutedBlock block in update.Removed) Collect(logs, block, removed: true);
                        foreach (ExecutedBlock block in update.Added) Collect(logs, block, removed: false);
                        Trim(logs.Events);
                        break;
                    case HashFilter { Blocks: true } blocks:
                        foreach (ExecutedBlock block in update.Added) blocks.BlockHashes.Add(block.Hash);
                        Trim(blocks.BlockHashes);
                        break;
                }
            }
        }
    }

    private static void Collect(LogFilter filter, ExecutedBlock block, bool removed)
    {
        if (block.Number < filter.From || block.Number > filter.To) return;
        LogSearch.InBlock(block, filter.Criteria, removed, filter.Events);
    }

    private void OnPendingAdded(IReadOnlyList<PoolTransaction> transactions)
    {
        lock (_lock)
        {
            foreach (Filter filter in _filters.Values)
            {
                if (filter is not HashFilter { Blocks: false } pending) continue;
                pending.Transactions.AddRange(transactions);
                Trim(pending.Transactions);
            }
        }
    }

    private static void Trim<T>(List<T> events)
    {
        if (events.Count > MaxEventsPerFilter) events.RemoveRange(0, events.Count - MaxEventsPerFilter);
    }

    /// <summary>Stops following the chain and the pool.</summary>
    public void Dispose()
    {
        _chain.HeadChanged -= OnHeadChanged;
        _pool.PendingAdded -= OnPendingAdded;
    }
}

/// <summary>Events of a polled filter; exactly one list is set.</summary>
public readonly record struct FilterChanges(List<FoundLog>? Logs, List<Hash256>? BlockHashes, List<PoolTransaction>? Transactions);
