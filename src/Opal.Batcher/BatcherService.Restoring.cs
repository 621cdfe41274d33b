using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Batcher;

public sealed partial class BatcherService
{
    /// <summary>L1 blocks searched for transactions of the account when the journal was lost.</summary>
    private const int DepthWithoutJournal = 64;

    private const int MaxRecentDepth = 128;

    /// <summary>
    /// Takes up what an earlier run left in the journal: channels whose blocks are on the L2 chain go on where they were, their transactions under the nonces they
    /// have; those of another chain are given up.
    /// </summary>
    private async Task RestoreAsync(SequencerPair sequencer, SyncStatus status, CancellationToken cancellation)
    {
        var kept = new List<ClosedChannel>();
        var ended = new List<ClosedChannel>();
        string reason = "";
        foreach (ClosedChannel channel in _journal.Left)
        {
            if (reason.Length == 0)
            {
                PostedBlock last = channel.LastBlock;
                BlockHeader? now = await sequencer.L2.FindHeaderAsync(BlockParameter.At(last.Number), cancellation);
                if (now?.Hash != last.Id.Hash) reason = now is null ? $"the L2 chain ends before block {last.Number}" : $"the L2 chain has another block {last.Number}";
            }

            (reason.Length == 0 ? kept : ended).Add(channel);
        }

        var found = new Dictionary<SentTransaction, L1Inclusion?>();
        foreach (SentTransaction transaction in kept.SelectMany(static c => c.Transactions).Where(static t => t.State != SentState.Failed && t.Versions.Count > 0))
        {
            if (_l1 is not null) found[transaction] = await FindAsync(_l1, transaction, cancellation);
        }

        List<(ClosedChannel Channel, SentTransaction Transaction)> open;
        using (Enter())
        {
            foreach (ClosedChannel channel in ended) _journal.End(channel.Id, ChannelOutcome.Abandoned, reason);
            foreach (ClosedChannel channel in kept) Correct(channel, found);
            _manager.Clear();
            open = _manager.Restore(kept, _journal.NextTransaction);
            foreach (ClosedChannel channel in kept.Where(static c => c.IsConfirmed)) _carried.Add(channel);
        }

        if (_journal.Left.Count > 0)
        {
            _logger.LogInformation("Batcher goes on with {Kept} channels of its journal, {Open} transactions of them on their way; {Ended} are given up{Reason}", kept.Count, open.Count, ended.Count,
                reason.Length == 0 ? "" : $": {reason}");
        }

        foreach ((ClosedChannel channel, SentTransaction transaction) in open.OrderBy(static o => o.Transaction.Resume()!.Nonce)) Begin(channel, transaction);
    }

    /// <summary>What the journal says of transactions is compared with L1.</summary>
    private void Correct(ClosedChannel channel, Dictionary<SentTransaction, L1Inclusion?> found)
    {
        foreach (SentTransaction transaction in channel.Transactions)
        {
            if (transaction.State == SentState.Open && transaction.Versions.Count == 0)
            {
                _journal.Fail(transaction.Id, "planned, and never signed");
                channel.Fail(transaction);
                continue;
            }

            if (!found.TryGetValue(transaction, out L1Inclusion? place)) continue;
            if (place is { } there) transaction.ResumeNonce = transaction.Versions.First(v => v.Hash == there.Transaction).Nonce;
            if (transaction.State != SentState.Confirmed || place?.Block == transaction.Included) continue;

            // it is followed again until it is as deep as was asked
            _journal.Reopen(transaction.Id, "not where it was confirmed on L1");
            channel.Reopen(transaction);
        }
    }
}
