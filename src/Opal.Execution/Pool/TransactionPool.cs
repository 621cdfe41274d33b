using Microsoft.Extensions.Logging;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>
/// Transactions that wait for a block, by sender and nonce. Executable ones follow the sender's nonce without a gap and are payable;
/// the others wait. Follows the chain's head: included transactions leave, those of removed blocks come back. Thread-safe.
/// </summary>
public sealed class TransactionPool
{
    private readonly Lock _lock = new();
    private readonly Blockchain _chain;
    private readonly ICrypto _crypto;
    private readonly PoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PoolAdmission _admission;
    private readonly Dictionary<Hash256, PoolTransaction> _byHash = [];
    private readonly Dictionary<Address, SenderTransactions> _bySender = [];
    private readonly Dictionary<Address, int> _authorities = [];
    private PoolHead _head;
    private ulong _arrivals;
    private int _slots;

    /// <param name="chain">The chain whose head the pool follows.</param>
    /// <param name="crypto">Signature recovery.</param>
    /// <param name="options">Limits and prices.</param>
    /// <param name="blobProofs">Checks sidecars; needed where blobs are accepted.</param>
    /// <param name="time">The clock, for the lifetime of waiting transactions.</param>
    /// <param name="logger">Where removals are told.</param>
    public TransactionPool(Blockchain chain, ICrypto crypto, PoolOptions options, IBlobProofs? blobProofs, TimeProvider time, ILogger logger)
    {
        if (options.AcceptBlobs && blobProofs is null) throw new ArgumentException("a pool that accepts blobs needs their proofs checked", nameof(blobProofs));
        _chain = chain;
        _crypto = crypto;
        _options = options;
        _time = time;
        _logger = logger;
        _admission = new PoolAdmission(options, blobProofs, crypto);
        Sidecars = new BlobSidecarStore(options.MaxStoredBlobs);
        _head = PoolHead.Of(chain, chain.Head);
        chain.HeadChanged += OnHeadChanged;
    }

    /// <summary>Raised with transactions that became executable, outside the pool's lock. Handlers must be quick.</summary>
    public event Action<IReadOnlyList<PoolTransaction>>? PendingAdded;

    /// <summary>Sidecars of pooled and included blob transactions.</summary>
    public BlobSidecarStore Sidecars { get; }

    /// <summary>The pool's limits.</summary>
    public PoolOptions Options => _options;

    /// <summary>Offers a transaction.</summary>
    public PoolAddResult Add(Transaction transaction, BlobSidecar? sidecar = null)
    {
        List<PoolTransaction> promoted = [];
        PoolHead head = Volatile.Read(ref _head);
        if (Find(transaction.Hash) is not null) return PoolAddResult.Refused(PoolError.AlreadyKnown, "already known");
        if (!transaction.TryGetSender(_crypto, out Address sender)) return PoolAddResult.Refused(PoolError.InvalidSender, "invalid sender");

        // everything that needs no account is checked outside the lock: signatures and blob proofs are the expensive part
        PoolAddResult checkedResult = _admission.CheckTransaction(transaction, ref sidecar, head);
        if (!checkedResult.IsAccepted) return checkedResult;

        PoolAddResult result;
        lock (_lock) result = AddLocked(transaction, sender, sidecar, promoted);
        if (result.IsAccepted && sidecar is not null) Sidecars.Put(transaction.Hash, sidecar);
        if (promoted.Count > 0) PendingAdded?.Invoke(promoted);
        return result;
    }

    private PoolAddResult AddLocked(Transaction transaction, in Address sender, BlobSidecar? sidecar, List<PoolTransaction> promoted)
    {
        if (_byHash.ContainsKey(transaction.Hash)) return PoolAddResult.Refused(PoolError.AlreadyKnown, "already known");
        var candidate = new PoolTransaction(transaction, sender, sidecar, _arrivals, _time.GetUtcNow()) { RollupCost = _head.RollupCost(transaction) };
        _head.State.TryGetAccount(sender, out Account account);
        bool isNew = !_bySender.TryGetValue(sender, out SenderTransactions? queue);
        queue ??= new SenderTransactions(sender);
        queue.SetAccount(account.Nonce, account.Balance);

        PoolTransaction? replaced = queue.Find(transaction.Nonce);
        PoolAddResult result = _admission.CheckAccount(candidate, replaced, account, queue, _head, HasReservedAuthority(sender));
        if (!result.IsAccepted) return result;
        if (replaced is null && !MakeRoom(candidate)) return PoolAddResult.Refused(PoolError.PoolFull, "txpool is full");

        // making room may have emptied and dropped this sender's own queue
        if (isNew || !_bySender.ContainsKey(sender)) _bySender[sender] = queue;
        if (replaced is not null) Forget(replaced);
        queue.Put(candidate);
        _byHash[candidate.Hash] = candidate;
        _slots += candidate.Slots;
        _arrivals++;
        Reserve(candidate, 1);
        int pendingBefore = queue.PendingCount;
        queue.Recount(promoted);
        if (replaced is not null && pendingBefore == queue.PendingCount && IsExecutable(queue, candidate)) promoted.Add(candidate);
        return PoolAddResult.Accepted(candidate);
    }

    private static bool IsExecutable(SenderTransactions queue, PoolTransaction transaction) => transaction.Nonce < queue.NextNonce;

    private bool HasReservedAuthority(in Address sender) => _authorities.ContainsKey(sender);

    private void Reserve(PoolTransaction transaction, int change)
    {
        if (transaction.Transaction.Type != TransactionType.SetCode) return;
        foreach (Address authority in _admission.Authorities(transaction.Transaction))
        {
            int count = _authorities.GetValueOrDefault(authority) + change;
            if (count > 0) _authorities[authority] = count;
            else _authorities.Remove(authority);
        }
    }

    /// <summary>Drops the cheapest transactions of others until the newcomer fits; false when it is itself the cheapest.</summary>
    private bool MakeRoom(PoolTransaction newcomer)
    {
        int capacity = _options.GlobalSlots + _options.GlobalQueue;
        while (_slots + newcomer.Slots > capacity)
        {
            PoolTransaction? victim = null;
            bool victimWaits = false;
            foreach (SenderTransactions queue in _bySender.Values)
            {
                if (queue.Count == 0) continue;
                PoolTransaction last = queue.Last;
                bool waits = queue.QueuedCount > 0;
                if (!waits && queue.Sender == newcomer.Sender) continue;
                if (victim is null || (waits && !victimWaits) || (waits == victimWaits && IsCheaper(last, victim))) (victim, victimWaits) = (last, waits);
            }

            if (victim is null || (!victimWaits && !IsCheaper(victim, newcomer))) return false;
            _logger.LogDebug("Pool is full: dropped transaction {Hash}", victim.Hash);
            Remove(victim);
        }

        return true;
    }

    private bool IsCheaper(PoolTransaction a, PoolTransaction b)
    {
        bool aPays = a.TryGetTip(_head.BaseFee, out UInt256 aTip), bPays = b.TryGetTip(_head.BaseFee, out UInt256 bTip);
        if (aPays != bPays) return bPays;
        return aPays ? aTip < bTip : a.FeeCap < b.FeeCap;
    }

    /// <summary>Takes a transaction out of the hash index and the counters.</summary>
    private void Forget(PoolTransaction transaction)
    {
        if (!_byHash.Remove(transaction.Hash)) return;
        _slots -= transaction.Slots;
        Reserve(transaction, -1);
    }

    private void Remove(PoolTransaction transaction)
    {
        Forget(transaction);
        if (!_bySender.TryGetValue(transaction.Sender, out SenderTransactions? queue)) return;
        queue.Remove(transaction.Nonce);
        if (queue.Count == 0) _bySender.Remove(transaction.Sender);
        else queue.Recount(null);
    }

    /// <summary>Drops a transaction a builder found can never be included.</summary>
    public void Drop(in Hash256 hash)
    {
        lock (_lock)
        {
            if (_byHash.TryGetValue(hash, out PoolTransaction? transaction)) Remove(transaction);
        }
    }

    private void OnHeadChanged(ChainUpdate update)
    {
        List<PoolTransaction> promoted = [];
        lock (_lock)
        {
            var head = PoolHead.Of(_chain, update.NewHead);
            Volatile.Write(ref _head, head);
            foreach (ExecutedBlock block in update.Added)
            {
                foreach (Transaction transaction in block.Transactions)
                {
                    if (_byHash.TryGetValue(transaction.Hash, out PoolTransaction? pooled)) Remove(pooled);
                }
            }

            RefreshSenders(head, promoted);
            Reinject(update, head, promoted);
        }

        if (promoted.Count > 0) PendingAdded?.Invoke(promoted);
    }

    private void RefreshSenders(PoolHead head, List<PoolTransaction> promoted)
    {
        DateTimeOffset oldest = _time.GetUtcNow() - _options.Lifetime;
        List<PoolTransaction> gone = [];
        foreach (SenderTransactions queue in _bySender.Values)
        {
            head.State.TryGetAccount(queue.Sender, out Account account);
            queue.SetAccount(account.Nonce, account.Balance);
            foreach (PoolTransaction transaction in queue.Transactions)
            {
                transaction.RollupCost = head.RollupCost(transaction.Transaction);
                bool stays = transaction.Nonce >= account.Nonce && transaction.TotalCost <= account.Balance && transaction.Transaction.GasLimit <= head.GasLimit;
                if (!stays) gone.Add(transaction);
            }
        }

        foreach (PoolTransaction transaction in gone) RemoveQuietly(transaction);
        gone.Clear();
        foreach (SenderTransactions queue in _bySender.Values)
        {
            queue.Recount(promoted);
            for (int i = queue.PendingCount; i < queue.Count; i++)
            {
                if (queue.Transactions[i].AddedAt < oldest) gone.Add(queue.Transactions[i]);
            }
        }

        foreach (PoolTransaction transaction in gone) Remove(transaction);
    }

    /// <summary>Removes without a recount, which the caller does for all senders at once.</summary>
    private void RemoveQuietly(PoolTransaction transaction)
    {
        Forget(transaction);
        SenderTransactions queue = _bySender[transaction.Sender];
        queue.Remove(transaction.Nonce);
        if (queue.Count == 0) _bySender.Remove(transaction.Sender);
    }

    /// <summary>Brings back what was in removed blocks and is not in the added ones.</summary>
    private void Reinject(ChainUpdate update, PoolHead head, List<PoolTransaction> promoted)
    {
        if (update.Removed.Count == 0) return;
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
                PoolAddResult result = _admission.CheckTransaction(transaction, ref sidecar, head);
                if (result.IsAccepted) result = AddLocked(transaction, sender, sidecar, promoted);
                if (!result.IsAccepted) _logger.LogDebug("Transaction {Hash} of a removed block is not pooled again: {Reason}", transaction.Hash, result.Message);
            }
        }
    }

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
            int pending = 0;
            foreach (SenderTransactions queue in _bySender.Values) pending += queue.PendingCount;
            return (pending, _byHash.Count - pending);
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
            int count = 0, slots = 0;
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
                    if (executable != i < queue.PendingCount) return $"{transaction.Hash} is on the wrong side";
                }
            }

            if (count != _byHash.Count) return $"{_byHash.Count} transactions are indexed, {count} listed";
            return slots == _slots ? null : $"{_slots} slots are counted, {slots} used";
        }
    }

    /// <summary>The executable transactions, best first, for a block with this base fee. A snapshot.</summary>
    public BestTransactions Best(in UInt256 baseFee)
    {
        var senders = new List<PoolTransaction[]>();
        lock (_lock)
        {
            foreach (SenderTransactions queue in _bySender.Values)
            {
                if (queue.PendingCount > 0) senders.Add([.. queue.Transactions.Take(queue.PendingCount)]);
            }
        }

        return new BestTransactions(senders, baseFee, UInt256.Zero);
    }
}

/// <summary>One sender's pooled transactions in nonce order.</summary>
/// <param name="Sender">The account.</param>
/// <param name="Pending">Executable now.</param>
/// <param name="Queued">Waiting for a missing nonce or for balance.</param>
public sealed record SenderContent(Address Sender, IReadOnlyList<PoolTransaction> Pending, IReadOnlyList<PoolTransaction> Queued);
