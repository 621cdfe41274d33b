using System.Security.Cryptography;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>What came of a block that was handed to the channel manager.</summary>
public enum AddBlockResult : byte
{
    Added,
    /// <summary>The block does not follow the newest one: L2 was reorganised, or a block is missing.</summary>
    NotNext,
}

/// <summary>
/// Decides what to post: holds the blocks that are not safe yet, in an open channel, in closed channels with frames waiting or in flight,
/// or in channels that are on L1 and wait for the safe head. No clock, no I/O; not for use by two threads at once.
/// </summary>
/// <remarks>
/// Spec: protocol/batcher.md. From Holocene on frames and channels must arrive in order, so one channel is sent before the next. Channels that are safe
/// are kept until they are final: an L1 reorg that takes them back is mended by sending their transactions again, under their own nonces.
/// </remarks>
public sealed partial class ChannelManager
{
    private readonly BatcherOptions _options;
    private readonly IChannelCodec _codec;
    private readonly Func<ChannelId> _newId;
    private readonly Queue<(Block Block, long EstimatedBytes)> _pending = new();
    private readonly List<ClosedChannel> _closed = [];
    private readonly Dictionary<ulong, (ClosedChannel Channel, SentTransaction Transaction)> _inFlight = [];
    private readonly Queue<ClosedChannel> _fresh = new();
    private ChannelBuilder? _open;
    private ulong _nextTransaction;
    private long _unclosedBytes;

    /// <summary>A manager without blocks.</summary>
    public ChannelManager(BatcherOptions options, IChannelCodec codec, Func<ChannelId>? newId = null)
    {
        _options = options;
        _codec = codec;
        _newId = newId ?? (() => new ChannelId(RandomNumberGenerator.GetBytes(ChannelId.Size)));
        UseBlobs = options.DataAvailability == DataAvailabilityType.Blobs;
    }

    /// <summary>Whether the next channel that is opened goes into blobs.</summary>
    public bool UseBlobs { get; set; }

    /// <summary>The number of the L1 origin of L2's newest block, loaded or not; 0 while it is not known. It tells how long a block that is loaded late has waited already.</summary>
    public ulong NewestOrigin { get; set; }

    /// <summary>What the blocks that are not wholly on L1 are estimated to take there, bytes.</summary>
    public long BacklogBytes => _unclosedBytes + _closed.Sum(static c => c.IsConfirmed ? 0 : c.EstimatedBytes);

    /// <summary>Channels with frames that wait to be sent.</summary>
    public int WaitingChannels => _closed.Count(static c => c.WaitingFrames > 0);

    /// <summary>The newest block handed over, null before the first.</summary>
    public BlockId? Tip { get; private set; }

    /// <summary>Blocks that are in no closed channel.</summary>
    public int PendingBlocks => _pending.Count + (_open?.Blocks.Count ?? 0);

    /// <summary>Transactions on their way.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Whether anything is left to send or to hear of.</summary>
    public bool IsDrained => _pending.Count == 0 && _open is null && _inFlight.Count == 0 && _closed.TrueForAll(c => c.IsConfirmed);

    /// <summary>The number of the oldest block that is not wholly on L1; null when all that was handed over is.</summary>
    public ulong? OldestNotOnL1 =>
        _closed.Find(static c => !c.IsOnL1) is { } channel ? channel.FirstBlock.Number
        : _open is { Blocks: [Block first, ..] } ? first.Number
        : _pending.TryPeek(out (Block Block, long EstimatedBytes) next) ? next.Block.Number : null;

    /// <summary>Forgets everything; the next block may be any.</summary>
    public void Clear()
    {
        _pending.Clear();
        _closed.Clear();
        _safe.Clear();
        _inFlight.Clear();
        _fresh.Clear();
        _open = null;
        Tip = null;
        _unclosedBytes = 0;
    }

    /// <summary>Takes the next unsafe block.</summary>
    public AddBlockResult AddBlock(Block block)
    {
        if (Tip is { } tip && (block.Header.ParentHash != tip.Hash || block.Number != tip.Number + 1)) return AddBlockResult.NotNext;
        long estimated = EstimateBytes(block);
        _unclosedBytes += estimated;
        _pending.Enqueue((block, estimated));
        Tip = new BlockId(block.Hash, block.Number);
        return AddBlockResult.Added;
    }

    /// <summary>The block's size on L1 as Fjord's cost function estimates it: 0.8365 · FastLZ size - 42.5856, at least 100 a transaction.</summary>
    internal static long EstimateBytes(Block block)
    {
        long bytes = 0;
        foreach (Transaction transaction in block.Transactions)
        {
            if (transaction.Type != TransactionType.Deposit) bytes += Math.Max(100, ((836_500L * transaction.FastLzSize) - 42_585_600) / 1_000_000);
        }

        return bytes + 70;
    }

    /// <summary>Moves pending blocks into channels and closes a channel that is due.</summary>
    /// <param name="l1Head">The newest L1 block's number.</param>
    /// <param name="originOf">The L1 origin's number of a block.</param>
    /// <param name="flush">Close the open channel whatever it holds.</param>
    public void Advance(ulong l1Head, Func<Block, ulong> originOf, bool flush = false)
    {
        while (Step(l1Head, originOf, flush, hasMore: false))
        {
            // every step closes a channel
        }
    }

    /// <summary>A part of <see cref="Advance"/>: up to the next channel that is full. Compressing one may take seconds.</summary>
    /// <param name="l1Head">The newest L1 block's number.</param>
    /// <param name="originOf">The L1 origin's number of a block.</param>
    /// <param name="flush">Close the open channel whatever it holds.</param>
    /// <param name="hasMore">Whether more blocks are about to be handed over: the duration of a channel that they still go into closes it afterwards.</param>
    /// <returns>Whether a full channel was closed, and there may be more to do.</returns>
    internal bool Step(ulong l1Head, Func<Block, ulong> originOf, bool flush, bool hasMore)
    {
        while (_pending.TryPeek(out (Block Block, long EstimatedBytes) next))
        {
            _open ??= Open(originOf(next.Block), l1Head);
            if (_open.TryAdd(next.Block, next.EstimatedBytes)) _pending.Dequeue();
            if (!_open.IsFull) continue;
            CloseOpen(ChannelCloseReason.Full);
            return true;
        }

        if (_open is null) return false;
        if (flush)
        {
            CloseOpen(ChannelCloseReason.Flush);
        }
        else if (CanSendMore(_open))
        {
            if (!hasMore && IsDurationOver(_open, l1Head)) CloseOpen(ChannelCloseReason.Duration);
            else if (IsAtRisk(_open, l1Head, originOf)) CloseOpen(ChannelCloseReason.Safety);
        }

        return false;
    }

    /// <summary>
    /// Opens a channel. Its duration began when its first block was made, not when that was loaded: after a start, a standstill or a loss, blocks that waited
    /// do not wait as long again. How old a block is, is told by the L1 origins between it and L2's newest block, which lag behind L1's head alike.
    /// </summary>
    private ChannelBuilder Open(ulong origin, ulong l1Head)
    {
        ulong age = NewestOrigin > origin ? NewestOrigin - origin : 0;
        bool endsSoon = EndsSoon(origin, l1Head);
        return new ChannelBuilder(_newId(), endsSoon ? _codec.Singular : _codec, _options, l1Head > age ? l1Head - age : 0, UseBlobs) { MayHoldSpans = !endsSoon && _options.BatchType == BatchType.Span };
    }

    private bool IsDurationOver(ChannelBuilder channel, ulong l1Head) =>
        _options.MaxChannelDurationBlocks > 0 && l1Head >= channel.OpenedAtL1Block && l1Head - channel.OpenedAtL1Block >= _options.MaxChannelDurationBlocks;

    /// <summary>
    /// Whether a channel that is closed now would go out now. While it could only wait, it stays open and takes the blocks that come meanwhile:
    /// else the channels of a slow L1 would hold a block each, and the safe head would fall ever further behind.
    /// </summary>
    private bool CanSendMore(ChannelBuilder channel) =>
        (_options.MaxPendingTransactions == 0 || _inFlight.Count < _options.MaxPendingTransactions) && !IsOtherKindInFlight(channel.AsBlobs) && !_closed.Exists(static c => c.WaitingFrames > 0);

    /// <summary>Whether what is on its way is of the other kind. L1's pools do not hold blob transactions and ordinary ones of one account at once, so that one kind has to be mined first.</summary>
    private bool IsOtherKindInFlight(bool asBlobs) => _inFlight.Values.Any(entry => entry.Channel.AsBlobs != asBlobs);

    /// <summary>Whether a block's sequencing window may be over when a channel that begins with it is on L1. In recovery the oldest blocks become safe without being posted.</summary>
    private bool EndsSoon(ulong origin, ulong l1Head)
    {
        // a duration of about the window closes no channel, the margin does: with it every block's window would end soon
        ulong open = _options.MaxChannelDurationBlocks <= _options.SequencingWindowBlocks / 2 ? _options.MaxChannelDurationBlocks : 0;
        return EndsWithin(open + (UInt128)Math.Max(1, _options.SubSafetyMarginBlocks), origin, l1Head);
    }

    /// <summary>Whether the sequencing window of the channel's first block ends soon. A channel's timeout begins with its first frame on L1, and frames go out once it is closed.</summary>
    private bool IsAtRisk(ChannelBuilder channel, ulong l1Head, Func<Block, ulong> originOf) =>
        EndsWithin(_options.SubSafetyMarginBlocks, originOf(channel.Blocks[0]), l1Head);

    private bool EndsWithin(UInt128 blocks, ulong origin, ulong l1Head) => l1Head + blocks >= origin + (UInt128)_options.SequencingWindowBlocks;

    private void CloseOpen(ChannelCloseReason reason)
    {
        ClosedChannel channel = _open!.Close(reason);
        channel.MayHoldSpans = _open.MayHoldSpans;
        channel.WasUnsafe = true;
        channel.RawBytes = _open.Blocks.Sum(static b => b.Transactions.Sum(static t => t.Type == TransactionType.Deposit ? 0L : t.Encoded.Length));
        _open = null;
        _unclosedBytes -= channel.EstimatedBytes;
        _closed.Add(channel);
        _fresh.Enqueue(channel);
    }

    /// <summary>The next channel that was closed and is not known to the journal yet; it stays the next until <see cref="Recorded"/>.</summary>
    internal ClosedChannel? NextUnrecorded => _fresh.TryPeek(out ClosedChannel? channel) ? channel : null;

    /// <summary>The journal knows <see cref="NextUnrecorded"/>.</summary>
    internal void Recorded() => _fresh.Dequeue();

    /// <summary>The next transaction to send, if there is one and the limit of transactions in flight allows it.</summary>
    public bool TryNextTransaction(out BatcherTransaction? transaction)
    {
        transaction = null;
        if (!TryNext(out (ClosedChannel Channel, SentTransaction Transaction) next)) return false;
        transaction = new BatcherTransaction(next.Transaction.Id, next.Channel.FramesOf(next.Transaction), next.Channel.AsBlobs);
        return true;
    }

    internal bool TryNext(out (ClosedChannel Channel, SentTransaction Transaction) next)
    {
        next = default;
        if (_options.MaxPendingTransactions > 0 && _inFlight.Count >= _options.MaxPendingTransactions) return false;
        ClosedChannel? channel = _closed.Find(static c => c.WaitingFrames > 0);
        if (channel is null || IsOtherKindInFlight(channel.AsBlobs)) return false;
        next = (channel, channel.Take(_nextTransaction++, channel.AsBlobs ? BlobsOf(channel) : 1));
        _inFlight.Add(next.Transaction.Id, next);
        return true;
    }

    /// <summary>
    /// The blobs of a channel's transactions: the target, or more where its transactions would have to wait for one another. A channel that took more blobs than the
    /// target to fill them, one a transaction and each confirmed before the next, would time out on the way.
    /// </summary>
    private int BlobsOf(ClosedChannel channel)
    {
        int atOnce = _options.MaxPendingTransactions == 0 ? channel.FrameCount : _options.MaxPendingTransactions;
        return Math.Clamp(Math.Max(_options.TargetFrames, (channel.FrameCount + atOnce - 1) / atOnce), 1, MaxBlobsPerTransaction);
    }

    /// <summary>
    /// The most blobs that one transaction may have on an L1 of any fork: Osaka's limit (EIP-7594) and that of Cancun's blocks. Prague's blocks would take more, but which
    /// fork an L1 is in a batcher knows of the public networks alone, and these have passed Osaka.
    /// </summary>
    public static int MaxBlobsPerTransaction { get; } = (int)Math.Min(ForkRules.Osaka.MaxBlobsPerTransaction, BlobParameters.Cancun.MaxBlobs);

    /// <summary>A transaction is on L1. Unknown ones (from before a <see cref="Clear"/>) are ignored.</summary>
    public void Confirm(ulong id, ulong l1Block) => Confirm(id, new BlockId(default, l1Block));

    internal bool Confirm(ulong id, BlockId included)
    {
        if (!_inFlight.Remove(id, out (ClosedChannel Channel, SentTransaction Transaction) entry)) return false;
        entry.Channel.Confirm(entry.Transaction, included);
        return true;
    }

    /// <summary>A transaction did not make it: its frames are sent again.</summary>
    public void Fail(ulong id)
    {
        if (_inFlight.Remove(id, out (ClosedChannel Channel, SentTransaction Transaction) entry)) entry.Channel.Fail(entry.Transaction);
    }
}
