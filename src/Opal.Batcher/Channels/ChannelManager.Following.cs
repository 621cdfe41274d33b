using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

public sealed partial class ChannelManager
{
    /// <summary>Safe channels that are kept at most; a chain that never becomes final does not fill the memory.</summary>
    private const int MaxSafeChannels = 256;

    private readonly List<ClosedChannel> _safe = [];

    /// <summary>The channels that hold blocks, safe ones included, oldest first.</summary>
    internal IEnumerable<ClosedChannel> Channels => _safe.Concat(_closed);

    /// <summary>Follows the safe head: what it covers is only kept in case it comes back.</summary>
    /// <returns>False when the safe chain holds another block than the one posted: L2 was reorganised.</returns>
    public bool PruneSafe(BlockId safe)
    {
        foreach (ClosedChannel channel in Channels)
        {
            ulong first = channel.FirstBlock.Number;
            if (safe.Number < first || safe.Number > channel.LastBlock.Number) continue;
            if (channel.Blocks[(int)(safe.Number - first)].Id.Hash != safe.Hash) return false;
        }

        while (_safe.Count > 0 && _safe[^1].LastBlock.Number > safe.Number)
        {
            _closed.Insert(0, _safe[^1]);
            _safe.RemoveAt(_safe.Count - 1);
        }

        // what somebody else posted needs no frames of ours; what is on its way is heard of first
        while (_closed.Count > 0 && _closed[0].LastBlock.Number <= safe.Number && !_closed[0].HasOpenTransaction)
        {
            _safe.Add(_closed[0]);
            _closed.RemoveAt(0);
        }

        return true;
    }

    /// <summary>Channels that the safe head has reached the end of, and that are not known to be safe as they are.</summary>
    internal List<ClosedChannel> CoveredBy(ulong safe) => _closed.FindAll(c => c.LastBlock.Number <= safe);

    /// <summary>Lets go of safe channels that no L1 reorg takes back any more, and gives them.</summary>
    /// <param name="final">The newest final L2 block's number.</param>
    internal List<ClosedChannel> TakeFinal(ulong final)
    {
        int count = 0;
        while (count < _safe.Count && (_safe[count].LastBlock.Number <= final || _safe.Count - count > MaxSafeChannels)) count++;
        List<ClosedChannel> done = _safe[..count];
        _safe.RemoveRange(0, count);
        return done;
    }

    /// <summary>Whether the blocks held continue the safe head without a gap.</summary>
    internal bool Connects(ulong safe)
    {
        ulong next = safe + 1;
        bool isFirst = true;
        foreach ((ulong first, ulong last) in Ranges())
        {
            if (isFirst ? first > next : first != next) return false;
            next = last + 1;
            isFirst = false;
        }

        return true;
    }

    private IEnumerable<(ulong First, ulong Last)> Ranges()
    {
        foreach (ClosedChannel channel in _closed) yield return (channel.FirstBlock.Number, channel.LastBlock.Number);
        if (_open is { Blocks: [Block opening, ..] blocks }) yield return (opening.Number, blocks[^1].Number);
        if (_pending.TryPeek(out (Block Block, long EstimatedBytes) pending)) yield return (pending.Block.Number, Tip!.Value.Number);
    }

    /// <summary>
    /// Whether a channel that is wholly on L1 was read past by the node without its blocks becoming safe: its data was dropped or
    /// reorganised away, and has to be posted again from the safe head on.
    /// </summary>
    /// <param name="safe">The safe head.</param>
    /// <param name="derivedL1Block">The L1 block the node has derived up to.</param>
    public bool HasLostChannel(BlockId safe, ulong derivedL1Block) => FindSuspect(safe, derivedL1Block) is not null;

    internal ClosedChannel? FindSuspect(BlockId safe, ulong derivedL1Block) =>
        _closed.Find(c => c.IsOnL1 && c.LastInclusion < derivedL1Block && c.LastBlock.Number > safe.Number);

    /// <summary>Whether a channel cannot be completed any more: its first frame is older than the timeout.</summary>
    public bool HasTimedOutChannel(ulong l1Head) => FindTimedOut(0, l1Head) is not null;

    /// <summary>The first channel that can be complete in no L1 block that is in time. A frame that was not sent yet comes after the head.</summary>
    internal ClosedChannel? FindTimedOut(ulong safe, ulong l1Head) =>
        _closed.Find(c => !c.IsOnL1 && c.LastBlock.Number > safe && c.FirstInclusion is { } first && l1Head + (c.WaitingFrames > 0 ? 1u : 0u) > first + _options.ChannelTimeoutBlocks);

    /// <summary>The hash of a block that is held; null when none of that number is.</summary>
    internal Hash256? HashAt(ulong number)
    {
        foreach (ClosedChannel channel in Channels)
        {
            if (number >= channel.FirstBlock.Number && number <= channel.LastBlock.Number) return channel.Blocks[(int)(number - channel.FirstBlock.Number)].Id.Hash;
        }

        foreach (Block block in _open?.Blocks ?? [])
        {
            if (block.Number == number) return block.Hash;
        }

        foreach ((Block block, _) in _pending)
        {
            if (block.Number == number) return block.Hash;
        }

        return null;
    }

    /// <summary>Whether the frames that are sent next come too late to complete their channel: what is sent now is above L1's head, and verifiers have let go of the channel by then.</summary>
    internal bool IsNextTooLate(ulong l1Head) =>
        _closed.Find(static c => c.WaitingFrames > 0) is { FirstInclusion: { } first } && l1Head >= first + _options.ChannelTimeoutBlocks;

    /// <summary>The first block of a channel that is not on its way yet and would be dropped as a whole: it may begin with a span batch, and the sequencing window of that is over.</summary>
    internal PostedBlock? FindLateSpan(ulong safe, ulong l1Head)
    {
        foreach (ClosedChannel channel in _closed)
        {
            if (channel.MayHoldSpans && channel.WaitingFrames > 0 && channel.LastBlock.Number > safe && IsLate(channel.FirstBlock)) return channel.FirstBlock;
        }

        return _open is { MayHoldSpans: true, Blocks: [Block first, ..] } && PostedBlock.Of(first) is var opening && IsLate(opening) ? opening : null;

        bool IsLate(PostedBlock block) => l1Head >= block.Origin + _options.SequencingWindowBlocks;
    }

    /// <summary>Finds the channels that are on L1 behind where their first block was safe already, each once. Called at each look.</summary>
    /// <param name="safe">The safe head's number.</param>
    /// <param name="derivedL1Block">The L1 block the node has derived up to.</param>
    /// <returns>Those that were found now.</returns>
    internal List<ClosedChannel> FindDuplicates(ulong safe, ulong derivedL1Block)
    {
        var found = new List<ClosedChannel>();
        foreach (ClosedChannel channel in Channels)
        {
            if (channel.FirstBlock.Number > safe) (channel.WasUnsafe, channel.SafeSince) = (true, null);
            else if (channel.WasUnsafe) channel.SafeSince ??= derivedL1Block;

            // where it is, is sure only when it is as deep as was asked
            if (channel.IsDuplicate || !channel.IsConfirmed || channel.SafeSince is not { } since || since >= channel.LastInclusion) continue;
            channel.IsDuplicate = true;
            found.Add(channel);
        }

        return found;
    }

    /// <summary>The blocks above a number that L1 does not hold whole, and cannot before more frames are sent, oldest first.</summary>
    internal IEnumerable<PostedBlock> UnsentAbove(ulong number) => BlocksAbove(number, static channel => channel.WaitingFrames > 0);

    /// <summary>The blocks above a number that are not known to be on L1, those on their way too, oldest first.</summary>
    internal IEnumerable<PostedBlock> NotOnL1Above(ulong number) => BlocksAbove(number, static channel => !channel.IsOnL1);

    private IEnumerable<PostedBlock> BlocksAbove(ulong number, Predicate<ClosedChannel> isWanted)
    {
        foreach (ClosedChannel channel in _closed)
        {
            if (channel.LastBlock.Number <= number || !isWanted(channel)) continue;
            foreach (PostedBlock block in channel.Blocks)
            {
                if (block.Number > number) yield return block;
            }
        }

        foreach (Block block in _open?.Blocks ?? []) yield return PostedBlock.Of(block);
        foreach ((Block block, _) in _pending) yield return PostedBlock.Of(block);
    }

    /// <summary>Forgets what is not safe; the next block is the one above the safe head. Gives the channels that are given up.</summary>
    /// <param name="safeToo">Whether the safe channels are forgotten as well: they are not of the chain.</param>
    internal List<ClosedChannel> StartOver(bool safeToo)
    {
        List<ClosedChannel> given = safeToo ? [.. _safe, .. _closed] : [.. _closed];
        List<ClosedChannel> kept = safeToo ? [] : [.. _safe];
        given.RemoveAll(_fresh.Contains);
        Clear();
        _safe.AddRange(kept);
        return given;
    }

    /// <summary>The transactions on their way that were signed.</summary>
    internal List<(ClosedChannel Channel, SentTransaction Transaction)> Signed => [.. _inFlight.Values.Where(static entry => entry.Transaction.Versions.Count > 0)];

    /// <summary>Whether a transaction has to get its nonce, or get it back, before one behind it gets any: else their frames would be on L1 in another order.</summary>
    internal bool AwaitsNonce => _inFlight.Values.Any(static entry => entry.Transaction.Versions.Count == 0 || entry.Transaction.IsBetweenTries);

    /// <summary>Whether a transaction is one that is waited for.</summary>
    internal bool IsInFlight(ulong id) => _inFlight.ContainsKey(id);

    /// <summary>Takes what an earlier run of the batcher left, each channel continuing the one before; nothing is held yet. Open transactions count as in flight.</summary>
    /// <param name="channels">Oldest first.</param>
    /// <param name="nextTransaction">The number of the next transaction.</param>
    /// <returns>The open transactions, in the order of their frames.</returns>
    internal List<(ClosedChannel Channel, SentTransaction Transaction)> Restore(IEnumerable<ClosedChannel> channels, ulong nextTransaction)
    {
        _nextTransaction = Math.Max(_nextTransaction, nextTransaction);
        var open = new List<(ClosedChannel Channel, SentTransaction Transaction)>();
        foreach (ClosedChannel channel in channels)
        {
            _closed.Add(channel);
            Tip = channel.LastBlock.Id;
            foreach (SentTransaction transaction in channel.Transactions)
            {
                if (transaction.State != SentState.Open) continue;
                _inFlight.Add(transaction.Id, (channel, transaction));
                open.Add((channel, transaction));
            }
        }

        return open;
    }

    /// <summary>A confirmed transaction is not on L1 any more: it is on its way again.</summary>
    internal void Reopen(ClosedChannel channel, SentTransaction transaction)
    {
        channel.Reopen(transaction);
        _inFlight.Add(transaction.Id, (channel, transaction));
    }
}
