using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Executable transactions in the order a builder wants them: highest tip first, each sender in nonce order. A snapshot; not thread-safe.</summary>
public sealed class BestTransactions
{
    private readonly record struct Rank(UInt256 Tip, ulong Arrival) : IComparable<Rank>
    {
        public int CompareTo(Rank other)
        {
            int byTip = other.Tip.CompareTo(Tip);
            return byTip != 0 ? byTip : Arrival.CompareTo(other.Arrival);
        }
    }

    private sealed class Cursor(PoolTransaction[] transactions)
    {
        public PoolTransaction[] Transactions { get; } = transactions;
        public int Index { get; set; }
    }

    private readonly PriorityQueue<Cursor, Rank> _senders = new();
    private readonly UInt256 _baseFee;
    private readonly UInt256 _leastTip;

    internal BestTransactions(IEnumerable<PoolTransaction[]> bySender, in UInt256 baseFee, in UInt256 leastTip)
    {
        _baseFee = baseFee;
        _leastTip = leastTip;
        foreach (PoolTransaction[] transactions in bySender) Offer(new Cursor(transactions));
    }

    private void Offer(Cursor cursor)
    {
        if (cursor.Index >= cursor.Transactions.Length) return;
        PoolTransaction next = cursor.Transactions[cursor.Index];
        if (!next.TryGetTip(_baseFee, out UInt256 tip) || tip < _leastTip) return;
        _senders.Enqueue(cursor, new Rank(tip, next.Arrival));
    }

    /// <summary>The best transaction left.</summary>
    public bool TryPeek([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PoolTransaction? transaction)
    {
        transaction = _senders.TryPeek(out Cursor? cursor, out _) ? cursor.Transactions[cursor.Index] : null;
        return transaction is not null;
    }

    /// <summary>Done with the best one: its sender's next nonce competes from now on.</summary>
    public void Shift()
    {
        Cursor cursor = _senders.Dequeue();
        cursor.Index++;
        Offer(cursor);
    }

    /// <summary>Leaves out the best one, and with it all later nonces of its sender.</summary>
    public void Pop() => _senders.Dequeue();
}
