using Microsoft.Extensions.Logging;
using Opal.Primitives;

namespace Opal.Execution;

/// <content>What leaves when there is too much.</content>
/// <remarks>
/// Waiting transactions go before executable ones, and those of the account that has most of them first: so nobody's gaps cost
/// others anything. Among executable ones, accounts above their share go before others; only when nobody is above it does the price decide.
/// An account at its share or above never pushes out another account's only transaction. Transactions of <see cref="PoolOptions.Locals"/> stay.
/// </remarks>
public sealed partial class TransactionPool
{
    private int Capacity => _options.GlobalSlots + _options.GlobalQueue;

    /// <summary>Drops others until the newcomer fits; a refusal when it is the one that has to stay out.</summary>
    private PoolAddResult MakeRoom(PoolTransaction newcomer, SenderTransactions own)
    {
        // what it replaces, if that is not itself dropped here, gives its slots back
        while (_slots + newcomer.Slots - (own.Find(newcomer.Nonce)?.Slots ?? 0) > Capacity)
        {
            bool waits = newcomer.Nonce > own.NextNonce;
            if (FindLongestQueue() is { } longest)
            {
                if (waits && !own.IsPrivileged && own.QueuedCount + 1 >= longest.QueuedCount) return PoolAddResult.Refused(PoolError.PoolFull, "txpool is full");
                Evict(longest.Last, PoolDropReason.QueueFull);
                continue;
            }

            if (waits && !own.IsPrivileged) return PoolAddResult.Refused(PoolError.PoolFull, "future transaction tries to replace pending");
            PoolTransaction? victim = FindCheapest(own);
            if (victim is not null && (own.IsPrivileged || IsCheaper(victim, newcomer)))
            {
                Evict(victim, PoolDropReason.Outbid);
                continue;
            }

            if (own.IsPrivileged) return default;
            return victim is null ? PoolAddResult.Refused(PoolError.PoolFull, "txpool is full") : PoolAddResult.Refused(PoolError.Underpriced, "transaction underpriced");
        }

        return default;
    }

    private void Evict(PoolTransaction victim, PoolDropReason reason)
    {
        _logger.LogDebug("Dropped transaction {Hash} of {Sender}: {Reason}", victim.Hash, victim.Sender, reason);
        Remove(victim, reason);
    }

    /// <summary>The account with the most waiting transactions; of several the one that was silent longest.</summary>
    private SenderTransactions? FindLongestQueue()
    {
        SenderTransactions? longest = null;
        foreach (SenderTransactions queue in _waiting)
        {
            if (queue.IsPrivileged) continue;
            if (longest is null || queue.QueuedCount > longest.QueuedCount || (queue.QueuedCount == longest.QueuedCount && queue.LastArrival < longest.LastArrival)) longest = queue;
        }

        return longest;
    }

    /// <summary>The cheapest transaction that may go for one of this account: the last of another account.</summary>
    private PoolTransaction? FindCheapest(SenderTransactions own)
    {
        bool sparesHeads = own.Count >= _options.AccountSlots && !own.IsPrivileged;
        PoolTransaction? cheapest = null;
        foreach (SenderTransactions queue in _bySender.Values)
        {
            if (queue.IsPrivileged || queue.Count == 0 || queue.Sender == own.Sender || (sparesHeads && queue.Count == 1)) continue;
            if (cheapest is null || IsCheaper(queue.Last, cheapest)) cheapest = queue.Last;
        }

        return cheapest;
    }

    private bool IsCheaper(PoolTransaction a, PoolTransaction b)
    {
        bool aPays = a.TryGetTip(_head.BaseFee, out UInt256 aTip), bPays = b.TryGetTip(_head.BaseFee, out UInt256 bTip);
        if (aPays != bPays) return bPays;
        return aPays ? aTip < bTip : a.FeeCap < b.FeeCap;
    }

    /// <summary>Brings one account, and then the whole, back within the limits.</summary>
    private void EnforceLimits(SenderTransactions? touched)
    {
        while (touched is { IsPrivileged: false } && touched.QueuedCount > _options.AccountQueue) Evict(touched.Last, PoolDropReason.AccountQueueFull);
        while (_byHash.Count - _pending > _options.GlobalQueue && FindLongestQueue() is { } longest) Evict(longest.Last, PoolDropReason.QueueFull);
        while (_pendingSlots > _options.GlobalSlots && FindAboveShare() is { } above) Evict(above.Transactions[above.PendingCount - 1], PoolDropReason.PendingFull);
    }

    /// <summary>The account with the most executable transactions, if that is more than its share.</summary>
    private SenderTransactions? FindAboveShare()
    {
        SenderTransactions? largest = null;
        foreach (SenderTransactions queue in _bySender.Values)
        {
            if (queue.IsPrivileged || queue.PendingCount <= _options.AccountSlots) continue;
            if (largest is null || queue.PendingCount > largest.PendingCount || (queue.PendingCount == largest.PendingCount && queue.LastArrival > largest.LastArrival)) largest = queue;
        }

        return largest;
    }
}
