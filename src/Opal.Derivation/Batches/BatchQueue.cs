using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Keeps batches until their turn comes (derivation.md#batch-queue). Before Holocene.</summary>
internal sealed class BatchQueue(RollupConfig config, L1Traversal traversal, ChannelReader source, SafeChain chain, IDerivationObserver observer)
    : BatchStageBase(config, traversal, source, chain, observer)
{
    private readonly List<Batch> _batches = [];
    private Batch? _arriving;

    public override void Reset(EpochBlock start)
    {
        base.Reset(start);
        _batches.Clear();
        _arriving = null;
    }

    public override bool IsAtRest => _arriving is null;

    public override Batch[] WaitingBatches => _batches.ToArray();

    public override void Restore(DerivationSnapshot snapshot)
    {
        base.Restore(snapshot);
        _batches.Clear();
        _batches.AddRange(snapshot.Batches);
        _arriving = null;
    }

    public override Pull Next(in L2BlockRef parent, out SingularBatch? batch, out bool concluding)
    {
        Pull pulled = NextBatch(parent, out batch, out concluding);

        // while one look-up is answered, the blocks given before it stay: checks that precede it are run again
        if (pulled != Pull.Blocked) Chain.Finish();
        return pulled;
    }

    private Pull NextBatch(in L2BlockRef parent, out SingularBatch? batch, out bool concluding)
    {
        concluding = true;
        if (TryTakeFromSpan(parent, out batch))
        {
            concluding = IsSpanUsedUp;
            return Pull.Yielded;
        }

        UpdateEpochs(parent);
        bool isBehind = IsBehind(parent), outOfData = false;
        if (_arriving is null)
        {
            Pull pulled = Source.Next(out Batch read);
            if (pulled == Pull.Starved) outOfData = true;
            else if (pulled != Pull.Yielded) return pulled;
            else if (isBehind) Observer.BatchChecked(Traversal.Origin, read.Kind, read.Timestamp, BatchCheck.Drop(BatchRule.OriginBehindSafeHead));
            else _arriving = read;
        }

        if (isBehind) return outOfData ? Pull.Starved : Pull.Again;
        if (_arriving is { } arriving)
        {
            if (!TryCheck(parent, arriving, out BatchCheck arrival)) return Chain.Outcome;
            _arriving = null;
            if (arrival.Verdict == BatchVerdict.Drop) Observer.BatchChecked(Traversal.Origin, arriving.Kind, arriving.Timestamp, arrival);
            else _batches.Add(arriving);
        }

        Pull derived = Derive(parent, outOfData, out batch, out concluding);
        return derived == Pull.Starved && !outOfData ? Pull.Again : derived;
    }

    /// <summary>Takes the first batch, in the order of inclusion, that can be accepted now.</summary>
    private Pull Derive(in L2BlockRef parent, bool outOfData, out SingularBatch? batch, out bool concluding)
    {
        batch = null;
        concluding = true;
        if (!IsInStep(parent)) return Chain.Reset(ResetReason.EpochOutOfStep);
        for (int i = 0; i < _batches.Count;)
        {
            Batch candidate = _batches[i];
            if (!TryCheck(parent, candidate, out BatchCheck check)) return Chain.Outcome;
            switch (check.Verdict)
            {
                case BatchVerdict.Future:
                    i++;
                    continue;
                case BatchVerdict.Undecided:
                    return Pull.Starved;
                case BatchVerdict.Accept:
                    Observer.BatchChecked(Traversal.Origin, candidate.Kind, candidate.Timestamp, check);
                    _batches.RemoveAt(i);
                    return Use(parent, candidate, out batch, out concluding);
                default:
                    Observer.BatchChecked(Traversal.Origin, candidate.Kind, candidate.Timestamp, check);
                    _batches.RemoveAt(i);
                    continue;
            }
        }

        return ForceEmpty(outOfData, parent, out batch);
    }

    private Pull Use(in L2BlockRef parent, in Batch accepted, out SingularBatch? batch, out bool concluding)
    {
        concluding = true;
        batch = accepted.Singular;
        if (accepted.Span is not { } span) return Pull.Yielded;

        // the full check has found an origin for every block, so this does not fail
        if (!TryUseSpan(span, parent) || !TryTakeFromSpan(parent, out batch)) return Pull.Again;
        concluding = IsSpanUsedUp;
        return Pull.Yielded;
    }

    /// <summary>False: a block of the safe chain is missing for the check.</summary>
    private bool TryCheck(in L2BlockRef parent, in Batch batch, out BatchCheck check)
    {
        Chain.Begin();
        check = batch.Span is { } span
            ? SpanRules.Check(Config, Epochs, parent, span, batch.Inclusion, Chain)
            : BatchRules.CheckSingular(Config, Epochs, parent, batch.Singular!, batch.Inclusion);
        return !Chain.IsBlocked;
    }

    /// <summary>Forgets the batches because the stages are exchanged.</summary>
    public void Discard()
    {
        foreach (Batch batch in _batches) Observer.BatchChecked(Traversal.Origin, batch.Kind, batch.Timestamp, BatchCheck.Drop(BatchRule.StagesExchanged));
        _batches.Clear();
        _arriving = null;
        DropSpan();
    }
}
