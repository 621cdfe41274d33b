using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>A channel whose frames are cut: which wait, which are on their way, which are on L1.</summary>
internal sealed class ClosedChannel
{
    private enum FrameState : byte
    {
        Waiting,
        InFlight,
        Confirmed,
    }

    private readonly Frame[] _frames;
    private readonly FrameState[] _states;
    private readonly List<SentTransaction> _transactions = [];

    public ClosedChannel(ChannelId id, Block[] blocks, Frame[] frames, ChannelCloseReason reason, bool asBlobs, long estimatedBytes)
        : this(id, Array.ConvertAll(blocks, PostedBlock.Of), frames, reason, asBlobs, estimatedBytes)
    {
    }

    public ClosedChannel(ChannelId id, PostedBlock[] blocks, Frame[] frames, ChannelCloseReason reason, bool asBlobs, long estimatedBytes)
    {
        Id = id;
        Blocks = blocks;
        _frames = frames;
        _states = new FrameState[frames.Length];
        Reason = reason;
        AsBlobs = asBlobs;
        EstimatedBytes = estimatedBytes;
        WaitingFrames = frames.Length;
    }

    public ChannelId Id { get; }

    /// <summary>The blocks in it, in order, at least one.</summary>
    public PostedBlock[] Blocks { get; }

    public ChannelCloseReason Reason { get; }

    /// <summary>Whether its frames go into blobs.</summary>
    public bool AsBlobs { get; }

    /// <summary>What its blocks were estimated to take on L1.</summary>
    public long EstimatedBytes { get; }

    /// <summary>Bytes of the transactions in its blocks; 0 for a channel of an earlier run.</summary>
    public long RawBytes { get; set; }

    /// <summary>Whether blocks may be in span batches, each of which is dropped as a whole when its first block comes too late. True for a channel of an earlier run, of which it is not known.</summary>
    public bool MayHoldSpans { get; set; } = true;

    /// <summary>Whether its first block was seen not to be safe, since it is on L1 where it is.</summary>
    public bool WasUnsafe { get; set; }

    /// <summary>The L1 block that the node had read when the first block was first seen to be safe; null while it is not, or was so from the beginning.</summary>
    public ulong? SafeSince { get; set; }

    /// <summary>Whether it was found that L1 holds a block of it twice to no end.</summary>
    public bool IsDuplicate { get; set; }

    public IReadOnlyList<Frame> Frames => _frames;

    public int FrameCount => _frames.Length;

    public int WaitingFrames { get; private set; }

    /// <summary>The transactions that carry its frames, the failed ones included.</summary>
    public IReadOnlyList<SentTransaction> Transactions => _transactions;

    /// <summary>The L1 block that holds the channel's first frame; null before.</summary>
    public ulong? FirstInclusion { get; private set; }

    /// <summary>The L1 block that holds the channel's last frame; null before.</summary>
    public ulong? LastInclusion { get; private set; }

    /// <summary>Whether every frame is on L1, as deep as was asked.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>Whether every frame is on L1, deep or not.</summary>
    public bool IsOnL1 { get; private set; }

    /// <summary>Whether a version of one of its transactions may have been published.</summary>
    public bool IsPublished => _transactions.Exists(static t => t.Versions.Count > 0 || t.State == SentState.Confirmed);

    /// <summary>Whether a transaction with some of its frames is on its way.</summary>
    public bool HasOpenTransaction => _transactions.Exists(static t => t.State == SentState.Open);

    public PostedBlock FirstBlock => Blocks[0];

    public PostedBlock LastBlock => Blocks[^1];

    /// <summary>Bytes of data in its frames.</summary>
    public long DataBytes => _frames.Sum(static f => (long)f.Data.Length);

    /// <summary>The frames of a transaction.</summary>
    public ArraySegment<Frame> FramesOf(SentTransaction transaction) => new(_frames, transaction.FirstFrame, transaction.FrameCount);

    /// <summary>Takes the first frames that wait, as many as lie beside each other, into a new transaction.</summary>
    public SentTransaction Take(ulong id, int most)
    {
        int first = Array.IndexOf(_states, FrameState.Waiting), count = 0;
        while (count < most && first + count < _states.Length && _states[first + count] == FrameState.Waiting) count++;
        var transaction = new SentTransaction(id, first, count);
        Add(transaction);
        return transaction;
    }

    /// <summary>Takes a transaction that an earlier run of the batcher planned, in the state it has.</summary>
    public void Add(SentTransaction transaction)
    {
        _transactions.Add(transaction);
        Update();
    }

    /// <summary>A transaction is on L1.</summary>
    public void Confirm(SentTransaction transaction, BlockId included)
    {
        transaction.State = SentState.Confirmed;
        transaction.Included = included;
        Update();
    }

    /// <summary>A transaction did not make it: its frames wait again.</summary>
    public void Fail(SentTransaction transaction)
    {
        transaction.State = SentState.Failed;
        Update();
    }

    /// <summary>A transaction is not on L1 any more, and is on its way again.</summary>
    public void Reopen(SentTransaction transaction)
    {
        transaction.State = SentState.Open;
        transaction.Included = transaction.Seen = null;
        Update();
    }

    /// <summary>A transaction on its way is in an L1 block, or in none any more.</summary>
    public void See(SentTransaction transaction, BlockId? place)
    {
        transaction.Seen = place;
        Update();
    }

    private void Update()
    {
        ulong? lastBefore = IsOnL1 ? LastInclusion : null;
        Array.Clear(_states);
        FirstInclusion = LastInclusion = null;
        var isOnL1 = new bool[_states.Length];
        foreach (SentTransaction transaction in _transactions)
        {
            if (transaction.State == SentState.Failed) continue;
            foreach (ref FrameState state in _states.AsSpan(transaction.FirstFrame, transaction.FrameCount))
            {
                if (transaction.State == SentState.Confirmed) state = FrameState.Confirmed;
                else if (state == FrameState.Waiting) state = FrameState.InFlight;
            }

            if (transaction.Place is not { } place) continue;
            isOnL1.AsSpan(transaction.FirstFrame, transaction.FrameCount).Fill(true);
            FirstInclusion = FirstInclusion is { } first ? Math.Min(first, place.Number) : place.Number;
            LastInclusion = LastInclusion is { } last ? Math.Max(last, place.Number) : place.Number;
        }

        WaitingFrames = _states.Count(static s => s == FrameState.Waiting);
        IsConfirmed = Array.TrueForAll(_states, static s => s == FrameState.Confirmed);
        IsOnL1 = Array.TrueForAll(isOnL1, static frame => frame);
        if (lastBefore is null || lastBefore == LastInclusion) return;

        // an L1 reorg moved it: when its blocks were safe says nothing any more
        SafeSince = null;
        WasUnsafe = false;
    }
}
