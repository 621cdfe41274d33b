using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

public sealed partial class BatcherService
{
    /// <summary>A channel should have moved the safe head. Looks where L1 has its transactions now; true when it is lost, and the rule is told.</summary>
    /// <param name="suspect">The channel.</param>
    /// <param name="sequencer">The sequencer.</param>
    /// <param name="status">What the node said.</param>
    /// <param name="isGivenUp">Whether the channel is given up anyway, and only the rule is asked for.</param>
    /// <param name="cancellation">Gives up.</param>
    private async Task<bool> IsLostAsync(ClosedChannel suspect, SequencerPair sequencer, SyncStatus status, bool isGivenUp, CancellationToken cancellation)
    {
        if (_l1 is not null && !isGivenUp)
        {
            // while node and L1 endpoint see different chains, nothing follows from what one of them says
            if (await _l1.FindBlockAsync(status.CurrentL1.Number, cancellation) is not { } current || current.Hash != status.CurrentL1.Hash) return false;
            if (await FollowReorgAsync(_l1, cancellation)) return false;
        }

        LossDiagnosis diagnosis = await DiagnoseAsync(suspect, sequencer, status, cancellation);
        Tell(diagnosis);
        if (diagnosis.Rule is LossRule.NotTheBatcher or LossRule.WrongInbox) _barred = diagnosis;
        return true;
    }

    /// <summary>Tells the rule of channels that were given up while the node had not read past them, unless they count all the same.</summary>
    private async Task ExplainAsync(SequencerPair sequencer, SyncStatus status, CancellationToken cancellation)
    {
        foreach (ClosedChannel channel in _unexplained.FindAll(c => c.LastInclusion < status.CurrentL1.Number))
        {
            BlockId last = channel.LastBlock.Id;
            BlockHeader? now = await sequencer.L2.FindHeaderAsync(BlockParameter.At(last.Number), cancellation);
            if (now?.Hash != last.Hash || last.Number > status.SafeL2.Number) Tell(await DiagnoseAsync(channel, sequencer, status, cancellation));
            _unexplained.Remove(channel);
        }
    }

    private void Tell(LossDiagnosis diagnosis)
    {
        _metrics.Lost(diagnosis.Rule);
        using (Enter()) _status = _status with { Losses = _status.Losses + 1, LastLoss = diagnosis };
        _logger.LogWarning("Batch lost: {Diagnosis}", diagnosis);
    }

    /// <summary>Whether nothing that is posted can count: verifiers do not read what this account sends, or where it sends it.</summary>
    private async Task<bool> IsBarredAsync(CancellationToken cancellation)
    {
        if (_barred is null) return false;
        if (_barred.Rule != LossRule.NotTheBatcher || await _l1!.FindBatcherAsync(cancellation) != _l1.Sender) return true;
        _barred = null;
        _logger.LogInformation("{Account} is the SystemConfig's batcher again: posting goes on", _l1.Sender);
        return false;
    }

    /// <summary>Looks where L1 holds the transactions that are not as deep as was asked, once for each L1 head: what they carry may be lost long before they are.</summary>
    private async Task LookForOpenAsync(Hash256 l1Head, CancellationToken cancellation)
    {
        if (_l1 is null || l1Head == _lookedAt) return;
        List<(ClosedChannel Channel, SentTransaction Transaction)> signed;
        lock (_gate) signed = _manager.Signed;
        foreach ((ClosedChannel channel, SentTransaction transaction) in signed)
        {
            L1Inclusion? place = await FindAsync(_l1, transaction, cancellation);
            using (Enter()) channel.See(transaction, place?.Block);
        }

        _lookedAt = l1Head;
    }

    /// <summary>Looks at every transaction on L1 whose blocks are not safe: a confirmed one that L1 does not hold any more is sent again under its nonce. True when something changed.</summary>
    private async Task<bool> FollowReorgAsync(IL1Facts l1, CancellationToken cancellation)
    {
        List<(ClosedChannel Channel, SentTransaction Transaction)> placed = [];
        lock (_gate)
        {
            foreach (ClosedChannel channel in _manager.Channels)
            {
                if (channel.LastBlock.Number <= _safeNumber) continue;
                foreach (SentTransaction transaction in channel.Transactions)
                {
                    if (transaction.Place is not null && transaction.Versions.Count > 0) placed.Add((channel, transaction));
                }
            }
        }

        bool changed = false;
        var again = new List<(ClosedChannel Channel, SentTransaction Transaction)>();
        foreach ((ClosedChannel channel, SentTransaction transaction) in placed)
        {
            L1Inclusion? found = await FindAsync(l1, transaction, cancellation);
            using (Enter())
            {
                if (found?.Block == transaction.Place) continue;
                if (transaction.State != SentState.Confirmed)
                {
                    channel.See(transaction, found?.Block);
                }
                else if (found is { } place)
                {
                    _logger.LogInformation("L1 was reorganised: transaction {Hash} of channel {Channel} is in block {Block} now", place.Transaction, channel.Id, place.Block.Number);
                    channel.Confirm(transaction, place.Block);
                    Record(() => _journal.Confirm(transaction.Id, place.Block));
                }
                else
                {
                    ulong? before = transaction.Included?.Number;
                    Tell(new LossDiagnosis(LossRule.ReorgedOut, channel.Id, channel.FirstBlock.Number, channel.LastBlock.Number, transaction.Versions[^1].Hash,
                        $"L1 was reorganised and does not hold it in block {before} any more; the transaction is sent again under its nonce"));
                    Record(() => _journal.Reopen(transaction.Id, "reorganised out of L1"));
                    _carried.Remove(channel);
                    _manager.Reopen(channel, transaction);
                    again.Add((channel, transaction));
                }
            }

            changed = true;
        }

        foreach ((ClosedChannel channel, SentTransaction transaction) in again.OrderBy(static a => a.Transaction.Resume()!.Nonce)) Begin(channel, transaction);
        return changed;
    }

    private static async Task<L1Inclusion?> FindAsync(IL1Facts l1, SentTransaction transaction, CancellationToken cancellation)
    {
        for (int i = transaction.Versions.Count - 1; i >= 0; i--)
        {
            if (await l1.FindInclusionAsync(transaction.Versions[i].Hash, cancellation) is { } place) return place;
        }

        return null;
    }
}
