using Opal.Primitives;

namespace Opal.Execution;

/// <summary>One account's pooled transactions by nonce. The first <see cref="PendingCount"/> are executable; the rest wait. Used under the pool's lock.</summary>
internal sealed class SenderTransactions(Address sender, bool isPrivileged)
{
    private readonly SortedList<ulong, PoolTransaction> _byNonce = [];
    private UInt256? _totalCost; // of all; null when it must be summed anew

    public Address Sender { get; } = sender;

    /// <summary>Whether no limit of the pool drops its transactions (<see cref="PoolOptions.Locals"/>).</summary>
    public bool IsPrivileged { get; } = isPrivileged;

    /// <summary>The account's nonce at the head.</summary>
    public ulong StateNonce { get; private set; }

    /// <summary>The account's balance at the head.</summary>
    public UInt256 Balance { get; private set; }

    /// <summary>How many transactions follow the account's nonce without a gap, each of them payable.</summary>
    public int PendingCount { get; private set; }

    /// <summary>Slots of the executable ones.</summary>
    public int PendingSlots { get; private set; }

    /// <summary><see cref="PendingCount"/> and <see cref="PendingSlots"/> as the pool's totals have them; kept by the pool.</summary>
    public (int Pending, int Slots) Booked { get; set; }

    /// <summary>Arrival number of the newest transaction.</summary>
    public ulong LastArrival { get; private set; }

    public int Count => _byNonce.Count;

    public int QueuedCount => _byNonce.Count - PendingCount;

    public IList<PoolTransaction> Transactions => _byNonce.Values;

    /// <summary>The nonce after the last executable transaction.</summary>
    public ulong NextNonce => PendingCount == 0 ? StateNonce : _byNonce.Keys[PendingCount - 1] + 1;

    public PoolTransaction? Find(ulong nonce) => _byNonce.GetValueOrDefault(nonce);

    /// <summary>Puts a transaction in, in place of one with its nonce if there is one. The run is not counted: see <see cref="Extend"/>.</summary>
    public void Put(PoolTransaction transaction)
    {
        if (_byNonce.TryGetValue(transaction.Nonce, out PoolTransaction? replaced))
        {
            _totalCost = null;
            if (replaced.IsPending)
            {
                // a payable one in the place of a payable one: the run stays as long as it was
                transaction.IsPending = true;
                replaced.IsPending = false;
                PendingSlots += transaction.Slots - replaced.Slots;
            }
        }
        else if (_totalCost is { } total)
        {
            _totalCost = UInt256.TryAdd(total, transaction.TotalCost, out UInt256 sum) ? sum : null;
        }

        _byNonce[transaction.Nonce] = transaction;
        LastArrival = Math.Max(LastArrival, transaction.Arrival);
    }

    /// <summary>Takes a transaction out. The run must be counted anew afterwards.</summary>
    public void Remove(ulong nonce)
    {
        if (!_byNonce.Remove(nonce, out PoolTransaction? removed)) return;
        _totalCost = null;
        removed.IsPending = false;
    }

    /// <summary>The transaction whose removal leaves the fewest behind: the one of the highest nonce.</summary>
    public PoolTransaction Last => _byNonce.Values[^1];

    /// <summary>Sum of what all held transactions may cost, the one with <paramref name="exceptNonce"/> left out; saturated.</summary>
    public UInt256 TotalCost(ulong exceptNonce)
    {
        if (_totalCost is null)
        {
            UInt256 total = UInt256.Zero;
            foreach (PoolTransaction transaction in _byNonce.Values)
            {
                if (!UInt256.TryAdd(total, transaction.TotalCost, out total)) return UInt256.MaxValue;
            }

            _totalCost = total;
        }

        return Find(exceptNonce) is { } left ? _totalCost.Value - left.TotalCost : _totalCost.Value;
    }

    /// <summary>Takes the account as the head has it.</summary>
    public void SetAccount(ulong nonce, in UInt256 balance)
    {
        StateNonce = nonce;
        Balance = balance;
    }

    /// <summary>The costs of held transactions changed.</summary>
    public void ForgetCosts() => _totalCost = null;

    /// <summary>Counts the executable run anew, after removals or a move of the head. Transactions that became executable are appended to <paramref name="promoted"/>.</summary>
    public void Recount(List<PoolTransaction>? promoted)
    {
        int before = PendingCount;
        PendingCount = 0;
        PendingSlots = 0;
        Extend(promoted);
        for (int i = PendingCount; i < _byNonce.Count && i < before; i++) _byNonce.Values[i].IsPending = false;
    }

    /// <summary>Lets the executable run grow over what follows it, after an addition.</summary>
    public void Extend(List<PoolTransaction>? promoted)
    {
        ulong expected = NextNonce;
        while (PendingCount < _byNonce.Count && _byNonce.Keys[PendingCount] == expected)
        {
            PoolTransaction next = _byNonce.Values[PendingCount];
            if (next.TotalCost > Balance) return;
            if (!next.IsPending) promoted?.Add(next);
            next.IsPending = true;
            PendingSlots += next.Slots;
            PendingCount++;
            expected++;
        }
    }
}
