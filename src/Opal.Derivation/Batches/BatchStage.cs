using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Takes batches strictly in order; an invalid one discards the rest of its span and channel (holocene/derivation.md#batch-queue).</summary>
internal sealed class BatchStage(
    RollupConfig config, L1Traversal traversal, ChannelReader source, ChannelAssembler assembler, SafeChain chain, IDerivationObserver observer)
    : BatchStageBase(config, traversal, source, chain, observer)
{
    // a span whose check waits for blocks of the safe chain
    private Batch? _waiting;

    public override void Reset(EpochBlock start)
    {
        base.Reset(start);
        _waiting = null;
    }

    public override bool IsAtRest => _waiting is null;

    public override void Restore(DerivationSnapshot snapshot)
    {
        base.Restore(snapshot);
        _waiting = null;
    }

    /// <summary>Forgets the rest of the span and of the channel, and the staging channel; frames in the queue stay.</summary>
    public void Flush()
    {
        DropSpan();
        _waiting = null;
        Source.Flush();
        assembler.Flush();
    }

    public override Pull Next(in L2BlockRef parent, out SingularBatch? batch, out bool concluding)
    {
        concluding = true; // every accepted block is safe at once
        batch = null;
        UpdateEpochs(parent);

        // a channel completed at or before the parent's origin can hold nothing new
        if (Traversal.Origin.Number <= parent.L1Origin.Number)
        {
            Pull drained = Source.Next(out Batch read);
            if (drained != Pull.Yielded) return drained;
            Observer.BatchChecked(Traversal.Origin, read.Kind, read.Timestamp, BatchCheck.Drop(BatchRule.OriginBehindSafeHead));
            return Pull.Again;
        }

        if (Epochs.Count < 2 || !IsInStep(parent)) return Chain.Reset(ResetReason.EpochOutOfStep);
        Pull pulled = NextCandidate(parent, out SingularBatch? candidate, out BatchKind kind);
        if (pulled == Pull.Starved) return ForceEmpty(outOfData: true, parent, out batch);
        if (pulled != Pull.Yielded) return pulled;

        BatchCheck check = BatchRules.CheckSingular(Config, Epochs, parent, candidate!, Origin);
        Observer.BatchChecked(Traversal.Origin, kind, candidate!.Timestamp, check);
        if (check.Verdict == BatchVerdict.Accept)
        {
            batch = candidate;
            return Pull.Yielded;
        }

        if (check.Verdict == BatchVerdict.Drop) Flush();
        return Pull.Again;
    }

    private Pull NextCandidate(in L2BlockRef parent, out SingularBatch? candidate, out BatchKind kind)
    {
        kind = BatchKind.SpanElement;
        if (TryTakeFromSpan(parent, out candidate)) return Pull.Yielded;
        if (_waiting is null)
        {
            Pull pulled = Source.Next(out Batch read);
            if (pulled != Pull.Yielded) return pulled;
            if (read.Singular is { } singular)
            {
                kind = BatchKind.Singular;
                candidate = singular;
                return Pull.Yielded;
            }

            _waiting = read;
        }

        SpanBatch span = _waiting.Value.Span!;
        Chain.Begin();
        BatchCheck check = SpanRules.CheckHolocene(Config, Epochs, parent, span, Origin, Chain);
        if (Chain.IsBlocked) return Chain.Outcome;
        Chain.Finish();
        _waiting = null;
        if (check.Verdict == BatchVerdict.Accept && !TryUseSpan(span, parent)) check = BatchCheck.Drop(BatchRule.EpochUnknown);
        Observer.BatchChecked(Traversal.Origin, BatchKind.Span, span.Timestamp, check);
        if (check.Verdict == BatchVerdict.Accept) return TryTakeFromSpan(parent, out candidate) ? Pull.Yielded : Pull.Again;
        if (check.Verdict == BatchVerdict.Drop) Flush();
        return Pull.Again;
    }
}
