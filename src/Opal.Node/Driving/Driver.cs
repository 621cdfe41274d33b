using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// The loop of the rollup node. It alone moves the derivation pipeline, the engine's heads and the sequencer, and it owns every retry and reset.
/// One call of <see cref="StepAsync"/> does one piece of work, so that a test can step it by hand; <see cref="RunAsync"/> steps it until stopped.
/// </summary>
/// <remarks>
/// Order within a step: commands, reset, the sequencer when its time has come, forkchoice, finality, unsafe payloads, derivation. Fetches from L1 run
/// beside the loop, so that a slow provider never delays a block, and so do the pipeline's steps on a sequencing node under <see cref="RunAsync"/>. Spec: protocol/rollup-node.md#driver.
/// </remarks>
public sealed partial class Driver
{
    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(5);

    private readonly IL1Source _l1;
    private readonly IBlobSource _blobs;
    private readonly IEngine _engine;
    private readonly RollupConfig _config;
    private readonly DerivationPipeline _pipeline;
    private readonly AttributesBuilder _builder;
    private readonly NetworkUpgrades _upgrades;
    private readonly EngineController _heads;
    private readonly Sequencer? _sequencer;
    private readonly L1Heads _l1Heads;
    private readonly SnapshotHistory _snapshots;
    private readonly DriverOptions _options;
    private readonly TimeProvider _time;
    private readonly INodeObserver _observer;
    private readonly ILogger _logger;
    private readonly FinalityTracker _finality = new();
    private readonly WaitingUnsafePayloads _unsafePayloads = new();
    private readonly ConcurrentQueue<Func<bool>> _commands = new();
    private readonly Channel<byte> _signal = Channel.CreateBounded<byte>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Backoff _engineBackoff;
    private readonly Backoff _l1Backoff;
    private readonly Backoff _resetBackoff;
    private string? _resetReason = "starting";
    private volatile SyncStatus _status = new();
    private volatile string? _haltReason;
    private L2BlockRef _seenUnsafe, _seenFinalized;

    /// <summary>Composes the loop. The pipeline and the sequencer must be used by nobody else.</summary>
    public Driver(
        DriverPorts ports,
        RollupConfig config,
        DerivationPipeline pipeline,
        AttributesBuilder builder,
        NetworkUpgrades upgrades,
        EngineController heads,
        Sequencer? sequencer,
        L1Heads l1Heads,
        ISafeHeads safeHeads,
        SnapshotHistory snapshots,
        DriverOptions options,
        TimeProvider time,
        INodeObserver observer,
        ILogger logger)
    {
        (_l1, _blobs, _engine) = (ports.L1, ports.Blobs, ports.Engine);
        (_config, _pipeline, _builder, _upgrades) = (config, pipeline, builder, upgrades);
        (_heads, _sequencer, _l1Heads) = (heads, sequencer, l1Heads);
        (SafeHeads, _snapshots, _options, _time, _observer, _logger) = (safeHeads, snapshots, options, time, observer, logger);
        _engineBackoff = new Backoff(time, options.FirstRetry, options.LongestRetry);
        _l1Backoff = new Backoff(time, options.FirstRetry, options.LongestRetry);
        _resetBackoff = new Backoff(time, options.FirstRetry, options.LongestResetWait);
        _engineSync = options.EngineSync ? EngineSync.Undecided : EngineSync.Off;
        l1Heads.Changed += Wake;
    }

    /// <summary>The latest snapshot; never null.</summary>
    public SyncStatus Status => _status;

    /// <summary>Why the driver stopped for good; null while it works.</summary>
    public string? HaltReason => _haltReason;

    /// <summary>Safe heads by L1 block.</summary>
    public ISafeHeads SafeHeads { get; }

    /// <summary>Whether the first walk-back is done and no other is due.</summary>
    public bool IsSettled => _resetReason is null;

    /// <summary>Steps until cancelled. The step under way then is finished, for a few seconds at most: a sealed block gets into the engine.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var hardStop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        await using CancellationTokenRegistration soft = cancellation.Register(() => hardStop.CancelAfter(s_stopPatience));
        using WorkThread? beside = _sequencer is null ? null : new WorkThread("derivation");
        _beside = beside;
        while (!cancellation.IsCancellationRequested)
        {
            DriverProgress progress;
            try
            {
                progress = await StepAsync(hardStop.Token);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error)
            {
                // A fault nobody foresaw: start over from the engine's labels, ever more slowly.
                _logger.LogError(error, "the driver failed; it starts over");
                RequestReset($"unexpected failure: {error.Message}");
                progress = new DriverProgress(DriverState.Waiting, WakeAt());
            }

            if (progress.State != DriverState.Advanced) await WaitAsync(progress, cancellation);
        }

        _fetchEnd?.Cancel();
        _sequencer?.Abandon();
        while (_commands.TryDequeue(out Func<bool>? command)) command();
    }

    /// <summary>Does one piece of work.</summary>
    public async Task<DriverProgress> StepAsync(CancellationToken cancellation)
    {
        RunCommands();
        if (_haltReason is not null) return new DriverProgress(DriverState.Halted);
        bool worked = false;
        var (engineTurn, l1Turn) = (Turn(_engineBackoff), Turn(_l1Backoff));
        try
        {
            worked = await WorkAsync(cancellation);
        }
        catch (SourceException error)
        {
            _engineBackoff.Failed(error.Message);
            LogRetry(error.Message, _engineBackoff);
        }

        if (!worked)
        {
            // what was due had its turn in this step: a back-off that nobody waits on must not wake the loop again and again
            if (engineTurn == Turn(_engineBackoff)) _engineBackoff.Forget();
            if (l1Turn == Turn(_l1Backoff) && _fetch is null && _finalityCheck is null) _l1Backoff.Forget();
        }

        Publish();
        if (_haltReason is not null) return new DriverProgress(DriverState.Halted);
        return worked ? DriverProgress.Advanced : new DriverProgress(DriverState.Waiting, WakeAt(), PendingWork());
    }

    /// <summary>Makes a waiting <see cref="RunAsync"/> look again.</summary>
    public void Wake() => _signal.Writer.TryWrite(0);

    /// <summary>A due back-off with its failures so far; -1 while it is not due.</summary>
    private static int Turn(Backoff backoff) => backoff.IsDue ? backoff.Failures : -1;

    private async Task<bool> WorkAsync(CancellationToken cancellation)
    {
        if (_engineSync != EngineSync.Off) return await SyncEngineAsync(cancellation);
        if (_resetReason is not null)
        {
            if (!IsPipelineAtRest) return false;
            _deriving = null;
            return _resetBackoff.IsDue && _engineBackoff.IsDue && await ResetAsync(cancellation);
        }

        UpdateRecovery();
        if (_sequencer is { NextAction: { } due } && due <= _time.GetUtcNow())
        {
            EngineStep step = await _sequencer.StepAsync(cancellation);
            if (step.Outcome == EngineOutcome.Reset) RequestReset(step.Reason!);
            if (step.Outcome == EngineOutcome.Halt) Halt(step.Reason!);
            return true;
        }

        if (_engineBackoff.IsDue)
        {
            if (_heads.ForkchoicePending) return After(await _heads.UpdateForkchoiceAsync(cancellation));
            if (await FinalizeAsync(cancellation)) return true;
            if (_unsafePayloads.TryTake(_heads.Unsafe, _heads.Safe, out PayloadEnvelope? payload)) return await InsertUnsafeAsync(payload!, cancellation);
        }

        return await DeriveAsync(cancellation);
    }

    private async Task<bool> InsertUnsafeAsync(PayloadEnvelope payload, CancellationToken cancellation)
    {
        EngineStep step = await _heads.InsertUnsafeAsync(payload, cancellation);
        switch (step.Outcome)
        {
            case EngineOutcome.InvalidPayload:
                _logger.LogWarning("unsafe block {Number} {Hash} is dropped: {Reason}", payload.Payload.BlockNumber, payload.Payload.BlockHash, step.Reason);
                return true;
            case EngineOutcome.Retry:
                _unsafePayloads.Add(payload);
                break;
        }

        return After(step);
    }

    /// <summary>Turns the outcome of engine work into the driver's state. True: step again at once.</summary>
    private bool After(EngineStep step)
    {
        switch (step.Outcome)
        {
            case EngineOutcome.Done:
                _engineBackoff.Succeeded();
                return true;
            case EngineOutcome.Retry:
                _engineBackoff.Failed(step.Reason!);
                LogRetry(step.Reason!, _engineBackoff);
                return false;
            case EngineOutcome.Reset:
                RequestReset(step.Reason!);
                return true;
            default:
                Halt(step.Reason!);
                return false;
        }
    }

    private void RequestReset(string reason)
    {
        if (_resetReason is not null) return;
        NoteFailedResume();
        _logger.LogWarning("derivation starts over: {Reason}", reason);
        _resetReason = reason;
        DropDerivationWork();
    }

    private void Halt(string reason)
    {
        _haltReason = reason;
        _logger.LogCritical("the rollup node stops here: {Reason}", reason);
        _sequencer?.Abandon();
        DropDerivationWork();
        _observer.Halted(reason);
    }

    private void Publish()
    {
        L1Labels l1 = _l1Heads.Current;
        var now = new SyncStatus
        {
            CurrentL1 = IsSettled ? DerivationOrigin() : _status.CurrentL1,
            HeadL1 = l1.Head,
            SafeL1 = l1.Safe,
            FinalizedL1 = l1.Finalized,
            UnsafeL2 = _heads.Unsafe,
            PendingSafeL2 = _heads.PendingSafe,
            SafeL2 = _heads.Safe,
            FinalizedL2 = _heads.Finalized,
        };
        if (now != _status) _status = now;
        if (_seenUnsafe != now.UnsafeL2) _observer.UnsafeHeadChanged(_seenUnsafe = now.UnsafeL2);
        if (_seenFinalized != now.FinalizedL2) _observer.FinalizedHeadChanged(_seenFinalized = now.FinalizedL2);
    }

    /// <summary>The L1 block that derivation reads; the last known one while a step runs beside the loop.</summary>
    private L1BlockRef DerivationOrigin()
    {
        if (IsPipelineAtRest) _derivationOrigin = _pipeline.Origin;
        return _derivationOrigin;
    }

    /// <summary>Tells the sequencer how far L1 is ahead of the chain, by what derivation has read.</summary>
    private void UpdateRecovery()
    {
        if (_sequencer is not null && IsSettled) _sequencer.UpdateRecovery(_l1Heads.Current.Head.Number, DerivationOrigin().Number);
    }

    private DateTimeOffset? WakeAt()
    {
        if (_engineSync != EngineSync.Off) return _engineBackoff.NotBefore is { } retry && retry > _syncAskAt ? retry : _syncAskAt;
        DateTimeOffset? at = null;
        Consider(_engineBackoff.NotBefore);
        Consider(_l1Backoff.NotBefore);
        if (_resetReason is not null) Consider(_resetBackoff.NotBefore);
        else Consider(_sequencer?.NextAction);
        return at;

        void Consider(DateTimeOffset? candidate)
        {
            if (candidate is { } time && (at is null || time < at)) at = time;
        }
    }

    private Task? PendingWork()
    {
        Task? fetch = _fetch is { IsCompleted: false } ? _fetch : null;
        Task? check = _finalityCheck is { IsCompleted: false } ? _finalityCheck : null;
        Task? planning = _sequencer?.Pending;
        Task? deriving = IsPipelineAtRest ? null : _deriving;
        List<Task> pending = [];
        if (fetch is not null) pending.Add(fetch);
        if (check is not null) pending.Add(check);
        if (planning is not null) pending.Add(planning);
        if (deriving is not null) pending.Add(deriving);
        return pending.Count == 0 ? null : Task.WhenAny(pending);
    }

    private async Task WaitAsync(DriverProgress progress, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task signal = _signal.Reader.WaitToReadAsync(end.Token).AsTask();
        List<Task> any = [signal];
        if (progress.WakeAt is { } at)
        {
            TimeSpan wait = at - _time.GetUtcNow();
            any.Add(Task.Delay(wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1), _time, end.Token));
        }

        if (progress.Pending is { } pending) any.Add(pending);
        await Task.WhenAny(any);
        await end.CancelAsync();
        _signal.Reader.TryRead(out _);
    }

    private void LogRetry(string reason, Backoff backoff) => _logger.LogWarning("{Reason}; next try {At:O}", reason, backoff.NotBefore);
}
