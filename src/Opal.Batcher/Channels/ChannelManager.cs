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
/// <remarks>Spec: protocol/batcher.md. From Holocene on frames and channels must arrive in order, so one channel is sent before the next.</remarks>
public sealed class ChannelManager
{
    private readonly BatcherOptions _options;
    private readonly IChannelCodec _codec;
    private readonly Func<ChannelId> _newId;
    private readonly Queue<(Block Block, long EstimatedBytes)> _pending = new();
    private readonly List<ClosedChannel> _closed = [];
    private readonly Dictionary<ulong, (ClosedChannel Channel, BatcherTransaction Transaction)> _inFlight = [];
    private ChannelBuilder? _open;
    private ulong _nextTransaction;

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

    /// <summary>What the blocks that are not wholly on L1 are estimated to take there, bytes.</summary>
    public long BacklogBytes { get; private set; }

    /// <summary>Channels with frames that wait to be sent.</summary>
    public int WaitingChannels
    {
        get
        {
            int count = 0;
            foreach (ClosedChannel channel in _closed) if (channel.WaitingFrames > 0) count++;
            return count;
        }
    }

    /// <summary>The newest block handed over, null before the first.</summary>
    public BlockId? Tip { get; private set; }

    /// <summary>Blocks that are in no closed channel.</summary>
    public int PendingBlocks => _pending.Count + (_open?.Blocks.Count ?? 0);

    /// <summary>Transactions on their way.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Whether anything is left to send or to hear of.</summary>
    public bool IsDrained => _pending.Count == 0 && _open is null && _inFlight.Count == 0 && _closed.TrueForAll(c => c.IsConfirmed);

    /// <summary>Forgets everything; the next block may be any.</summary>
    public void Clear()
    {
        _pending.Clear();
        _closed.Clear();
        _inFlight.Clear();
        _open = null;
        Tip = null;
        BacklogBytes = 0;
    }

    /// <summary>Takes the next unsafe block.</summary>
    public AddBlockResult AddBlock(Block block)
    {
        if (Tip is { } tip && (block.Header.ParentHash != tip.Hash || block.Number != tip.Number + 1)) return AddBlockResult.NotNext;
        long estimated = EstimateBytes(block);
        BacklogBytes += estimated;
        _pending.Enqueue((block, estimated));
        Tip = new BlockId(block.Hash, block.Number);
        return AddBlockResult.Added;
    }

    /// <summary>The block's size on L1 as Fjord's cost function estimates it: 0.8365 · FastLZ size - 42.5856, at least 100 a transaction.</summary>
    private static long EstimateBytes(Block block)
    {
        long bytes = 0;
        foreach (Transaction transaction in block.Transactions)
        {
            if (transaction.Type != TransactionType.Deposit) bytes += Math.Max(100, ((836_500L * transaction.FastLzSize) - 42_585_600) / 1_000_000);
        }

        return bytes + 70;
    }

    /// <summary>Drops what the safe head covers.</summary>
    /// <returns>False when the safe chain holds another block than the one posted: L2 was reorganised.</returns>
    public bool PruneSafe(BlockId safe)
    {
        foreach (ClosedChannel channel in _closed)
        {
            foreach (Block block in channel.Blocks)
            {
                if (block.Number == safe.Number && block.Hash != safe.Hash) return false;
            }
        }

        _closed.RemoveAll(c => c.IsConfirmed && c.LastBlock.Number <= safe.Number);
        return true;
    }

    /// <summary>
    /// Whether a channel that is wholly on L1 was read past by the node without its blocks becoming safe: its data was dropped or
    /// reorganised away, and has to be posted again from the safe head on.
    /// </summary>
    /// <param name="safe">The safe head.</param>
    /// <param name="derivedL1Block">The L1 block the node has derived up to.</param>
    public bool HasLostChannel(BlockId safe, ulong derivedL1Block) =>
        _closed.Exists(c => c.IsConfirmed && c.LastInclusion < derivedL1Block && c.LastBlock.Number > safe.Number);

    /// <summary>Whether a channel cannot be completed any more: its first frame is older than the timeout.</summary>
    public bool HasTimedOutChannel(ulong l1Head) =>
        _closed.Exists(c => !c.IsConfirmed && c.FirstInclusion is { } first && l1Head > first + _options.ChannelTimeoutBlocks);

    /// <summary>Moves pending blocks into channels and closes a channel that is due.</summary>
    /// <param name="l1Head">The newest L1 block's number.</param>
    /// <param name="originOf">The L1 origin's number of a block.</param>
    /// <param name="flush">Close the open channel whatever it holds.</param>
    public void Advance(ulong l1Head, Func<Block, ulong> originOf, bool flush = false)
    {
        while (_pending.TryDequeue(out (Block Block, long EstimatedBytes) next))
        {
            _open ??= new ChannelBuilder(_newId(), _codec, _options, l1Head, UseBlobs);
            _open.Add(next.Block, next.EstimatedBytes);
            if (_open.IsFull) CloseOpen(ChannelCloseReason.Full);
        }

        if (_open is null) return;
        if (flush)
        {
            CloseOpen(ChannelCloseReason.Flush);
        }
        else if (_options.MaxChannelDurationBlocks > 0 && l1Head >= _open.OpenedAtL1Block + _options.MaxChannelDurationBlocks)
        {
            CloseOpen(ChannelCloseReason.Duration);
        }
        else if (IsAtRisk(_open, l1Head, originOf))
        {
            CloseOpen(ChannelCloseReason.Safety);
        }
    }

    private bool IsAtRisk(ChannelBuilder channel, ulong l1Head, Func<Block, ulong> originOf)
    {
        ulong margin = _options.SubSafetyMarginBlocks;
        ulong timeout = channel.OpenedAtL1Block + _options.ChannelTimeoutBlocks;
        ulong window = originOf(channel.Blocks[0]) + _options.SequencingWindowBlocks;
        return l1Head + margin >= Math.Min(timeout, window);
    }

    private void CloseOpen(ChannelCloseReason reason)
    {
        _closed.Add(_open!.Close(reason));
        _open = null;
    }

    /// <summary>The next transaction to send, if there is one and the limit of transactions in flight allows it.</summary>
    public bool TryNextTransaction(out BatcherTransaction? transaction)
    {
        transaction = null;
        if (_options.MaxPendingTransactions > 0 && _inFlight.Count >= _options.MaxPendingTransactions) return false;
        ClosedChannel? channel = _closed.Find(c => c.WaitingFrames > 0);
        if (channel is null) return false;
        int most = channel.AsBlobs ? Math.Max(1, Math.Min(_options.TargetFrames, MaxBlobsPerTransaction)) : 1;
        var frames = new List<Frame>();
        while (frames.Count < most && channel.WaitingFrames > 0) frames.Add(channel.TakeFrame());
        transaction = new BatcherTransaction(_nextTransaction++, frames, channel.AsBlobs);
        _inFlight.Add(transaction.Id, (channel, transaction));
        return true;
    }

    /// <summary>The most blobs that L1's pools take in one transaction.</summary>
    public const int MaxBlobsPerTransaction = 6;

    /// <summary>A transaction is on L1. Unknown ones (from before a <see cref="Clear"/>) are ignored.</summary>
    public void Confirm(ulong id, ulong l1Block)
    {
        if (!_inFlight.Remove(id, out (ClosedChannel Channel, BatcherTransaction Transaction) entry)) return;
        entry.Channel.Confirm(entry.Transaction.Frames.Count, l1Block);
        if (entry.Channel.IsConfirmed) BacklogBytes -= entry.Channel.EstimatedBytes;
    }

    /// <summary>A transaction did not make it: its frames are sent again.</summary>
    public void Fail(ulong id)
    {
        if (_inFlight.Remove(id, out (ClosedChannel Channel, BatcherTransaction Transaction) entry)) entry.Channel.Return(entry.Transaction.Frames);
    }
}
