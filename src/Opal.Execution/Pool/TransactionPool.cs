using Microsoft.Extensions.Logging;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>
/// Transactions that wait for a block, by sender and nonce. Executable ones follow the sender's nonce without a gap and are payable;
/// the others wait. Follows the chain's head: included transactions leave, those of removed blocks come back. Thread-safe.
/// </summary>
public sealed partial class TransactionPool : IDisposable
{
    private static readonly TimeSpan TidyInterval = TimeSpan.FromMinutes(1);

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
    private readonly HashSet<SenderTransactions> _waiting = []; // the senders with queued transactions
    private readonly HashSet<Address> _privileged;
    private readonly long[] _drops = new long[Enum.GetValues<PoolDropReason>().Length];
    private readonly PoolJournal? _journal;
    private readonly ITimer _timer;
    private PoolHead _head;
    private DateTimeOffset _journaledAt;
    private ulong _arrivals;
    private bool _bringsBack; // removed blocks' transactions are coming back: limits hold once all are there
    private int _slots;
    private int _pending;
    private int _pendingSlots;

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
        _privileged = [.. options.Locals];
        _head = PoolHead.Of(chain, chain.Head);
        chain.HeadChanged += OnHeadChanged;
        _journaledAt = time.GetUtcNow();
        if (options.JournalPath is { } path)
        {
            _journal = new PoolJournal(path, logger);
            LoadJournal();
        }

        _timer = time.CreateTimer(_ => Tidy(), null, TidyInterval, TidyInterval);
    }

    /// <summary>Raised, under the pool's lock, with every transaction that leaves it.</summary>
    internal event Action<PoolTransaction, PoolDropReason>? Dropped;

    /// <summary>Raised with transactions that became executable, outside the pool's lock. Handlers must be quick.</summary>
    public event Action<IReadOnlyList<PoolTransaction>>? PendingAdded;

    /// <summary>Sidecars of pooled and included blob transactions.</summary>
    public BlobSidecarStore Sidecars { get; }

    /// <summary>The pool's limits.</summary>
    public PoolOptions Options => _options;

    /// <summary>Offers a transaction.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="sidecar">The blobs of a blob transaction.</param>
    /// <param name="isLocal">Whether it was sent to this node, rather than heard of: such ones are journaled, unless <see cref="PoolOptions.NoLocals"/>.</param>
    /// <param name="condition">Under which conditions the sender wants it included.</param>
    public PoolAddResult Add(Transaction transaction, BlobSidecar? sidecar = null, bool isLocal = false, TransactionCondition? condition = null)
    {
        List<PoolTransaction> promoted = [];
        PoolHead head = Volatile.Read(ref _head);
        if (Find(transaction.Hash) is not null) return PoolAddResult.Refused(PoolError.AlreadyKnown, "already known");
        if (!transaction.TryGetSender(_crypto, out Address sender)) return PoolAddResult.Refused(PoolError.InvalidSender, "invalid sender");

        // everything that needs no account is checked outside the lock: signatures and blob proofs are the expensive part
        PoolAddResult checkedResult = _admission.CheckTransaction(transaction, ref sidecar, head, _privileged.Contains(sender));
        if (!checkedResult.IsAccepted) return checkedResult;

        isLocal &= !_options.NoLocals;
        PoolAddResult result;
        lock (_lock) result = AddLocked(transaction, sender, sidecar, isLocal, condition, promoted);
        if (!result.IsAccepted) return result;
        if (sidecar is not null) Sidecars.Put(transaction.Hash, sidecar);
        if (IsJournaled(result.Added!)) _journal?.Append(transaction);
        if (promoted.Count > 0) PendingAdded?.Invoke(promoted);
        return result;
    }

    private PoolAddResult AddLocked(
        Transaction transaction, in Address sender, BlobSidecar? sidecar, bool isLocal, TransactionCondition? condition, List<PoolTransaction> promoted)
    {
        if (_byHash.ContainsKey(transaction.Hash)) return PoolAddResult.Refused(PoolError.AlreadyKnown, "already known");
        var candidate = new PoolTransaction(transaction, sender, sidecar, _arrivals, _time.GetUtcNow(), isLocal, condition) { RollupCost = _head.RollupCost(transaction) };
        _head.State.TryGetAccount(sender, out Account account);
        if (!_bySender.TryGetValue(sender, out SenderTransactions? queue)) queue = new SenderTransactions(sender, _privileged.Contains(sender));
        queue.SetAccount(account.Nonce, account.Balance);

        PoolTransaction? replaced = queue.Find(transaction.Nonce);
        PoolAddResult result = _admission.CheckAccount(candidate, replaced, account, queue, _head, HasReservedAuthority(sender));
        if (result.IsAccepted) result = CheckAuthorities(transaction);
        if (result.IsAccepted) result = MakeRoom(candidate, queue);
        if (!result.IsAccepted) return result;

        // making room may have dropped the one to replace, and even emptied and dropped this sender's own queue
        replaced = queue.Find(transaction.Nonce);
        _bySender[sender] = queue;
        bool wasPending = replaced is { IsPending: true };
        if (replaced is not null) Forget(replaced, PoolDropReason.Replaced);
        queue.Put(candidate);
        _byHash[candidate.Hash] = candidate;
        _slots += candidate.Slots;
        _arrivals++;
        Reserve(candidate, 1);
        if (wasPending) promoted.Add(candidate);
        queue.Extend(promoted);
        Book(queue);
        if (!_bringsBack) EnforceLimits(queue);
        promoted.RemoveAll(static t => !t.IsPending);
        return _byHash.ContainsKey(candidate.Hash) ? PoolAddResult.Accepted(candidate) : PoolAddResult.Refused(PoolError.PoolFull, "txpool is full");
    }

    private bool HasReservedAuthority(in Address sender) => _authorities.ContainsKey(sender);

    /// <summary>An account that is to be delegated may have one transaction in flight, as one that is delegated already.</summary>
    private PoolAddResult CheckAuthorities(Transaction transaction)
    {
        if (transaction.Type != TransactionType.SetCode) return default;
        foreach (Address authority in _admission.Authorities(transaction))
        {
            if (_bySender.TryGetValue(authority, out SenderTransactions? queue) && queue.Count > 1) return PoolAddResult.Refused(PoolError.AuthorityReserved, "authority already reserved");
        }

        return default;
    }

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

    /// <summary>Brings the totals up to date with a sender whose transactions changed.</summary>
    private void Book(SenderTransactions queue)
    {
        (int pending, int slots) = queue.Booked;
        _pending += queue.PendingCount - pending;
        _pendingSlots += queue.PendingSlots - slots;
        queue.Booked = (queue.PendingCount, queue.PendingSlots);
        if (queue.QueuedCount > 0) _waiting.Add(queue);
        else _waiting.Remove(queue);
        if (queue.Count == 0) _bySender.Remove(queue.Sender);
    }

    /// <summary>Takes a transaction out of the hash index and the counters.</summary>
    private void Forget(PoolTransaction transaction, PoolDropReason reason)
    {
        if (!_byHash.Remove(transaction.Hash)) return;
        _slots -= transaction.Slots;
        _drops[(int)reason]++;
        Reserve(transaction, -1);
        Dropped?.Invoke(transaction, reason);
    }

    private void Remove(PoolTransaction transaction, PoolDropReason reason)
    {
        Forget(transaction, reason);
        if (!_bySender.TryGetValue(transaction.Sender, out SenderTransactions? queue)) return;
        queue.Remove(transaction.Nonce);
        queue.Recount(null);
        Book(queue);
    }

    /// <summary>Drops a transaction: a builder found that it cannot be included, or somebody takes it back.</summary>
    public void Drop(in Hash256 hash, PoolDropReason reason = PoolDropReason.Withdrawn)
    {
        lock (_lock)
        {
            if (!_byHash.TryGetValue(hash, out PoolTransaction? transaction)) return;
            Remove(transaction, reason);
            if (_bySender.TryGetValue(transaction.Sender, out SenderTransactions? queue)) DropGappedBlobs([queue]);
        }
    }

    /// <summary>How many transactions left the pool for this reason since it was opened.</summary>
    public long CountDropped(PoolDropReason reason) => Volatile.Read(ref _drops[(int)reason]);

    /// <summary>Stops following the chain and writes the journal.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _chain.HeadChanged -= OnHeadChanged;
        if (_journal is null) return;
        RewriteJournal();
        _journal.Dispose();
    }
}
