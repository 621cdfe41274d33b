using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>What the batch queue and its Holocene successor share: the known L1 blocks, the blocks of a span not yet used, and forced empty batches.</summary>
/// <remarks>Spec: derivation.md#batch-queue. Cases D-BQ, D-EB.</remarks>
internal abstract class BatchStageBase(RollupConfig config, L1Traversal traversal, ChannelReader source, SafeChain chain, IDerivationObserver observer)
{
    private readonly Queue<SingularBatch> _span = new();
    private L1BlockRef _origin;

    /// <summary>The L1 blocks that may be origins, consecutive, from the epoch being derived on.</summary>
    public List<EpochBlock> Epochs { get; } = [];

    protected RollupConfig Config => config;

    protected L1Traversal Traversal => traversal;

    protected ChannelReader Source => source;

    protected SafeChain Chain => chain;

    protected IDerivationObserver Observer => observer;

    /// <summary>The L1 block that this stage knows; traversal may be one ahead.</summary>
    protected L1BlockRef Origin => _origin;

    /// <summary>Gives the next batch on top of <paramref name="parent"/>.</summary>
    /// <param name="parent">The newest accepted block.</param>
    /// <param name="batch">The batch, checked.</param>
    /// <param name="concluding">Whether the safe head may move to its block.</param>
    public abstract Pull Next(in L2BlockRef parent, out SingularBatch? batch, out bool concluding);

    /// <summary>Forgets everything; the start block is the first epoch.</summary>
    public virtual void Reset(EpochBlock start)
    {
        _span.Clear();
        _origin = start.Ref;
        Epochs.Clear();
        Epochs.Add(start);
    }

    /// <summary>Takes over the known L1 blocks of the stage before, and nothing else (V-28).</summary>
    public void TakeOver(BatchStageBase before)
    {
        _origin = before._origin;
        Epochs.Clear();
        Epochs.AddRange(before.Epochs);
    }

    /// <summary>Whether nothing is held besides what a snapshot carries.</summary>
    public abstract bool IsAtRest { get; }

    /// <summary>The batches that wait for their turn.</summary>
    public virtual Batch[] WaitingBatches => [];

    /// <summary>The blocks of the span in use that were not taken yet.</summary>
    public SingularBatch[] SpanRest => _span.ToArray();

    /// <summary>The L1 block that this stage knows.</summary>
    public L1BlockRef KnownOrigin => _origin;

    /// <summary>Takes the contents of a snapshot.</summary>
    public virtual void Restore(DerivationSnapshot snapshot)
    {
        _span.Clear();
        foreach (SingularBatch batch in snapshot.Span) _span.Enqueue(batch);
        _origin = snapshot.StageOrigin;
        Epochs.Clear();
        Epochs.AddRange(snapshot.Epochs);
    }

    /// <summary>Forgets the rest of the span.</summary>
    public void DropSpan() => _span.Clear();

    protected bool IsBehind(in L2BlockRef parent) => traversal.Origin.Number < parent.L1Origin.Number;

    protected int SpanRemainder => _span.Count;

    /// <summary>Follows traversal and the epoch of the parent.</summary>
    protected void UpdateEpochs(in L2BlockRef parent)
    {
        if (_origin != traversal.Origin)
        {
            _origin = traversal.Origin;
            if (IsBehind(parent)) Epochs.Clear();
            else Epochs.Add(traversal.Current!);
        }

        if (Epochs.Count == 0 || parent.L1Origin.Number <= Epochs[0].Ref.Number) return;
        ulong passed = parent.L1Origin.Number - Epochs[0].Ref.Number;
        if (passed < (ulong)Epochs.Count) Epochs.RemoveRange(0, (int)passed);
    }

    /// <summary>Whether the first epoch is the parent's origin, or the one after it: so when all empty batches of an epoch were made.</summary>
    protected bool IsInStep(in L2BlockRef parent) =>
        Epochs.Count > 0 && (parent.L1Origin == Epochs[0].Ref.Id || parent.L1Origin.Number + 1 == Epochs[0].Ref.Number);

    /// <summary>Takes the next block of the span in use, if it comes right after the parent; otherwise the rest of the span is dropped.</summary>
    protected bool TryTakeFromSpan(in L2BlockRef parent, out SingularBatch? batch)
    {
        batch = null;
        if (!_span.TryPeek(out SingularBatch? next)) return false;
        if (next.Timestamp == parent.Timestamp + config.BlockTimeSeconds)
        {
            batch = WithParent(_span.Dequeue(), parent);
            return true;
        }

        observer.BatchChecked(traversal.Origin, BatchKind.SpanElement, next.Timestamp, BatchCheck.Drop(BatchRule.SpanRemainderStale));
        _span.Clear();
        return false;
    }

    /// <summary>Takes a span into use: its blocks past the parent. False: one has no known origin, or one behind the parent's.</summary>
    protected bool TryUseSpan(SpanBatch span, in L2BlockRef parent)
    {
        _span.Clear();
        for (int i = 0; i < span.BlockCount; i++)
        {
            if (span.TimestampOf(i) <= parent.Timestamp) continue;
            ulong epoch = span.EpochOf(i), first = Epochs[0].Ref.Number;
            if (epoch < parent.L1Origin.Number || epoch < first || epoch - first >= (ulong)Epochs.Count)
            {
                _span.Clear();
                return false;
            }

            _span.Enqueue(new SingularBatch
            {
                ParentHash = default,
                EpochNumber = epoch,
                EpochHash = Epochs[(int)(epoch - first)].Ref.Hash,
                Timestamp = span.TimestampOf(i),
                Transactions = span.TransactionsOf(i).ToArray(),
            });
        }

        return _span.Count > 0;
    }

    private static SingularBatch WithParent(SingularBatch batch, in L2BlockRef parent) => new()
    {
        ParentHash = parent.Hash,
        EpochNumber = batch.EpochNumber,
        EpochHash = batch.EpochHash,
        Timestamp = batch.Timestamp,
        Transactions = batch.Transactions,
    };

    /// <summary>Makes an empty batch if the sequencing window of the first epoch ran out (derivation.md#batch-queue, its end). Starved: it did not.</summary>
    /// <param name="outOfData">Whether the current L1 block holds no more batches.</param>
    /// <param name="parent">The newest accepted block.</param>
    /// <param name="batch">The empty batch.</param>
    protected Pull ForceEmpty(bool outOfData, in L2BlockRef parent, out SingularBatch? batch)
    {
        batch = null;
        L1BlockRef epoch = Epochs[0].Ref;
        ulong expiry = epoch.Number + config.SequencingWindowSize;
        bool isExpired = expiry < _origin.Number || (expiry == _origin.Number && outOfData);
        if (!isExpired || Epochs.Count < 2) return Pull.Starved;
        bool opensEpoch = epoch.Number == parent.L1Origin.Number + 1;
        ulong timestamp = parent.Timestamp + config.BlockTimeSeconds;
        if (timestamp >= Epochs[1].Ref.Timestamp && !opensEpoch)
        {
            // the next epoch's turn comes with the next L1 block
            Epochs.RemoveAt(0);
            return Pull.Starved;
        }

        batch = new SingularBatch { ParentHash = parent.Hash, EpochNumber = epoch.Number, EpochHash = epoch.Hash, Timestamp = timestamp, Transactions = [] };
        observer.EmptyBatchForced(traversal.Origin, epoch.Id, timestamp);
        return Pull.Yielded;
    }
}
