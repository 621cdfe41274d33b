using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>What the batch queue and its Holocene successor share: the known L1 blocks, the blocks of a span not yet used, and forced empty batches.</summary>
/// <remarks>Spec: derivation.md#batch-queue. Cases D-BQ, D-EB.</remarks>
internal abstract class BatchStageBase(RollupConfig config, L1Traversal traversal, ChannelReader source, SafeChain chain, IDerivationObserver observer)
{
    /// <summary>How many blocks of a span are made at a time: a span may have millions, of which an early one fails.</summary>
    private const int BlocksAtOnce = 256;

    private readonly Queue<SingularBatch> _span = new(); // the next ones; those behind them are still in the span
    private SpanBatch? _spanBehind;
    private int _nextBehind;
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
        DropSpan();
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
    public SingularBatch[] SpanRest
    {
        get
        {
            var rest = new List<SingularBatch>(_span);
            if (_spanBehind is { } span)
            {
                for (int i = _nextBehind; i < span.BlockCount; i++) rest.Add(BlockOf(span, i));
            }

            return rest.ToArray();
        }
    }

    /// <summary>The L1 block that this stage knows.</summary>
    public L1BlockRef KnownOrigin => _origin;

    /// <summary>Takes the contents of a snapshot.</summary>
    public virtual void Restore(DerivationSnapshot snapshot)
    {
        DropSpan();
        foreach (SingularBatch batch in snapshot.Span) _span.Enqueue(batch);
        _origin = snapshot.StageOrigin;
        Epochs.Clear();
        Epochs.AddRange(snapshot.Epochs);
    }

    /// <summary>Forgets the rest of the span.</summary>
    public void DropSpan()
    {
        _span.Clear();
        _spanBehind = null;
    }

    protected bool IsBehind(in L2BlockRef parent) => traversal.Origin.Number < parent.L1Origin.Number;

    /// <summary>Whether all blocks of the span in use were taken.</summary>
    protected bool IsSpanUsedUp => _span.Count == 0 && _spanBehind is null;

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
        if (_span.Count == 0) MakeBlocks();
        if (!_span.TryPeek(out SingularBatch? next)) return false;
        if (next.Timestamp == parent.Timestamp + config.BlockTimeSeconds)
        {
            batch = WithParent(_span.Dequeue(), parent);
            return true;
        }

        observer.BatchChecked(traversal.Origin, BatchKind.SpanElement, next.Timestamp, BatchCheck.Drop(BatchRule.SpanRemainderStale));
        DropSpan();
        return false;
    }

    /// <summary>Takes a span into use: its blocks past the parent. False: one has no known origin, or one behind the parent's.</summary>
    protected bool TryUseSpan(SpanBatch span, in L2BlockRef parent)
    {
        DropSpan();
        int first = -1;
        for (int i = 0; i < span.BlockCount; i++)
        {
            if (span.TimestampOf(i) <= parent.Timestamp) continue;
            ulong epoch = span.EpochOf(i), oldest = Epochs[0].Ref.Number;
            if (epoch < parent.L1Origin.Number || epoch < oldest || epoch - oldest >= (ulong)Epochs.Count) return false;
            if (first < 0) first = i;
        }

        if (first < 0) return false;
        _spanBehind = span;
        _nextBehind = first;
        return true;
    }

    /// <summary>Makes the next blocks of the span in use. Their origins are known: none is older than the parent's, up to which they are forgotten.</summary>
    private void MakeBlocks()
    {
        if (_spanBehind is not { } span) return;
        for (int i = 0; i < BlocksAtOnce && _nextBehind < span.BlockCount; i++) _span.Enqueue(BlockOf(span, _nextBehind++));
        if (_nextBehind == span.BlockCount) _spanBehind = null;
    }

    private SingularBatch BlockOf(SpanBatch span, int index)
    {
        ulong epoch = span.EpochOf(index);
        return new SingularBatch
        {
            ParentHash = default,
            EpochNumber = epoch,
            EpochHash = Epochs[(int)(epoch - Epochs[0].Ref.Number)].Ref.Hash,
            Timestamp = span.TimestampOf(index),
            Transactions = span.TransactionsOf(index).ToArray(),
        };
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
