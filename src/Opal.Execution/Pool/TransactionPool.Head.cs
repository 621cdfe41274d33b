using Microsoft.Extensions.Logging;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <content>Following the head, the clock and the journal.</content>
public sealed partial class TransactionPool
{
    private void OnHeadChanged(ChainUpdate update)
    {
        List<PoolTransaction> promoted = [];
        lock (_lock)
        {
            var head = PoolHead.Of(_chain, update.NewHead);
            Volatile.Write(ref _head, head);
            List<PoolTransaction> included = [];
            foreach (ExecutedBlock block in update.Added)
            {
                foreach (Transaction transaction in block.Transactions)
                {
                    if (_byHash.TryGetValue(transaction.Hash, out PoolTransaction? pooled)) included.Add(pooled);
                }
            }

            foreach (PoolTransaction transaction in included) RemoveUncounted(transaction, PoolDropReason.Included);
            RefreshSenders(head, promoted);
            Reinject(update, head, promoted);
            DropGappedBlobs(_bySender.Values);

            // only now: what waits behind a removed block's transactions is executable again once they are back
            foreach (SenderTransactions queue in (SenderTransactions[])[.. _bySender.Values]) EnforceLimits(queue);
            DropExpired();
            promoted.RemoveAll(static t => !t.IsPending);
        }

        if (promoted.Count > 0) PendingAdded?.Invoke(promoted);
    }

    /// <summary>Removes without a count of the sender's run, which the caller does for all senders at once.</summary>
    private void RemoveUncounted(PoolTransaction transaction, PoolDropReason reason)
    {
        Forget(transaction, reason);
        _bySender[transaction.Sender].Remove(transaction.Nonce);
    }

    private void RefreshSenders(PoolHead head, List<PoolTransaction> promoted)
    {
        List<PoolTransaction> gone = [];
        SenderTransactions[] senders = [.. _bySender.Values];
        foreach (SenderTransactions queue in senders)
        {
            head.State.TryGetAccount(queue.Sender, out Account account);
            queue.SetAccount(account.Nonce, account.Balance);
            queue.ForgetCosts();
            foreach (PoolTransaction transaction in queue.Transactions)
            {
                transaction.RollupCost = head.RollupCost(transaction.Transaction);
                if (Judge(transaction, account, head) is not null) gone.Add(transaction);
            }

            foreach (PoolTransaction transaction in gone) RemoveUncounted(transaction, Judge(transaction, account, head)!.Value);
            gone.Clear();
            queue.Recount(promoted);
            Book(queue);
        }
    }

    /// <summary>Why the head leaves no place for a pooled transaction; null when it may stay.</summary>
    private static PoolDropReason? Judge(PoolTransaction pooled, in Account account, PoolHead head)
    {
        Transaction transaction = pooled.Transaction;
        if (pooled.Nonce < account.Nonce) return PoolDropReason.NonceUsed;
        if (pooled.TotalCost > account.Balance) return PoolDropReason.Unpayable;
        if (transaction.GasLimit > head.GasLimit || transaction.GasLimit > head.Rules.MaxTransactionGas) return PoolDropReason.ExceedsBlockGas;
        return head.Rules.Allows(transaction.Type) ? null : PoolDropReason.NotSupported;
    }

    /// <summary>
    /// The pool holds no blob transaction that waits for a lower nonce. A removed block or a dropped transaction can leave one: its account could then send nothing, as an ordinary transaction is
    /// refused while the pool has blobs of it.
    /// </summary>
    private void DropGappedBlobs(IEnumerable<SenderTransactions> senders)
    {
        List<PoolTransaction> gapped = [];
        foreach (SenderTransactions queue in senders)
        {
            for (int i = queue.PendingCount; i < queue.Count; i++)
            {
                if (queue.Transactions[i].Transaction.Type == TransactionType.Blob) gapped.Add(queue.Transactions[i]);
            }
        }

        foreach (PoolTransaction transaction in gapped) Evict(transaction, PoolDropReason.Gapped);
    }

    /// <summary>Drops what waited too long. Under the lock.</summary>
    private void DropExpired()
    {
        if (_waiting.Count == 0) return;
        DateTimeOffset oldest = _time.GetUtcNow() - _options.Lifetime;
        List<PoolTransaction> expired = [];
        foreach (SenderTransactions queue in _waiting)
        {
            if (queue.IsPrivileged) continue;
            for (int i = queue.PendingCount; i < queue.Count; i++)
            {
                if (queue.Transactions[i].AddedAt < oldest) expired.Add(queue.Transactions[i]);
            }
        }

        foreach (PoolTransaction transaction in expired) Evict(transaction, PoolDropReason.Expired);
    }

    /// <summary>Brings back what was in removed blocks and is not in the added ones.</summary>
    private void Reinject(ChainUpdate update, PoolHead head, List<PoolTransaction> promoted)
    {
        if (update.Removed.Count == 0) return;
        _bringsBack = true;
        HashSet<Hash256> included = [];
        foreach (ExecutedBlock block in update.Added)
        {
            foreach (Transaction transaction in block.Transactions) included.Add(transaction.Hash);
        }

        for (int i = update.Removed.Count - 1; i >= 0; i--)
        {
            foreach (Transaction transaction in update.Removed[i].Transactions)
            {
                if (transaction.Type == TransactionType.Deposit || included.Contains(transaction.Hash)) continue;
                if (!transaction.TryGetSender(_crypto, out Address sender)) continue;
                BlobSidecar? sidecar = transaction.Type == TransactionType.Blob ? Sidecars.Find(transaction.Hash) : null;
                PoolAddResult result = _admission.CheckTransaction(transaction, ref sidecar, head, _privileged.Contains(sender));
                if (result.IsAccepted) result = AddLocked(transaction, sender, sidecar, isLocal: false, condition: null, promoted);
                if (!result.IsAccepted) _logger.LogDebug("Transaction {Hash} of a removed block is not pooled again: {Reason}", transaction.Hash, result.Message);
            }
        }

        _bringsBack = false;
    }

    /// <summary>What the clock asks for, also while the head stands still.</summary>
    internal void Tidy()
    {
        lock (_lock) DropExpired();
        if (_journal is null) return;
        DateTimeOffset now = _time.GetUtcNow();
        if (now - _journaledAt < _options.JournalInterval && !_journal.IsLong) return;
        _journaledAt = now;
        RewriteJournal();
    }

    // conditions do not survive a restart, nor do blobs: such transactions are not journaled
    private bool IsJournaled(PoolTransaction transaction) =>
        transaction.Condition is null && transaction.Sidecar is null && (_options.JournalRemotes || transaction.IsLocal || _privileged.Contains(transaction.Sender));

    private void LoadJournal()
    {
        List<Transaction> loaded = _journal!.Load(out long lost);
        int kept = 0;
        foreach (Transaction transaction in loaded)
        {
            PoolAddResult result = default;
            if (transaction.TryGetSender(_crypto, out Address sender))
            {
                BlobSidecar? none = null;
                result = _admission.CheckTransaction(transaction, ref none, _head, _privileged.Contains(sender));
                if (result.IsAccepted) result = AddLocked(transaction, sender, null, isLocal: true, condition: null, []);
            }

            if (result.Added is not null) kept++;
            else _logger.LogDebug("Journaled transaction {Hash} is not pooled again: {Reason}", transaction.Hash, result.Message);
        }

        if (lost > 0) _logger.LogWarning("The last {Bytes} bytes of the pool's journal are no transaction and were cut off", lost);
        if (loaded.Count > 0) _logger.LogInformation("Pooled {Kept} of {Count} transactions of the journal", kept, loaded.Count);
        if (loaded.Count > 0 || lost > 0) RewriteJournal();
    }

    private void RewriteJournal()
    {
        List<Transaction> kept = [];
        lock (_lock)
        {
            foreach (SenderTransactions queue in _bySender.Values)
            {
                foreach (PoolTransaction transaction in queue.Transactions)
                {
                    if (IsJournaled(transaction)) kept.Add(transaction.Transaction);
                }
            }
        }

        _journal!.Rewrite(kept);
    }
}
