using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Batcher;

/// <summary>The batcher's loop: looks at L2, feeds the channel manager, sends what it says, and starts over where the chain says so.</summary>
/// <remarks>
/// What is posted is decided by the safe head, and by the journal of what is on its way to it: a restarted batcher goes on where it was, and a lost batch is
/// found by the node having read past it. Spec: protocol/batcher.md.
/// </remarks>
public sealed partial class BatcherService : IAsyncDisposable
{
    /// <summary>What the operator wants.</summary>
    private enum Mode : byte
    {
        Stopped,
        Posting,
        /// <summary>No more blocks are taken; what there is goes out.</summary>
        Draining,
    }

    private static readonly TimeSpan DrainTime = TimeSpan.FromMinutes(2);

    private readonly BatcherOptions _options;
    private readonly ISequencerSource _sequencers;
    private readonly IL1Submitter _submitter;
    private readonly CarrierChoice? _carriers;
    private readonly IDataThrottle? _throttle;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ChannelManager _manager;
    private readonly Lock _gate = new(); // the state: held while a channel is compressed, so that nobody who asks or commands takes it
    private readonly Lock _front = new(); // what is commanded: held for moments only, and taken last
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _control = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _sending = [];
    private readonly HashSet<Hash256> _postedBefore = [];
    private readonly CarriedBlocks _carried = new();
    private readonly BatcherJournal _journal;
    private readonly IL1Facts? _l1;
    private readonly BatcherMetrics _metrics;
    private string _sendTrouble = "";
    private string _journalTrouble = "";
    private BatcherStatus _status = new();
    private volatile BatcherStatus _told = new();
    private TaskCompletionSource? _drained;
    private Mode _mode;
    private bool _flush;
    private Task _loop = Task.CompletedTask;

    /// <summary>A batcher, not yet started.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="sequencers">Who makes the blocks.</param>
    /// <param name="submitter">Sends to L1.</param>
    /// <param name="codec">Encodes channels.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="carriers">Compares L1's prices; needed with <see cref="DataAvailabilityType.Auto"/>.</param>
    /// <param name="throttle">Slows the sequencer down while L1 lags behind; null never does.</param>
    /// <param name="journal">The journal, which the service disposes; null keeps one in memory.</param>
    /// <param name="l1">Answers about what is on L1; without it a loss is repaired all the same, but not always explained.</param>
    /// <exception cref="ArgumentException">The choice of carriers is automatic and there is nothing to choose by, or a folder is set for the journal and no journal is given.</exception>
    public BatcherService(
        BatcherOptions options, ISequencerSource sequencers, IL1Submitter submitter, IChannelCodec codec, TimeProvider time, ILogger logger, CarrierChoice? carriers = null,
        IDataThrottle? throttle = null, BatcherJournal? journal = null, IL1Facts? l1 = null)
    {
        if (options.JournalDirectory is not null && journal is null) throw new ArgumentException($"the journal of {options.JournalDirectory} has to be opened first ({nameof(BatcherJournal)}.{nameof(BatcherJournal.Open)})", nameof(journal));
        if (options.DataAvailability == DataAvailabilityType.Auto && carriers is null) throw new ArgumentException("the automatic choice needs L1's prices", nameof(carriers));
        _options = options;
        _sequencers = sequencers;
        _submitter = submitter;
        _carriers = carriers;
        _time = time;
        _logger = logger;
        _manager = new ChannelManager(options, codec);
        _throttle = throttle;
        _mode = options.StartStopped ? Mode.Stopped : Mode.Posting;
        _journal = journal ?? BatcherJournal.InMemory();
        _l1 = l1;
        _metrics = new BatcherMetrics(() => Status, _journal);
        _waitsForNode = true;
    }

    /// <summary>Whether a transaction is one that this batcher signed, in this run or in an earlier one that its journal tells of.</summary>
    public bool IsOwn(Hash256 transactionHash) => _journal.IsOwn(transactionHash);

    /// <summary>The ids of the channels that are on their way or not final yet, oldest first.</summary>
    public IReadOnlyList<ChannelId> ChannelIds => _journal.ChannelIds;

    /// <summary>What it is doing, as of its last finished step: to ask waits for no step, however long a channel takes to compress.</summary>
    public BatcherStatus Status => _told with { Running = Commanded != Mode.Stopped, JournaledChannels = _journal.Channels, JournalBytes = _journal.Size };

    private Mode Commanded
    {
        get
        {
            lock (_front) return _mode;
        }
    }

    /// <summary>Takes the state's lock; what the state is when it is let go of is what <see cref="Status"/> tells from then on.</summary>
    private StateHold Enter()
    {
        _gate.Enter();
        return new StateHold(this);
    }

    /// <summary>That the state's lock is held.</summary>
    private readonly ref struct StateHold(BatcherService service)
    {
        public void Dispose()
        {
            try
            {
                service._told = service.Snapshot();
            }
            finally
            {
                service._gate.Exit();
            }
        }
    }

    private BatcherStatus Snapshot() => _status with
    {
        PendingBlocks = _manager.PendingBlocks,
        InFlight = _sending.Count,
        BacklogBytes = _manager.BacklogBytes + _aheadBytes,
        OldestNotOnL1 = _manager.OldestNotOnL1,
        Trouble = _status.Trouble.Length > 0 ? _status.Trouble : _journalTrouble.Length > 0 ? _journalTrouble : _sendTrouble,
    };

    /// <summary>Whether the batcher does its work: it is healthy when it is stopped on purpose, or sees the chain.</summary>
    public RpcHealth Health
    {
        get
        {
            BatcherStatus status = Status;
            return new RpcHealth(!status.Running || status.Trouble.Length == 0, status.Trouble);
        }
    }

    /// <summary>Starts the loop.</summary>
    public void Start()
    {
        if (_options.MaxChannelDurationBlocks == 0)
        {
            _logger.LogWarning("No maximal channel duration is set: with little traffic the safe head may lag by most of the sequencing window ({Window} L1 blocks)", _options.SequencingWindowBlocks);
        }

        if (_options.SubSafetyMarginBlocks >= _options.SequencingWindowBlocks)
        {
            _logger.LogWarning("The safety margin of {Margin} L1 blocks is not below the sequencing window of {Window}: a channel is closed as soon as it can be sent, whatever it holds",
                _options.SubSafetyMarginBlocks, _options.SequencingWindowBlocks);
        }

        _loop = Task.Run(RunAsync);
    }

    /// <summary>Adds the admin methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("admin_startBatcher", _ => StartPosting() ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, "batcher is already running"));
        registry.Register("admin_stopBatcher", async (_, _, cancellation) =>
            await StopPostingAsync(cancellation) ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, "batcher is not running"));
        registry.Register("admin_flushBatcher", _ => Flush() ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, "batcher is not running"));
        registry.Register("health_status", _ => Health is { IsHealthy: true } ? RpcResult.String("healthy") : RpcResult.Fail(RpcErrorCode.ServerError, Health.Detail));
    }

    /// <summary>Begins to post, from where it stopped. False when it does already.</summary>
    public bool StartPosting()
    {
        lock (_front)
        {
            if (_mode != Mode.Stopped) return false;
            _mode = Mode.Posting;
            _waitsForNode = true;
        }

        _logger.LogInformation("Batcher started");
        Wake();
        return true;
    }

    /// <summary>Takes no more blocks, posts what there is, and stops. False when it is stopped already.</summary>
    public async Task<bool> StopPostingAsync(CancellationToken cancellation)
    {
        await _control.WaitAsync(cancellation);
        try
        {
            Task drained;
            lock (_front)
            {
                if (_mode == Mode.Stopped) return false;
                _mode = Mode.Draining;
                _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                drained = _drained.Task;
            }

            Wake();
            Task first = await Task.WhenAny(drained, Task.Delay(DrainTime, _time, cancellation));
            lock (_front)
            {
                _mode = Mode.Stopped;
                _drained = null;
            }

            if (first == drained) _logger.LogInformation("Batcher stopped, everything is on L1");
            else _logger.LogWarning("Batcher stopped with {Count} transactions still on their way; they are followed, and nothing else is sent", Status.InFlight);
            return true;
        }
        finally
        {
            _control.Release();
        }
    }

    /// <summary>Closes the open channel at the next turn, whatever it holds. False when the batcher is stopped.</summary>
    public bool Flush()
    {
        lock (_front)
        {
            if (_mode == Mode.Stopped) return false;
            _flush = true;
        }

        Wake();
        return true;
    }

    private void Wake()
    {
        lock (_front)
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
    }

    /// <summary>Stops at once; what is in flight is found again by the journal at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        Task[] sending;
        lock (_gate) sending = [.. _sending];
        await Task.WhenAll(sending);
        _stopping.Dispose();
        _wake.Dispose();
        _control.Dispose();
        _metrics.Dispose();
        _journal.Dispose();
    }
}
