using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Recovers the senders of a block's transactions on other threads, while the block is executed.</summary>
/// <remarks>
/// Execution asks for senders from the first transaction on and recovers those that are missing itself; the helpers go from
/// the last one towards it. So they share the work until they meet, nobody waits, and no signature is done twice but perhaps the
/// one where they meet. Senders that are known already (from the pool) cost nothing. Results are kept by the transactions.
/// </remarks>
internal sealed class SenderRecovery : IThreadPoolWorkItem
{
    /// <summary>Fewer unknown senders than this for each helper are not worth its start.</summary>
    private const int MinPerHelper = 4;

    private readonly Transaction[] _transactions;
    private readonly ICrypto _crypto;
    private int _next; // everything from here on is taken
    private volatile bool _stopped;

    private SenderRecovery(Transaction[] transactions, ICrypto crypto)
    {
        _transactions = transactions;
        _crypto = crypto;
        _next = transactions.Length;
    }

    /// <summary>Starts helpers, at most one less than there are processors; the caller is about to execute the transactions.</summary>
    public static SenderRecovery Begin(Transaction[] transactions, ICrypto crypto) => Begin(transactions, crypto, Environment.ProcessorCount - 1);

    /// <summary>Starts up to <paramref name="helpers"/> helpers.</summary>
    internal static SenderRecovery Begin(Transaction[] transactions, ICrypto crypto, int helpers)
    {
        var recovery = new SenderRecovery(transactions, crypto);
        helpers = Math.Min(helpers, transactions.Length / MinPerHelper);
        for (int i = 0; i < helpers; i++) ThreadPool.UnsafeQueueUserWorkItem(recovery, preferLocal: false);
        return recovery;
    }

    /// <summary>Lets the helpers end: the block is done, or invalid.</summary>
    public void Stop() => _stopped = true;

    /// <summary>A helper.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        while (!_stopped)
        {
            int index = Interlocked.Decrement(ref _next);
            if (index < 0) return;
            _transactions[index].TryGetSender(_crypto, out _);
        }
    }
}
