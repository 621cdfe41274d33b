using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>
/// One payload being built: the forced transactions first, at once; then, unless the attributes say otherwise, the pool's best, added as
/// they arrive until somebody asks for the block. Transactions once added stay; later arrivals follow them. Thread-safe.
/// </summary>
/// <remarks>
/// The draft that takes arrivals is sealed from time to time and gated (<see cref="BlockGate"/>); the newest block that passed is what the
/// job can answer at once. A sealed draft takes nothing more, so the next arrivals begin a new one, which first takes what the last had.
/// </remarks>
internal sealed class PayloadJob : IDisposable
{
    private readonly Lock _lock = new();                 // held while the draft is worked on
    private readonly BuildContext _context;
    private readonly TransactionPool _pool;
    private readonly PayloadBuilderOptions _options;
    private readonly BuilderCounters _counters;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Channel<bool> _arrivals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<Hash256> _left = [];        // offered and not wanted any more in this payload
    private PayloadDraft? _draft;
    private List<PoolTransaction> _kept = [];            // in the newest gated block, in order
    private bool _isFull;
    private bool _hasNews = true;                        // the draft holds something that no gated block has
    private long _nextCheckpoint = Stopwatch.GetTimestamp();
    private TimeSpan _lastCost;                          // of filling, sealing and gating
    private TimeSpan _fillCost;
    private volatile BuiltPayload? _best;
    private BuiltPayload? _taken;
    private volatile bool _disposed;
    private volatile bool _interrupt;
    private volatile string? _failure;

    private PayloadJob(BuildContext context, PayloadDraft draft, TransactionPool pool, PayloadBuilderOptions options, BuilderCounters counters, ILogger logger)
    {
        _context = context;
        _draft = draft;
        _pool = pool;
        _options = options;
        _counters = counters;
        _logger = logger;
    }

    public ExecutedBlock Parent => _context.Parent;

    public PayloadAttributes Attributes => _context.Attributes;

    /// <summary>The block that was given out, once there is one.</summary>
    public BuiltPayload? Taken => Volatile.Read(ref _taken);

    /// <summary>The newest block that passed the gate.</summary>
    public BuiltPayload? Best => _best;

    /// <summary>Why there will be no block; null while there may be one.</summary>
    public string? Failure => _failure;

    /// <summary>Whether no block will come of this job.</summary>
    public bool IsLost => _failure is not null || (_disposed && Taken is null);

    /// <summary>Executes the forced transactions; null, with the reason, when one of them is not valid here.</summary>
    public static PayloadJob? Begin(BuildContext context, TransactionPool pool, PayloadBuilderOptions options, BuilderCounters counters, ILogger logger, out string error)
    {
        if (PayloadDraft.Begin(context, out error) is not { } draft) return null;
        var job = new PayloadJob(context, draft, pool, options, counters, logger);
        if (!context.Attributes.NoTxPool) pool.PendingAdded += job.OnPendingAdded;
        job._arrivals.Writer.TryWrite(true);
        _ = Task.Run(job.ImproveAsync);
        return job;
    }

    private void OnPendingAdded(IReadOnlyList<PoolTransaction> transactions) => _arrivals.Writer.TryWrite(true);

    private bool IsOver => _disposed || _failure is not null || Taken is not null;

    private async Task ImproveAsync()
    {
        try
        {
            while (true)
            {
                // while something new is not gated, a quiet moment or the end of the interval is enough of a reason
                await WaitAsync();
                lock (_lock)
                {
                    if (IsOver)
                    {
                        DropDraft();
                        return;
                    }

                    bool arrived = _arrivals.Reader.TryRead(out _);
                    if (arrived && !Attributes.NoTxPool) Fill(deadline: null);
                    bool isDue = !arrived || _isFull || Attributes.NoTxPool || Stopwatch.GetTimestamp() >= _nextCheckpoint;
                    if (_hasNews && isDue && !_interrupt) Checkpoint();
                    if (IsOver) DropDraft();
                    if (Attributes.NoTxPool) return;
                }

                await Task.Delay(_options.GatherTime, _stopped.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // given out or dropped
        }
        catch (Exception error)
        {
            // the newest gated block stands; the draft is not trusted any more
            _logger.LogError(error, "Improving the block on {Parent} failed", Parent.Hash);
            lock (_lock) DiscardDraft();
        }
    }

    /// <summary>Waits for arrivals; gives up after a while when something is not gated yet.</summary>
    private async Task WaitAsync()
    {
        Task<bool> arrival = _arrivals.Reader.WaitToReadAsync(_stopped.Token).AsTask();
        if (arrival.IsCompleted || !Volatile.Read(ref _hasNews))
        {
            await arrival;
            return;
        }

        try
        {
            await arrival.WaitAsync(_options.QuietTime, _stopped.Token);
        }
        catch (TimeoutException)
        {
            // quiet
        }
    }

    /// <summary>A draft that holds what the newest gated block has. Under the lock.</summary>
    private PayloadDraft? OpenDraft()
    {
        if (_draft is not null) return _draft;
        if (PayloadDraft.Begin(_context, out string error) is not { } draft)
        {
            _logger.LogWarning("The block on {Parent} cannot be improved: {Reason}", Parent.Hash, error);
            return null;
        }

        foreach (PoolTransaction transaction in _kept)
        {
            if (draft.Offer(transaction, out _) != OfferResult.Faulted) continue;
            draft.Discard();
            return null;
        }

        return _draft = draft;
    }

    /// <summary>Adds the pool's best transactions that are not in yet. Under the lock.</summary>
    private void Fill(TimeSpan? deadline)
    {
        long began = Stopwatch.GetTimestamp();
        if (_isFull || OpenDraft() is not { } draft) return;
        int before = draft.Included.Count;
        BestTransactions best = _pool.Best(draft.BaseFee, _options.MinTip);
        while (!_interrupt && best.TryPeek(out PoolTransaction? next))
        {
            if (deadline is { } limit && Stopwatch.GetElapsedTime(began) > limit) break;
            if (draft.Contains(next.Hash))
            {
                best.Shift();
                continue;
            }

            if (_left.Contains(next.Hash))
            {
                best.Pop();
                continue;
            }

            OfferResult result = draft.Offer(next, out Exception? fault);
            if (result is OfferResult.Included or OfferResult.Stale)
            {
                best.Shift();
                continue;
            }

            if (result == OfferResult.Full)
            {
                _isFull = true;
                break;
            }

            if (result == OfferResult.ConditionFailed)
            {
                _left.Add(next.Hash);
                _pool.Drop(next.Hash, PoolDropReason.ConditionFailed);
            }

            if (result == OfferResult.Faulted)
            {
                DropOffender(next, $"executing it threw: {fault}");
                DiscardDraft();
                if (OpenDraft() is not { } again) return;
                draft = again;
                _hasNews = true;
                best = _pool.Best(draft.BaseFee, _options.MinTip);
                continue;
            }

            best.Pop();
        }

        // whoever interrupts goes on from here: what is left must not be forgotten
        if (_interrupt) _arrivals.Writer.TryWrite(true);
        if (draft.Included.Count > before) Volatile.Write(ref _hasNews, true);
        _fillCost += Stopwatch.GetElapsedTime(began);
    }

    private void DropOffender(PoolTransaction transaction, string why)
    {
        _left.Add(transaction.Hash);
        _counters.CountOffender();
        _logger.LogError(
            "Transaction {Hash} is dropped from the pool: a block on {Number} {Parent} came out wrong with it ({Reason}); transaction {Rlp}",
            transaction.Hash, Parent.Number, Parent.Hash, why, Hex.Encode(transaction.Transaction.Encoded));
        _pool.Drop(transaction.Hash, PoolDropReason.BuiltWrong);
    }

    /// <summary>Seals the draft, gates the block, and keeps it when it passes; otherwise finds out what is wrong with it. Under the lock.</summary>
    private void Checkpoint()
    {
        if (OpenDraft() is not { } draft) return;
        long began = Stopwatch.GetTimestamp();
        _draft = null;
        BuiltPayload? built = draft.Seal(out string error);
        if (built is null)
        {
            draft.Discard();
            if (_best is null) Fail($"the block could not be sealed: {error}");
            else _logger.LogError("The block on {Parent} could not be sealed: {Reason}", Parent.Hash, error);
            return;
        }

        long gateBegan = Stopwatch.GetTimestamp();
        GateResult gate = BlockGate.Check(_context.Chain, Parent, built);
        if (gate.Payload is { } good)
        {
            draft.Dispose();
            _counters.CountGated(Stopwatch.GetElapsedTime(gateBegan));
            _best = good;
            _kept = draft.Included;
        }
        else
        {
            draft.Discard();
            Repair(draft, built, gate);
        }

        Volatile.Write(ref _hasNews, false);
        _lastCost = _fillCost + Stopwatch.GetElapsedTime(began);
        _fillCost = TimeSpan.Zero;
        TimeSpan pause = _lastCost * 3;
        if (pause < _options.CheckpointInterval) pause = _options.CheckpointInterval;
        _nextCheckpoint = Stopwatch.GetTimestamp() + (long)(pause.TotalSeconds * Stopwatch.Frequency);
    }

    private void Repair(PayloadDraft failed, BuiltPayload built, in GateResult gate)
    {
        _counters.CountMismatch();
        var repair = new BlockRepair(_context, _counters, _options.RepairBudget, _logger);
        BuiltPayload? repaired = repair.Run(failed, built, gate);
        foreach (PoolTransaction offender in repair.Offenders) DropOffender(offender, gate.Reason);
        if (repaired is null)
        {
            if (_best is null) Fail($"even the forced transactions alone make a block that does not pass its second execution: {gate.Reason}");
            return;
        }

        // a block that was gated before this one may hold more
        _isFull = false;
        if (_best is not null && repair.Included.Count < _kept.Count) return;
        _counters.CountGated(TimeSpan.Zero);
        _best = repaired;
        _kept = repair.Included;
    }

    private void Fail(string why)
    {
        _failure = why;
        _logger.LogCritical("There is no block on {Number} {Parent}: {Reason}", Parent.Number, Parent.Hash, why);
        Release();
    }

    private void DiscardDraft()
    {
        _draft?.Discard();
        _draft = null;
    }

    /// <summary>The finished block. The first call ends the building; later ones answer the same block. Null when the job was dropped, or has failed.</summary>
    public BuiltPayload? Take()
    {
        if (Taken is { } given) return given;
        _interrupt = true;
        if (!_lock.TryEnter(_best is null ? Timeout.InfiniteTimeSpan : _options.SealBudget)) return GiveOut();
        try
        {
            _interrupt = false;
            if (Taken is { } other) return other;
            if (_disposed || _failure is not null) return null;
            bool affordable = _best is null || _lastCost <= _options.SealBudget;
            if (affordable)
            {
                if (!Attributes.NoTxPool && _arrivals.Reader.TryRead(out _)) Fill(_options.SealBudget);
                if (_hasNews) Checkpoint();
            }

            return GiveOut();
        }
        finally
        {
            if (IsOver) DropDraft();
            _lock.Exit();
        }
    }

    private BuiltPayload? GiveOut()
    {
        BuiltPayload? given = Interlocked.CompareExchange(ref _taken, _best, null) ?? Taken;
        if (given is null) return null;
        Release();
        return given;
    }

    /// <summary>Ends the work on the draft, at once or as soon as whoever is at it looks.</summary>
    private void Release()
    {
        _pool.PendingAdded -= OnPendingAdded;
        _stopped.Cancel();
        if (!_lock.TryEnter()) return;
        DropDraft();
        _lock.Exit();
    }

    private void DropDraft()
    {
        _draft?.Dispose();
        _draft = null;
    }

    /// <summary>Ends the job without waiting for it.</summary>
    public void Stop()
    {
        _disposed = true;
        _interrupt = true;
        Release();
    }

    /// <summary>Ends the job; nothing of it runs afterwards.</summary>
    public void Dispose()
    {
        Stop();
        lock (_lock) DropDraft();
    }
}
