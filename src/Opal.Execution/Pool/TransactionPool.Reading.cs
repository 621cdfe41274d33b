using Opal.Evm;
using Opal.Primitives;

namespace Opal.Execution;

/// <content>Reading.</content>
public sealed partial class TransactionPool
{
    /// <summary>The pooled transaction of this hash.</summary>
    public PoolTransaction? Find(in Hash256 hash)
    {
        lock (_lock) return _byHash.GetValueOrDefault(hash);
    }

    /// <summary>The nonce after the sender's last executable transaction.</summary>
    public ulong PendingNonce(in Address sender)
    {
        lock (_lock)
        {
            if (_bySender.TryGetValue(sender, out SenderTransactions? queue)) return queue.NextNonce;
            _head.State.TryGetAccount(sender, out Account account);
            return account.Nonce;
        }
    }

    /// <summary>How many transactions are executable, and how many wait.</summary>
    public (int Pending, int Queued) Count()
    {
        lock (_lock)
        {
            return (_pending, _byHash.Count - _pending);
        }
    }

    internal PoolSize Size
    {
        get
        {
            lock (_lock) return new PoolSize(_pending, _byHash.Count - _pending, _pendingSlots, _slots);
        }
    }

    /// <summary>All transactions, by sender and nonce, executable and waiting apart.</summary>
    public IReadOnlyList<SenderContent> Content()
    {
        lock (_lock)
        {
            var content = new List<SenderContent>(_bySender.Count);
            foreach (SenderTransactions queue in _bySender.Values)
            {
                content.Add(new SenderContent(queue.Sender, [.. queue.Transactions.Take(queue.PendingCount)], [.. queue.Transactions.Skip(queue.PendingCount)]));
            }

            return content;
        }
    }

    /// <summary>One sender's transactions, or null when there are none.</summary>
    public SenderContent? ContentFrom(in Address sender)
    {
        lock (_lock)
        {
            return _bySender.TryGetValue(sender, out SenderTransactions? queue)
                ? new SenderContent(sender, [.. queue.Transactions.Take(queue.PendingCount)], [.. queue.Transactions.Skip(queue.PendingCount)])
                : null;
        }
    }

    /// <summary>What is wrong with the pool's books, or null: a check for tests.</summary>
    internal string? FindInconsistency()
    {
        lock (_lock)
        {
            int count = 0, slots = 0, pending = 0, pendingSlots = 0;
            foreach (SenderTransactions queue in _bySender.Values)
            {
                if (queue.Count == 0) return $"{queue.Sender} is listed without transactions";
                count += queue.Count;
                ulong expected = queue.StateNonce;
                for (int i = 0; i < queue.Count; i++)
                {
                    PoolTransaction transaction = queue.Transactions[i];
                    slots += transaction.Slots;
                    if (!_byHash.TryGetValue(transaction.Hash, out PoolTransaction? indexed) || indexed != transaction) return $"{transaction.Hash} is not indexed";
                    if (transaction.Nonce < queue.StateNonce) return $"{transaction.Hash} has a nonce that is used up";
                    bool executable = transaction.Nonce == expected && transaction.TotalCost <= queue.Balance;
                    if (executable) expected++;
                    if (executable != i < queue.PendingCount || executable != transaction.IsPending) return $"{transaction.Hash} is on the wrong side";
                    if (!executable) continue;
                    pending++;
                    pendingSlots += transaction.Slots;
                }

                if (_waiting.Contains(queue) != queue.QueuedCount > 0) return $"{queue.Sender} is wrongly listed as waiting";
            }

            if (pending != _pending || pendingSlots != _pendingSlots) return $"{_pending} executable ones in {_pendingSlots} slots are counted, there are {pending} in {pendingSlots}";
            if (_waiting.Any(queue => !_bySender.ContainsValue(queue))) return "a sender without transactions waits";

            if (count != _byHash.Count) return $"{_byHash.Count} transactions are indexed, {count} listed";
            return slots == _slots ? null : $"{_slots} slots are counted, {slots} used";
        }
    }

    /// <summary>The executable transactions, best first, for a block with this base fee. A snapshot.</summary>
    /// <param name="baseFee">The block's base fee in wei.</param>
    /// <param name="leastTip">Those that pay less for a unit of gas are left out.</param>
    public BestTransactions Best(in UInt256 baseFee, in UInt256 leastTip = default)
    {
        List<PoolTransaction[]> senders;
        lock (_lock)
        {
            senders = new List<PoolTransaction[]>(_bySender.Count);
            foreach (SenderTransactions queue in _bySender.Values)
            {
                if (queue.PendingCount > 0) senders.Add([.. queue.Transactions.Take(queue.PendingCount)]);
            }
        }

        return new BestTransactions(senders, baseFee, leastTip);
    }
}
