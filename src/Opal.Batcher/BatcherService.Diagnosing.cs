using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

public sealed partial class BatcherService
{
    /// <summary>Finds the rule by which a channel had no effect.</summary>
    private async Task<LossDiagnosis> DiagnoseAsync(ClosedChannel channel, SequencerPair sequencer, SyncStatus status, CancellationToken cancellation)
    {
        if (!channel.IsOnL1)
        {
            return new LossDiagnosis(LossRule.ChannelTimeout, channel.Id, channel.FirstBlock.Number, channel.LastBlock.Number, null,
                $"its first frame is in L1 block {channel.FirstInclusion}, and {_options.ChannelTimeoutBlocks} blocks later it was not complete");
        }

        List<L1Inclusion?> inclusions = await PlacesAsync(channel, cancellation);
        PostedBlock firstUnsafe = Array.Find(channel.Blocks, b => b.Number > status.SafeL2.Number);
        RollupConfig? rollup = await FindRollupAsync(sequencer.Node, cancellation);
        var time = new L1InclusionTime(status.CurrentL1.Timestamp);
        BlockHeader? last = await sequencer.L2.FindHeaderAsync(BlockParameter.At(channel.LastBlock.Number), cancellation);
        return LossDiagnosis.Of(new LossFacts
        {
            Channel = channel.Id,
            First = channel.FirstBlock,
            Last = channel.LastBlock,
            Inclusions = inclusions,
            Before = await FindBeforeAsync(channel, cancellation),
            Between = await FindBetweenAsync(channel, inclusions, cancellation),
            Safe = new BlockId(status.SafeL2.Hash, status.SafeL2.Number),
            FirstUnsafeOrigin = firstUnsafe.Origin,
            ChannelTimeout = rollup is null ? _options.ChannelTimeoutBlocks : DerivationParameters.ChannelTimeout(rollup, time),
            IsInOrderOnly = rollup?.IsActive(OptimismFork.Holocene, time) ?? true,
            SequencingWindow = _options.SequencingWindowBlocks,
            Sender = _l1?.Sender,
            Batcher = await FindBatcherAsync(cancellation),
            Inbox = _options.BatchInbox,
            RollupInbox = rollup?.BatchInboxAddress,
            IsOnL2 = last?.Hash == channel.LastBlock.Id.Hash,
        });
    }

    /// <summary>Where L1 holds a channel's transactions now, in the order of their frames.</summary>
    private async Task<List<L1Inclusion?>> PlacesAsync(ClosedChannel channel, CancellationToken cancellation)
    {
        List<SentTransaction> placed;
        lock (_gate) placed = [.. channel.Transactions.Where(static t => t.Place is not null).OrderBy(static t => t.FirstFrame)];
        var places = new List<L1Inclusion?>();
        foreach (SentTransaction transaction in placed) places.Add(await PlaceAsync(transaction, cancellation));
        return places;
    }

    private async Task<L1Inclusion?> PlaceAsync(SentTransaction transaction, CancellationToken cancellation)
    {
        if (_l1 is not null && transaction.Versions.Count > 0) return await FindAsync(_l1, transaction, cancellation);
        return transaction.Place is { } place ? new L1Inclusion(default, place, 0) : null;
    }

    /// <summary>Where L1 completes the channel that holds the parent of a channel's first block; null when that is not held, or not on L1.</summary>
    private async Task<ChannelPlace?> FindBeforeAsync(ClosedChannel channel, CancellationToken cancellation)
    {
        ulong parent = channel.FirstBlock.Number - 1;
        ClosedChannel? before;
        lock (_gate) before = _manager.Channels.FirstOrDefault(c => c.IsOnL1 && c.FirstBlock.Number <= parent && c.LastBlock.Number >= parent);
        if (before is null || before == channel) return null;
        L1Inclusion? last = null;
        foreach (L1Inclusion? place in await PlacesAsync(before, cancellation))
        {
            if (place is { } there && (last is not { } latest || latest.IsBefore(there))) last = there;
        }

        return last is { } complete ? new ChannelPlace(before.Id, complete) : null;
    }

    /// <summary>Another channel's first frame that L1 holds behind a channel's first transaction and before its last; null when there is none that is known.</summary>
    private async Task<ChannelPlace?> FindBetweenAsync(ClosedChannel channel, List<L1Inclusion?> places, CancellationToken cancellation)
    {
        if (places.Count < 2 || places[0] is not { } first || places[^1] is not { } last) return null;
        List<(ClosedChannel Channel, SentTransaction Transaction)> near;
        lock (_gate)
        {
            near =
            [
                .. _manager.Channels.Concat(_unexplained).Where(c => c != channel).SelectMany(static c => c.Transactions.Select(t => (Channel: c, Transaction: t)))
                    .Where(n => n.Transaction is { FirstFrame: 0, Place: { } place } && place.Number >= first.Block.Number && place.Number <= last.Block.Number),
            ];
        }

        foreach ((ClosedChannel other, SentTransaction transaction) in near)
        {
            if (await PlaceAsync(transaction, cancellation) is { } place && first.IsBefore(place) && place.IsBefore(last)) return new ChannelPlace(other.Id, place);
        }

        return null;
    }

    /// <summary>The SystemConfig's batcher; null where L1 does not say: what was lost is posted again all the same.</summary>
    private async Task<Address?> FindBatcherAsync(CancellationToken cancellation)
    {
        try
        {
            return _l1 is null ? null : await _l1.FindBatcherAsync(cancellation);
        }
        catch (RpcCallException error)
        {
            _logger.LogDebug("L1 does not say who the SystemConfig's batcher is: {Problem}", error.Message);
            return null;
        }
    }

    private async Task<RollupConfig?> FindRollupAsync(RollupNodeClient node, CancellationToken cancellation)
    {
        try
        {
            return await node.RollupConfigAsync(cancellation);
        }
        catch (RpcCallException error)
        {
            _logger.LogDebug("The rollup node does not say how it reads L1: {Problem}", error.Message);
            return null;
        }
    }
}
