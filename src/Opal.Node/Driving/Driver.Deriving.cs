using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Steps the pipeline, fetches what it asks for, and hands what it makes to the engine.</summary>
public sealed partial class Driver
{
    private CancellationTokenSource? _fetchEnd;
    private Task<Action>? _fetch;
    private DerivedAttributes? _attributes;
    private bool _dropPending;
    private int _depositsRefused;
    private WorkThread? _beside;
    private Task<DerivationStep>? _deriving;
    private L1BlockRef _derivationOrigin;

    /// <summary>Whether the pipeline is at rest: while a step of it runs beside the loop, nothing of it may be read.</summary>
    private bool IsPipelineAtRest => _deriving is null or { IsCompleted: true };

    /// <summary>True: something was done, step again.</summary>
    private async Task<bool> DeriveAsync(CancellationToken cancellation)
    {
        if (_dropPending) return _engineBackoff.IsDue && await DropPendingAsync(cancellation);
        if (_attributes is not null) return _engineBackoff.IsDue && await ApplyAsync(_attributes, cancellation);
        if (_fetch is not null) return await FinishFetchAsync();

        DerivationStep step;
        if (_beside is null)
        {
            step = _pipeline.Step();
        }
        else
        {
            // a channel or a span may take a second to decompress and decode: the next block does not wait for it
            if (_deriving is null)
            {
                _deriving = _beside.RunAsync(_pipeline.Step);
                if (!_deriving.IsCompleted) return false;
            }

            if (!_deriving.IsCompleted) return false;
            Task<DerivationStep> derived = _deriving;
            _deriving = null;
            step = await derived;
        }

        switch (step)
        {
            case NeedL1Block need:
                RecordSnapshot();
                // Above what is confirmed there is nothing to ask for: a new head wakes the loop.
                if (_l1Heads.Confirmed(_options.VerifierConfirmations) is not { } last || need.Number > last)
                {
                    CalmDown();
                    return false;
                }

                return Fetch(end => FetchBlockAsync(need, end), cancellation);
            case NeedL1Receipts need:
                return Fetch(end => FetchReceiptsAsync(need, end), cancellation);
            case NeedBlobs need:
                return Fetch(end => FetchBlobsAsync(need, end), cancellation);
            case NeedL2Block need:
                return _engineBackoff.IsDue && Provide(await _engine.BlockByNumberAsync(need.Number, cancellation));
            case NeedL2BlockByHash need:
                return _engineBackoff.IsDue && Provide(await _engine.BlockByHashAsync(need.Hash, cancellation));
            case PreparedAttributes prepared:
                _attributes = prepared.Attributes;
                return true;
            case ResetNeeded reset:
                if (reset.Reason == ResetReason.L1Reorg) _resumedAt = null; // L1's doing, not the snapshot's
                RequestReset(reset.Reason.ToString());
                return true;
            case DerivationStopped stopped:
                Halt($"derivation cannot go on at L1 block {_pipeline.Origin.Number}: {stopped.Reason}");
                return true;
            case Idle:
                CalmDown();
                return false;
            default:
                throw new InvalidOperationException($"unknown derivation step {step.GetType().Name}");
        }
    }

    /// <summary>All is derived. Resets count as over only after a quiet while, so that a fault that comes back at once is met ever more slowly.</summary>
    private void CalmDown()
    {
        if (_time.GetUtcNow() - _lastReset >= _options.LongestResetWait / 2) _resetBackoff.Succeeded();
    }

    private async Task<bool> ApplyAsync(DerivedAttributes derived, CancellationToken cancellation)
    {
        if (UpgradeGuard.Find(_config, _upgrades, new L2Time(derived.Attributes.Timestamp)) is { } missing)
        {
            Halt(missing);
            return true;
        }

        L2BlockRef safeBefore = _heads.Safe;
        EngineStep step = await _heads.ApplyDerivedAsync(derived.Attributes, derived.Parent, derived.ConcludesBatch, cancellation);
        switch (step.Outcome)
        {
            case EngineOutcome.Done:
                _attributes = null;
                _depositsRefused = 0;
                _engineBackoff.Succeeded();
                _resetBackoff.Succeeded();
                _pipeline.AttributesAccepted(_heads.PendingSafe);
                if (_heads.Safe != safeBefore) SafeHeadMoved(derived.DerivedFrom);
                return true;
            case EngineOutcome.InvalidPayload:
                if (SealedPayloadChecks.OnlyDeposits(derived.Attributes))
                {
                    // Nothing can take such a block's place, so that the engine is asked more than once before the node gives up.
                    if (++_depositsRefused < EngineAnswersTable.DepositsRefusedBeforeHalt)
                        return After(EngineStep.Retry($"the engine calls block {derived.BlockNumber} invalid, which holds nothing but deposits ({_depositsRefused} of {EngineAnswersTable.DepositsRefusedBeforeHalt} times): {step.Reason}"));
                    Halt($"the engine refuses block {derived.BlockNumber}, which holds nothing but deposits: {step.Reason}");
                    return true;
                }

                _attributes = null;
                _logger.LogWarning("the batch of block {Number} is invalid: {Reason}", derived.BlockNumber, step.Reason);
                _observer.AttributesInvalid(derived.Parent, step.Reason!);
                _pipeline.AttributesRejected();
                // From Holocene on every block before this one stands; before, the span it belongs to falls as a whole.
                _dropPending = !_config.IsActive(OptimismFork.Holocene, new L1InclusionTime(derived.DerivedFrom.Timestamp));
                return true;
            default:
                return After(step);
        }
    }

    private async Task<bool> DropPendingAsync(CancellationToken cancellation)
    {
        EngineStep step = await _heads.DropPendingAsync(cancellation);
        _dropPending = step.Outcome == EngineOutcome.Retry;
        return After(step);
    }

    private void SafeHeadMoved(L1BlockRef derivedFrom)
    {
        _finality.Record(derivedFrom, _heads.Safe);
        SafeHeads.Record(derivedFrom.Id, _heads.Safe.Id);
        _observer.SafeHeadChanged(_heads.Safe, derivedFrom);
    }

    private bool Provide(Block? block)
    {
        if (block is null) _pipeline.ProvideMissing();
        else if (!_pipeline.Provide(block)) RequestReset($"L2 block {block.Number} is not what derivation asked for");
        return true;
    }

    /// <summary>Starts a fetch beside the loop. True when it ended at once, or was started now: the loop steps again and either uses it or waits for it.</summary>
    private bool Fetch(Func<CancellationToken, Task<Action>> fetch, CancellationToken cancellation)
    {
        if (!_l1Backoff.IsDue) return false;
        _fetchEnd?.Dispose();
        _fetchEnd = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _fetch = fetch(_fetchEnd.Token);
        return _fetch.IsCompleted;
    }

    private async Task<bool> FinishFetchAsync()
    {
        if (!_fetch!.IsCompleted) return false;
        Task<Action> fetch = _fetch;
        _fetch = null;
        try
        {
            Action provide = await fetch;
            _l1Backoff.Succeeded();
            provide();
            return true;
        }
        catch (SourceException error)
        {
            _l1Backoff.Failed(error.Message);
            LogRetry(error.Message, _l1Backoff);
            return false;
        }
    }

    private async Task<Action> FetchBlockAsync(NeedL1Block need, CancellationToken cancellation)
    {
        L1Block? block = await _l1.BlockByNumberAsync(need.Number, cancellation);
        return () => Answer(block is not null, () => _pipeline.Provide(block!));
    }

    private async Task<Action> FetchReceiptsAsync(NeedL1Receipts need, CancellationToken cancellation)
    {
        BlockHeader? header = await _l1.HeaderByHashAsync(need.Block.Hash, cancellation);
        L1Receipts? receipts = header is null ? null : await _l1.ReceiptsAsync(header, cancellation);
        return () => Answer(receipts is not null, () => _pipeline.Provide(receipts!));
    }

    private async Task<Action> FetchBlobsAsync(NeedBlobs need, CancellationToken cancellation)
    {
        L1Blobs? blobs = await _blobs.BlobsAsync(need, cancellation);
        return () => Answer(blobs is not null, () => _pipeline.Provide(blobs!));
    }

    private void Answer(bool found, Func<bool> provide)
    {
        if (!found) _pipeline.ProvideMissing();
        else if (!provide()) RequestReset("L1 answered with another block than derivation asked for");
    }

    private void DropDerivationWork()
    {
        _fetchEnd?.Cancel();
        if (_fetch is { } fetch) _ = fetch.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        _fetch = null;
        _l1.DropReadAhead();
        _finalityCheck = null;
        _canonical = default;
        _attributes = null;
        _dropPending = false;
    }
}
