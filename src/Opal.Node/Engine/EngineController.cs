using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// Holds the heads of the L2 chain and carries them into the engine: forkchoice, consolidation of derived attributes with unsafe blocks, forced building,
/// unsafe blocks, and the sequencer's building jobs. One caller at a time (the driver's loop). The heads move only when a method says Done; the one exception is an unsafe
/// chain that derivation contradicts, which is given up before the engine is asked to build over it.
/// </summary>
/// <remarks>
/// Heads always satisfy finalized &lt;= safe &lt;= pending-safe &lt;= unsafe by number. Pending-safe runs ahead of safe only before Holocene, inside a span
/// batch, which becomes safe as a whole. Spec: protocol/derivation.md#engine-queue, protocol/holocene/derivation.md#engine-queue.
/// </remarks>
public sealed class EngineController(IEngine engine, RollupConfig config, ILogger logger)
{
    private int _syncingInARow;
    private L2BlockRef? _backupUnsafe;

    /// <summary>Head of the chain, sequenced or gossiped.</summary>
    public L2BlockRef Unsafe { get; private set; }

    /// <summary>The last derived block, be its span batch complete or not.</summary>
    public L2BlockRef PendingSafe { get; private set; }

    /// <summary>The last block derived from L1 for good, this L1 chain given.</summary>
    public L2BlockRef Safe { get; private set; }

    /// <summary>The last block derived from finalized L1 blocks.</summary>
    public L2BlockRef Finalized { get; private set; }

    /// <summary>Whether the engine has yet to be told of the heads.</summary>
    public bool ForkchoicePending { get; private set; }

    /// <summary>Takes the heads a reset found. The engine is told at the next <see cref="UpdateForkchoiceAsync"/>.</summary>
    public void Reset(L2BlockRef unsafeHead, L2BlockRef safeHead, L2BlockRef finalizedHead)
    {
        Unsafe = unsafeHead;
        PendingSafe = Safe = safeHead;
        Finalized = finalizedHead;
        _backupUnsafe = null;
        _syncingInARow = 0;
        ForkchoicePending = true;
    }

    /// <summary>Moves the finalized head up. Never beyond the safe head, never back: such a call changes nothing and answers false.</summary>
    public bool Finalize(L2BlockRef block)
    {
        if (block.Number <= Finalized.Number || block.Number > Safe.Number) return false;
        Finalized = block;
        ForkchoicePending = true;
        return true;
    }

    /// <summary>Tells the engine of the heads, without building.</summary>
    public async Task<EngineStep> UpdateForkchoiceAsync(CancellationToken cancellation)
    {
        ForkchoiceAnswer answer = await engine.ForkchoiceUpdatedAsync(State(Unsafe, Safe), null, cancellation);
        EngineStep step = EngineAnswersTable.Forkchoice(answer.Verdict, Count(answer.Verdict), answer.Detail);
        if (step.IsDone) ForkchoicePending = false;
        return await UnlessLostAsync(step, answer.Verdict, Unsafe, cancellation);
    }

    /// <summary>
    /// Makes derived attributes the next pending-safe block: the unsafe block at that height when it matches, else a block built from the attributes,
    /// which then replaces the unsafe chain.
    /// </summary>
    /// <param name="attributes">What derivation wants at the next height.</param>
    /// <param name="parent">The block they build on; must be the pending-safe head.</param>
    /// <param name="concludes">Whether the safe head follows at once (always from Holocene; before, at the end of a span batch).</param>
    /// <param name="cancellation">Ends the work; the heads stay.</param>
    public async Task<EngineStep> ApplyDerivedAsync(PayloadAttributes attributes, L2BlockRef parent, bool concludes, CancellationToken cancellation)
    {
        if (parent.Hash != PendingSafe.Hash)
            return EngineStep.Reset($"attributes for block {parent.Number + 1} build on {parent.Hash}, but the pending-safe head is {PendingSafe.Hash}");

        if (Unsafe.Number > PendingSafe.Number)
        {
            Block? existing = await engine.BlockByNumberAsync(PendingSafe.Number + 1, cancellation);
            if (existing is null) return EngineStep.Reset($"the engine has no block {PendingSafe.Number + 1} although its head is {Unsafe.Number}");
            AttributesMismatch mismatch = AttributesMatch.Compare(attributes, parent.Hash, existing, config);
            if (mismatch == AttributesMismatch.None)
            {
                if (!L2References.TryCreate(existing, config, out L2BlockRef reference, out string? fault))
                    return EngineStep.Reset($"block {existing.Header.Number} cannot be referenced: {fault}");
                Promote(reference, concludes);
                return EngineStep.Done;
            }

            logger.LogWarning("unsafe block {Number} {Hash} differs from the derived attributes in {What}: replacing it", existing.Header.Number, existing.Header.Hash, mismatch);
        }

        return await BuildDerivedAsync(attributes, parent, concludes, cancellation);
    }

    /// <summary>
    /// The derived attributes of the current pending-safe head turned out invalid. Before Holocene the incomplete span batch falls with them:
    /// pending-safe returns to safe, and so does the unsafe chain that was replaced, if the engine still takes it.
    /// </summary>
    public async Task<EngineStep> DropPendingAsync(CancellationToken cancellation)
    {
        PendingSafe = Safe;
        if (_backupUnsafe is not { } backup) return EngineStep.Done;
        ForkchoiceAnswer answer = await engine.ForkchoiceUpdatedAsync(State(backup, Safe), null, cancellation);
        EngineStep step = EngineAnswersTable.Forkchoice(answer.Verdict, Count(answer.Verdict), answer.Detail);
        if (step.Outcome == EngineOutcome.Retry) return step;
        _backupUnsafe = null;
        if (!step.IsDone) return step;
        logger.LogInformation("the unsafe chain is back at {Number} {Hash}", backup.Number, backup.Hash);
        Unsafe = backup;
        ForkchoicePending = false;
        return EngineStep.Done;
    }

    /// <summary>Adds an unsafe block on top of the unsafe head (gossip, or a payload posted by an operator).</summary>
    public async Task<EngineStep> InsertUnsafeAsync(PayloadEnvelope payload, CancellationToken cancellation)
    {
        if (payload.Payload.ParentHash != Unsafe.Hash) return EngineStep.Invalid($"block {payload.Payload.BlockNumber} does not build on the unsafe head {Unsafe.Hash}");
        return await ImportAsync(payload, Safe, cancellation);
    }

    /// <summary>Starts building on the unsafe head for the sequencer. The job is null unless Done.</summary>
    public async Task<(EngineStep Step, BuildJob? Job)> StartBuildAsync(PayloadAttributes attributes, L2BlockRef parent, CancellationToken cancellation)
    {
        if (parent.Hash != Unsafe.Hash) return (EngineStep.Invalid("the parent is no longer the unsafe head"), null);
        (EngineStep step, PayloadId id) = await BeginAsync(attributes, parent, cancellation);
        return step.IsDone ? (step, new BuildJob(id, parent, attributes)) : (step, null);
    }

    /// <summary>Ends a building job and checks the shape of what came out. The payload is null unless Done.</summary>
    public async Task<(EngineStep Step, PayloadEnvelope? Payload)> SealAsync(BuildJob job, CancellationToken cancellation)
    {
        PayloadAnswer answer = await engine.GetPayloadAsync(job.Payload, job.Attributes.Timestamp, cancellation);
        EngineStep step = EngineAnswersTable.GetPayload(answer.Verdict, answer.Payload is not null, answer.Detail);
        if (!step.IsDone) return (step, null);
        PayloadEnvelope payload = answer.Payload! with { ParentBeaconBlockRoot = job.Attributes.ParentBeaconBlockRoot };
        step = SealedPayloadChecks.Judge(payload.Payload, job);
        return step.IsDone ? (step, payload) : (step, null);
    }

    private async Task<EngineStep> BuildDerivedAsync(PayloadAttributes attributes, L2BlockRef parent, bool concludes, CancellationToken cancellation)
    {
        if (Unsafe.Number > parent.Number)
        {
            // The engine's head is the parent as soon as it hears of the attributes, whatever becomes of the block and of its answer.
            _backupUnsafe ??= Unsafe;
            Unsafe = parent;
        }

        (EngineStep step, PayloadId id) = await BeginAsync(attributes, parent, cancellation);
        if (!step.IsDone) return step;
        (step, PayloadEnvelope? payload) = await SealAsync(new BuildJob(id, parent, attributes), cancellation);
        if (!step.IsDone) return step;
        if (!TryReference(payload!, out L2BlockRef built, out string? fault)) return EngineStep.Retry($"the engine built what is no block: {fault}");
        L2BlockRef safe = concludes ? built : Safe;
        step = await ImportAsync(payload!, safe, cancellation);
        if (!step.IsDone) return step;
        Promote(built, concludes);
        ForkchoicePending = false;
        return EngineStep.Done;
    }

    private async Task<(EngineStep Step, PayloadId Id)> BeginAsync(PayloadAttributes attributes, L2BlockRef parent, CancellationToken cancellation)
    {
        if (parent.Number < Finalized.Number)
            return (EngineStep.Halt($"asked to build on block {parent.Number}, below the finalized block {Finalized.Number}"), default);
        ForkchoiceAnswer answer = await engine.ForkchoiceUpdatedAsync(State(parent, Safe), attributes, cancellation);
        EngineStep step = EngineAnswersTable.StartBuild(answer.Verdict, answer.Payload is not null, Count(answer.Verdict), answer.Detail);
        if (step.IsDone) ForkchoicePending = false;
        return (await UnlessLostAsync(step, answer.Verdict, parent, cancellation), answer.Payload ?? default);
    }

    /// <summary>newPayload, then forkchoice: the block becomes the unsafe head.</summary>
    private async Task<EngineStep> ImportAsync(PayloadEnvelope payload, L2BlockRef safe, CancellationToken cancellation)
    {
        if (!TryReference(payload, out L2BlockRef reference, out string? fault)) return EngineStep.Invalid(fault!);
        ImportAnswer imported = await engine.NewPayloadAsync(payload, cancellation);
        EngineStep step = EngineAnswersTable.NewPayload(imported.Verdict, Count(imported.Verdict), imported.Detail);
        if (!step.IsDone) return await UnlessLostAsync(step, imported.Verdict, Unsafe, cancellation);
        ForkchoiceAnswer answer = await engine.ForkchoiceUpdatedAsync(State(reference, safe), null, cancellation);
        step = EngineAnswersTable.Forkchoice(answer.Verdict, Count(answer.Verdict), answer.Detail);
        if (!step.IsDone) return step;
        Unsafe = reference;
        ForkchoicePending = false;
        return EngineStep.Done;
    }

    /// <summary>
    /// An engine that says it is syncing may have lost blocks (a restart with an older head): then it does not have the head either, and waiting is in vain.
    /// </summary>
    private async Task<EngineStep> UnlessLostAsync(EngineStep step, EngineVerdict verdict, L2BlockRef head, CancellationToken cancellation)
    {
        if (step.Outcome != EngineOutcome.Retry || verdict is not (EngineVerdict.Syncing or EngineVerdict.Accepted)) return step;
        try
        {
            return await engine.BlockByHashAsync(head.Hash, cancellation) is null ? EngineStep.Reset($"the engine is syncing and does not have block {head.Number} {head.Hash}, its head") : step;
        }
        catch (SourceException)
        {
            return step; // no answer decides nothing: the retry comes
        }
    }

    private bool TryReference(PayloadEnvelope payload, out L2BlockRef reference, out string? fault)
    {
        if (payload.TryGetBlock(config, out Block? block, out PayloadError error)) return L2References.TryCreate(block!, config, out reference, out fault);
        (reference, fault) = (default, $"block {payload.Payload.BlockNumber} {payload.Payload.BlockHash} is malformed: {error}");
        return false;
    }

    private void Promote(L2BlockRef block, bool concludes)
    {
        PendingSafe = block;
        if (Unsafe.Number < block.Number) Unsafe = block;
        if (!concludes) return;
        Safe = block;
        _backupUnsafe = null;
        ForkchoicePending = true;
    }

    private ForkchoiceState State(L2BlockRef head, L2BlockRef safe) => new(head.Hash, safe.Hash, Finalized.Hash);

    private int Count(EngineVerdict verdict) => verdict switch
    {
        EngineVerdict.Syncing or EngineVerdict.Accepted => ++_syncingInARow,
        EngineVerdict.Unreachable => _syncingInARow,
        _ => _syncingInARow = 0,
    };
}
