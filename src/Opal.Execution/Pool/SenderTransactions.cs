using Opal.Primitives;

namespace Opal.Execution;

/// <summary>One account's pooled transactions by nonce. The first <see cref="PendingCount"/> are executable; the rest wait. Used under the pool's lock.</summary>
internal sealed class SenderTransactions(Address sender)
{
    private readonly SortedList<ulong, PoolTransaction> _byNonce = [];

    public Address Sender { get; } = sender;

    /// <summary>The account's nonce at the head.</summary>
    public ulong StateNonce { get; private set; }

    /// <summary>The account's balance at the head.</summary>
    public UInt256 Balance { get; private set; }

    /// <summary>How many transactions follow the account's nonce without a gap, each of them payable.</summary>
    public int PendingCount { get; private set; }

    public int Count => _byNonce.Count;

    public int QueuedCount => _byNonce.Count - PendingCount;

    public IList<PoolTransaction> Transactions => _byNonce.Values;

    /// <summary>The nonce after the last executable transaction.</summary>
    public ulong NextNonce => PendingCount == 0 ? StateNonce : _byNonce.Keys[PendingCount - 1] + 1;

    public PoolTransaction? Find(ulong nonce) => _byNonce.GetValueOrDefault(nonce);

    public void Put(PoolTransaction transaction) => _byNonce[transaction.Nonce] = transaction;

    public bool Remove(ulong nonce) => _byNonce.Remove(nonce);

    /// <summary>The transaction whose removal leaves the fewest behind: the one of the highest nonce.</summary>
    public PoolTransaction Last => _byNonce.Values[^1];

    /// <summary>Sum of what all held transactions may cost, the one with <paramref name="exceptNonce"/> left out.</summary>
    public UInt256 TotalCost(ulong exceptNonce)
    {
        UInt256 total = UInt256.Zero;
        foreach (PoolTransaction transaction in _byNonce.Values)
        {
            if (transaction.Nonce == exceptNonce) continue;
            if (!UInt256.TryAdd(total, transaction.TotalCost, out total)) return UInt256.MaxValue;
        }

        return total;
    }

    /// <summary>Takes the account as the head has it.</summary>
    public void SetAccount(ulong nonce, in UInt256 balance)
    {
        StateNonce = nonce;
        Balance = balance;
    }

    /// <summary>Counts the executable run anew. Transactions that became executable are appended to <paramref name="promoted"/>.</summary>
    public void Recount(List<PoolTransaction>? promoted)
    {
        int before = PendingCount, count = 0;
        ulong expected = StateNonce;
        while (count < _byNonce.Count && _byNonce.Keys[count] == expected && _byNonce.Values[count].TotalCost <= Balance)
        {
            count++;
            expected++;
        }

        PendingCount = count;
        if (promoted is null) return;
        for (int i = before; i < count; i++) promoted.Add(_byNonce.Values[i]);
    }
}
