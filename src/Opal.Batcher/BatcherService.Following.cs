using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

public sealed partial class BatcherService
{
    /// <summary>Blocks remembered as posted, after which the oldest knowledge is let go of.</summary>
    private const int MaxPostedBefore = 100_000;

    /// <summary>L1 blocks for which a node may lack blocks that are held.</summary>
    private const ulong BlocksOfPatience = 2;

    /// <summary>Channels given up that are on L1, whose effect is looked at once the node has read past them.</summary>
    private const int MaxUnexplained = 16;

    /// <summary>Compares what is held with the chain: what is safe is done, what was lost is repaired, what is not of the chain is given up.</summary>
    private async Task FollowAsync(SequencerPair sequencer, SyncStatus status, CancellationToken cancellation)
    {
        var safe = new BlockId(status.SafeL2.Hash, status.SafeL2.Number);
        await LookForOpenAsync(status.HeadL1.Hash, cancellation);
        ClosedChannel? replaced = await FindReplacedAsync(sequencer.L2, safe, cancellation);
        bool isOfChain = replaced is null;
        string? reason, gap;
        ClosedChannel? suspect = null;
        using (Enter())
        {
            reason = isOfChain ? ReasonToStartOver(safe, status.UnsafeL2, out isOfChain) : "the safe chain has other blocks than those that were posted";
            if (isOfChain)
            {
                CountDuplicates(status);
                EndFinal(status.FinalizedL2.Number);
            }

            gap = reason is null ? ReasonOfGap(status) : null;
            reason ??= gap;
            suspect = replaced is { IsOnL1: true } && replaced.LastInclusion < status.CurrentL1.Number ? replaced
                : _manager.FindSuspect(safe, status.CurrentL1.Number) ?? (reason is null ? _manager.FindTimedOut(safe.Number, _l1Head) : null);
        }

        await ExplainAsync(sequencer, status, cancellation);
        if (suspect is not null && !await IsLostAsync(suspect, sequencer, status, reason is not null, cancellation) && reason is null) return;
        if (reason is not null || suspect is not null)
        {
            // a safe head that stays behind what is on L1 says that this had no effect, as one does that does not move
            bool hadNoEffect = reason is null || gap is not null;
            StartOver(reason is null ? ChannelOutcome.Lost : ChannelOutcome.Abandoned, reason ?? "a posted channel had no effect", safeToo: !isOfChain, hadNoEffect);
        }

        if (suspect is not null) _unexplained.Remove(suspect); // it is explained
    }

    /// <summary>The first channel whose blocks the safe head has gone past without their being the chain's.</summary>
    private async Task<ClosedChannel?> FindReplacedAsync(EthClient l2, BlockId safe, CancellationToken cancellation)
    {
        List<ClosedChannel> covered;
        lock (_gate) covered = _manager.CoveredBy(safe.Number);
        foreach (ClosedChannel channel in covered)
        {
            BlockId last = channel.LastBlock.Id;
            Hash256? now = last.Number == safe.Number ? safe.Hash : (await l2.FindHeaderAsync(BlockParameter.At(last.Number), cancellation))?.Hash;
            if (now != last.Hash) return channel;
        }

        return null;
    }

    private string? ReasonToStartOver(BlockId safe, L2BlockRef @unsafe, out bool isOfChain)
    {
        isOfChain = _manager.PruneSafe(safe);
        if (!isOfChain) return "the safe chain differs from what was posted";
        if (_manager.Tip is not { } tip) return null;
        if (safe.Number > tip.Number) return "the safe head is ahead of what was posted";
        if (@unsafe.Number > tip.Number) return ReasonOfShortness(null);
        if (_manager.HashAt(@unsafe.Number) is { } held && held != @unsafe.Hash) return $"the L2 chain was reorganised at block {@unsafe.Number}";
        return ReasonOfShortness(@unsafe.Number < tip.Number ? $"the L2 chain ends at block {@unsafe.Number} now, before block {tip.Number}" : null);
    }

    /// <summary>
    /// A chain that ends before what is held and is no other chain: the node may not have its newest blocks yet, as one of several behind one URL, or one that has just
    /// begun to sequence. Nothing is posted meanwhile, and it counts once it has lasted for two L1 blocks.
    /// </summary>
    /// <param name="reason">What is to be told of it; null where the chain is not shorter.</param>
    private string? ReasonOfShortness(string? reason)
    {
        if (reason is not null && _shortSince is null) _logger.LogInformation("{Reason}: nothing is posted until the rollup node has it, or until L1 block {Until}", reason, _l1Head + BlocksOfPatience);
        _shortSince = reason is null ? null : _shortSince ?? _l1Head;
        return _shortSince is { } since && _l1Head >= since + BlocksOfPatience ? reason : null;
    }

    /// <summary>A safe head that went back behind what is held: a node that reads L1 anew gets there again by itself, so it counts once L1 was read to its head of now.</summary>
    private string? ReasonOfGap(SyncStatus status)
    {
        if (_manager.Connects(status.SafeL2.Number))
        {
            _gapTarget = null;
            return null;
        }

        if (status.CurrentL1.Number < (_gapTarget ??= status.HeadL1.Number)) return null;
        _gapTarget = null;
        return $"the safe head went back to block {status.SafeL2.Number}, behind what is held";
    }

    private void CountDuplicates(SyncStatus status)
    {
        foreach (ClosedChannel channel in _manager.FindDuplicates(status.SafeL2.Number, status.CurrentL1.Number))
        {
            CountDuplicate(channel, $"its first block was safe when the node had read L1 block {channel.SafeSince}");
        }
    }

    private void CountDuplicate(ClosedChannel channel, string why)
    {
        channel.IsDuplicate = true;
        _status = _status with { Duplicates = _status.Duplicates + 1 };
        _logger.LogWarning("Channel {Channel} with L2 blocks {First} to {Last}, complete in L1 block {Block}, is a duplicate: {Why}", channel.Id, channel.FirstBlock.Number, channel.LastBlock.Number,
            channel.LastInclusion, why);
    }

    private void EndFinal(ulong final)
    {
        foreach (ClosedChannel channel in _manager.TakeFinal(final)) Record(() => _journal.End(channel.Id, ChannelOutcome.Safe, ""));
    }

    /// <summary>Forgets what is not safe and goes on from the safe head. Transactions on their way cannot be taken back; nobody waits for them.</summary>
    /// <param name="outcome">What became of the channels.</param>
    /// <param name="reason">Why, in words.</param>
    /// <param name="safeToo">Whether the safe channels are forgotten as well.</param>
    /// <param name="hadNoEffect">
    /// Whether what was posted had no effect while its blocks are still those of the chain, and the safe head waits for them: they go out as soon as they are loaded
    /// again, and are no duplicates.
    /// </param>
    private void StartOver(ChannelOutcome outcome, string reason, bool safeToo = false, bool hadNoEffect = false)
    {
        using (Enter())
        {
            _late = null;
            ulong? tip = _manager.Tip?.Number, posted = null;
            _shortSince = null;
            if (_manager.Tip is not null) _logger.LogWarning("Batcher starts again from the safe head: {Reason}", reason);
            foreach (ClosedChannel channel in _manager.StartOver(safeToo))
            {
                if (channel.IsPublished)
                {
                    if (_postedBefore.Count > MaxPostedBefore) _postedBefore.Clear();
                    foreach (PostedBlock block in channel.Blocks) _postedBefore.Add(block.Id.Hash);
                    posted = channel.LastBlock.Number;
                }

                if (hadNoEffect) _carried.Remove(channel);
                if (channel.IsOnL1 && outcome != ChannelOutcome.Lost && _unexplained.Count < MaxUnexplained) _unexplained.Add(channel);

                Record(() => _journal.End(channel.Id, outcome, reason));
            }

            _missed = hadNoEffect ? posted ?? tip : null;
        }
    }

    /// <summary>The block cannot count any more: verifiers put another in its place, and all above it goes with it. Nothing is posted until the node has replaced it.</summary>
    private void Hold(PostedBlock doomed)
    {
        _held = doomed.Id;
        _logger.LogError(
            "L2 block {Block} with L1 origin {Origin} cannot be posted within its sequencing window of {Window} L1 blocks any more (L1 is at {Head}): nothing is posted until the rollup node has replaced it",
            doomed.Number, doomed.Origin, _options.SequencingWindowBlocks, _l1Head);
        StartOver(ChannelOutcome.Abandoned, $"the sequencing window of L2 block {doomed.Number} is over");
    }

    private async Task<bool> IsHeldAsync(EthClient l2, ulong safe, CancellationToken cancellation)
    {
        if (_held is not { } held) return false;
        if (safe < held.Number)
        {
            BlockHeader? now = await l2.FindHeaderAsync(BlockParameter.At(held.Number), cancellation);
            if (now?.Hash == held.Hash) return true;
        }

        _held = null;
        _logger.LogInformation("The rollup node has gone past L2 block {Block}: posting goes on from the safe head {Safe}", held.Number, safe);
        return false;
    }
}
