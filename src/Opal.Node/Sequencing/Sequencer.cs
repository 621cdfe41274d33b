using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// Makes one block per L2 block time on the unsafe head. A state machine without a thread of its own: the driver asks when something is due
/// (<see cref="NextAction"/>) and calls <see cref="StepAsync"/>. Planning runs beside derivation (<see cref="Pending"/>), engine calls in the step.
/// </summary>
/// <remarks>
/// Of one height it never lets out two blocks: once sealed, a block is inserted again and again until the engine has judged it or the chain has moved on.
/// When behind, it builds one block per <see cref="CatchUpInterval"/>, so that derivation and the engine's readers keep their turn.
/// Spec: protocol/derivation.md#sequencing--batch-submission-overview.
/// </remarks>
public sealed class Sequencer(
    EngineController engine,
    IBlockPlanner planner,
    RollupConfig config,
    SequencerOptions options,
    TimeProvider time,
    INodeObserver observer,
    ILogger logger,
    IConductor? conductor = null)
{
    private readonly MadeBlocks _made = new();
    private readonly Backoff _backoff = new(time, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));
    private readonly Backoff _waitForL1 = new(time, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
    private Task<BlockPlan>? _planning;
    private CancellationTokenSource? _planningEnd;
    private L2BlockRef _parent;
    private BuildJob? _job;
    private PayloadEnvelope? _sealed;
    private Task? _committing;
    private bool _isCommitted; // the conductor has the sealed block, or need not
    private DateTimeOffset _sealAt;
    private DateTimeOffset _earliestStart = DateTimeOffset.MinValue;
    private bool _lagReported;
    private bool _windowMissed;
    private string _stoppedBy = "not started: sequencer.stopped is set, and admin_startSequencer has not been called";

    /// <summary>Whether blocks are being produced.</summary>
    public bool IsActive { get; private set; } = options.Enabled && !options.StartStopped;

    /// <summary>The time between blocks while catching up.</summary>
    public TimeSpan CatchUpInterval { get; } = TimeSpan.FromMilliseconds(Math.Min(100, (config.BlockTimeSeconds * 1000) / 20.0));

    /// <summary>Whether a sealed block still waits for the engine.</summary>
    public bool HasSealedBlock => _sealed is not null;

    /// <summary>Planning, or the conductor's agreement to a sealed block, under way; null when there is none. The next step is due when it ends.</summary>
    public Task? Pending => _planning is { IsCompleted: false } ? _planning : _committing is { IsCompleted: false } ? _committing : null;

    /// <summary>Whether production pauses because the safe head is too far behind.</summary>
    public bool IsHeldBackBySafeLag => options.MaxSafeLag > 0 && engine.Unsafe.Number - Math.Min(engine.Safe.Number, engine.Unsafe.Number) >= options.MaxSafeLag && !IsRecovering;

    /// <summary>When <see cref="StepAsync"/> is due; null while nothing can be done before something else changes.</summary>
    public DateTimeOffset? NextAction
    {
        get
        {
            if (!IsActive || Pending is not null) return null;
            DateTimeOffset? due = DueWithoutBackoff();
            if (due is null || _backoff.NotBefore is not { } notBefore) return due;
            return notBefore > due ? notBefore : due;
        }
    }

    /// <summary>Whether blocks are made as forced empty blocks would be: origins advance as soon as they may, no pool transactions.</summary>
    public bool RecoverMode { get; set; } = options.Recover;

    /// <summary>Whether recover mode is on, be it by the operator or by <see cref="UpdateRecovery"/>.</summary>
    public bool IsRecovering => RecoverMode || _windowMissed;

    /// <summary>
    /// Turns recover mode on by itself once no batch can come in time: derivation has read L1 through the sequencing window of the safe head's origin
    /// (what it has not read may hold batches). All blocks up to there are forced empty ones then; whatever else were built would be thrown away. Off again when the safe head has come
    /// well inside the window, which takes a batcher that works.
    /// </summary>
    /// <param name="l1Head">L1's head.</param>
    /// <param name="derivedUpTo">The L1 block that derivation reads.</param>
    public void UpdateRecovery(ulong l1Head, ulong derivedUpTo)
    {
        if (!options.AutoRecover) return;
        ulong window = config.SequencingWindowSize;
        if (!_windowMissed)
        {
            if (derivedUpTo < engine.Safe.L1Origin.Number + window) return;
            _windowMissed = true;
            logger.LogWarning(
                "the sequencing window of {Window} L1 blocks is over for block {Number} (L1 origin {Origin}, L1 head {Head}): no batch can include it any more. The blocks that this forces are made now, without transactions, until batches are in time again",
                window, engine.Safe.Number + 1, engine.Safe.L1Origin.Number, l1Head);
        }
        else if (l1Head < engine.Safe.L1Origin.Number + window - (window / 4))
        {
            _windowMissed = false;
            logger.LogInformation("batches are in time again (safe block {Number}, L1 origin {Origin}, L1 head {Head}): blocks take transactions again", engine.Safe.Number, engine.Safe.L1Origin.Number, l1Head);
        }
    }

    /// <summary>Why no block is being made, in words; null while blocks are made on time.</summary>
    public string? Obstacle
    {
        get
        {
            if (!IsActive) return _stoppedBy;
            if (IsHeldBackBySafeLag) return $"paused: the safe head is {engine.Unsafe.Number - engine.Safe.Number} blocks behind, and sequencer.max-safe-lag is {options.MaxSafeLag}";
            return _backoff.Reason ?? _waitForL1.Reason;
        }
    }

    /// <summary>Starts production.</summary>
    public void Start() => IsActive = true;

    /// <summary>Ends production. A block being built is given up; a sealed one must be inserted first: then the answer is false, and the caller steps on and asks again.</summary>
    public bool TryStop()
    {
        if (_committing is not null) return false; // the next step hears its answer
        if (IsActive && _sealed is not null && _isCommitted && _parent.Hash == engine.Unsafe.Hash) return false; // what the conductor does not agree to has never left this node
        Abandon();
        IsActive = false;
        _stoppedBy = $"stopped by admin_stopSequencer at {time.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC";
        return true;
    }

    /// <summary>Does what is due. The outcome is Done, Reset or Halt; retries are timed here.</summary>
    public async Task<EngineStep> StepAsync(CancellationToken cancellation)
    {
        if (!IsActive) return EngineStep.Done;
        L2BlockRef head = engine.Unsafe;
        if (IsUnderWay && _parent.Hash != head.Hash)
        {
            if (_sealed is { } made && made.Payload.BlockHash == head.Hash)
            {
                // the answer to its insertion was lost, and a walk back found it at the engine
                _sealed = null;
                _backoff.Succeeded();
                _made.Add(made);
                observer.BlockSequenced(head, made);
                return EngineStep.Done;
            }

            logger.LogInformation("the unsafe head moved to {Number} {Hash}: the block under way is given up", head.Number, head.Hash);
            Abandon();
        }

        if (_sealed is not null) return await InsertAsync(cancellation);
        if (_job is not null) return time.GetUtcNow() < _sealAt ? EngineStep.Done : await SealAsync(cancellation);
        return await PlanAsync(head, cancellation);
    }

    /// <summary>Gives up whatever is under way (the driver resets or ends).</summary>
    public void Abandon()
    {
        _planningEnd?.Cancel();
        _planningEnd?.Dispose();
        _planningEnd = null;
        _planning = null;
        _committing = null;
        _job = null;
        _sealed = null;
    }

    private bool IsUnderWay => _planning is not null || _job is not null || _sealed is not null;

    private DateTimeOffset? DueWithoutBackoff()
    {
        if (_sealed is not null || _planning is not null) return DateTimeOffset.MinValue;
        if (_job is not null) return _parent.Hash == engine.Unsafe.Hash ? _sealAt : DateTimeOffset.MinValue;
        if (IsHeldBackBySafeLag)
        {
            if (!_lagReported) logger.LogWarning("the safe head is {Lag} blocks behind: no new blocks until it moves", engine.Unsafe.Number - engine.Safe.Number);
            _lagReported = true;
            return null;
        }

        _lagReported = false;
        DateTimeOffset slotOpens = DateTimeOffset.FromUnixTimeSeconds((long)engine.Unsafe.Timestamp);
        DateTimeOffset due = slotOpens > _earliestStart ? slotOpens : _earliestStart;
        return _waitForL1.NotBefore is { } at && at > due ? at : due;
    }

    private async Task<EngineStep> PlanAsync(L2BlockRef head, CancellationToken cancellation)
    {
        if (_planning is null)
        {
            if (IsHeldBackBySafeLag) return EngineStep.Done;
            _parent = head;
            _planningEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            _planning = _made.On(head.Hash) is { } lost && !IsRecovering
                ? PlanAgainAsync(lost, head, _planningEnd.Token)
                : planner.PlanAsync(head, IsRecovering, _planningEnd.Token);
        }

        if (!_planning.IsCompleted) return EngineStep.Done;
        BlockPlan plan;
        try
        {
            plan = await _planning;
        }
        catch (SourceException error)
        {
            return Retry($"planning block {head.Number + 1}: {error.Message}");
        }
        finally
        {
            _planning = null;
            _planningEnd?.Dispose();
            _planningEnd = null;
        }

        switch (plan.Kind)
        {
            case PlanKind.Wait:
                logger.LogDebug("block {Number} waits: {Reason}", head.Number + 1, plan.Reason);
                _waitForL1.Failed(plan.Reason);
                return EngineStep.Done;
            case PlanKind.Insert:
                _waitForL1.Succeeded();
                (_sealed, _isCommitted) = (_made.On(head.Hash), true);
                return _sealed is null ? EngineStep.Done : await InsertAsync(cancellation);
            case PlanKind.Reset:
                return EngineStep.Reset(plan.Reason!);
            case PlanKind.Halt:
                return EngineStep.Halt(plan.Reason!);
        }

        _waitForL1.Succeeded();
        (EngineStep step, _job) = await engine.StartBuildAsync(plan.Attributes!, head, cancellation);
        if (!step.IsDone) return Failed(step, $"starting block {head.Number + 1}");
        _sealAt = DateTimeOffset.FromUnixTimeSeconds((long)plan.Attributes!.Timestamp) - options.SealingTime;
        return time.GetUtcNow() < _sealAt ? EngineStep.Done : await SealAsync(cancellation);
    }

    /// <summary>A block was made on this head before, and the engine has lost it: it is inserted again, unless its L1 origin is gone.</summary>
    private async Task<BlockPlan> PlanAgainAsync(PayloadEnvelope lost, L2BlockRef head, CancellationToken cancellation)
    {
        if (lost.TryGetBlock(config, out Block? block, out _) && L2References.TryCreate(block!, config, out L2BlockRef reference, out _)
            && await planner.IsCanonicalAsync(reference.L1Origin, cancellation))
        {
            logger.LogInformation("block {Number} {Hash}, made before and lost by the engine, is given to it again", reference.Number, reference.Hash);
            return BlockPlan.Insert;
        }

        _made.Remove(head.Hash);
        return await planner.PlanAsync(head, IsRecovering, cancellation);
    }

    private async Task<EngineStep> SealAsync(CancellationToken cancellation)
    {
        BuildJob job = _job!;
        (EngineStep step, PayloadEnvelope? payload) = await engine.SealAsync(job, cancellation);
        _job = null;
        if (!step.IsDone) return Failed(step, $"sealing block {job.Parent.Number + 1}");
        (_sealed, _isCommitted) = (payload, conductor is null);
        return await InsertAsync(cancellation);
    }

    /// <summary>Asks for the conductor's agreement beside the driver's loop. True: it is there.</summary>
    private async Task<bool> CommitAsync(PayloadEnvelope payload, CancellationToken cancellation)
    {
        if (_isCommitted) return true;
        _committing ??= conductor!.CommitAsync(payload, cancellation);
        if (!_committing.IsCompleted) return false;
        try
        {
            await _committing;
            _isCommitted = true;
        }
        catch (SourceException error)
        {
            Retry($"block {payload.Payload.BlockNumber} is sealed and not agreed to: {error.Message}");
        }
        finally
        {
            _committing = null;
        }

        return _isCommitted;
    }

    private async Task<EngineStep> InsertAsync(CancellationToken cancellation)
    {
        PayloadEnvelope payload = _sealed!;
        if (!await CommitAsync(payload, cancellation)) return EngineStep.Done;
        EngineStep step = await engine.InsertUnsafeAsync(payload, cancellation);
        if (step.Outcome is EngineOutcome.Done or EngineOutcome.InvalidPayload) _sealed = null;
        if (step.IsDone) _made.Add(payload);
        else if (step.Outcome == EngineOutcome.InvalidPayload) _made.Remove(payload.Payload.ParentHash);
        if (!step.IsDone) return Failed(step, $"inserting block {payload.Payload.BlockNumber}");
        _backoff.Succeeded();
        _earliestStart = time.GetUtcNow() + CatchUpInterval;
        observer.BlockSequenced(engine.Unsafe, payload);
        return EngineStep.Done;
    }

    private EngineStep Failed(EngineStep step, string what) => step.Outcome switch
    {
        EngineOutcome.Reset or EngineOutcome.Halt => step,
        _ => Retry($"{what}: {step.Reason}"),
    };

    private EngineStep Retry(string reason)
    {
        _backoff.Failed(reason);
        logger.LogWarning("{Reason}; next try {At:O}", reason, _backoff.NotBefore);
        return EngineStep.Done;
    }
}
