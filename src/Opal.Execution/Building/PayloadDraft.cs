using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>
/// One attempt at a block: the forced transactions, then those that are offered, in order. It borrows an executor until it is disposed;
/// after <see cref="Discard"/> nobody uses that executor again. Not thread-safe.
/// </summary>
internal sealed class PayloadDraft : IDisposable
{
    private readonly BuildContext _context;
    private readonly ExecutorLease _lease;
    private readonly BlockBuilder _builder;
    private readonly HashSet<Hash256> _included = [];
    private bool _returned;

    private PayloadDraft(BuildContext context, ExecutorLease lease, BlockBuilder builder)
    {
        _context = context;
        _lease = lease;
        _builder = builder;
        Forced = builder.TransactionCount;
    }

    /// <summary>How many forced transactions the block begins with.</summary>
    public int Forced { get; }

    /// <summary>The pool's transactions that are in, in order.</summary>
    public List<PoolTransaction> Included { get; } = [];

    /// <summary>Transactions that were executed, or begun, and then not taken in. What they left behind, if anything, is a fault.</summary>
    public List<PoolTransaction> Rejected { get; } = [];

    /// <summary>The block's base fee in wei.</summary>
    public UInt256 BaseFee => _builder.BaseFee;

    /// <summary>Whether there is no gas left for any transaction.</summary>
    public bool IsFull => GasLeft < IntrinsicGas.Transaction;

    private ulong GasLeft
    {
        get
        {
            ulong left = _builder.GasLeft;
            if (_context.EffectiveGasLimit is not { } limit || _context.Attributes.GasLimit is not { } blockLimit || limit >= blockLimit) return left;
            ulong held = blockLimit - limit;
            return left > held ? left - held : 0;
        }
    }

    public bool Contains(in Hash256 hash) => _included.Contains(hash);

    /// <summary>Executes the forced transactions; null, with the reason, when the parent's state is gone or one of them is not valid here.</summary>
    public static PayloadDraft? Begin(BuildContext context, out string error)
    {
        if (context.Chain.OpenState(context.Parent) is not { } state)
        {
            error = $"the state of block {context.Parent.Number} is not kept any more";
            return null;
        }

        ExecutorLease lease = context.Chain.RentExecutor();
        ExecutionResult begun = lease.Executor.TryBegin(context.Parent.Header, context.Attributes, context.Wrap(state), context.Limits, out BlockBuilder? builder);
        if (!begun.IsValid)
        {
            lease.Dispose();
            error = begun.InvalidTransaction < 0 ? begun.Describe() : $"transaction {begun.InvalidTransaction}: {begun.Describe()}";
            return null;
        }

        error = "";
        return new PayloadDraft(context, lease, builder!);
    }

    /// <summary>Offers a transaction of the pool.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="fault">What was thrown, when the answer is <see cref="OfferResult.Faulted"/>.</param>
    public OfferResult Offer(PoolTransaction transaction, out Exception? fault)
    {
        fault = null;
        if (transaction.Transaction.GasLimit > GasLeft) return IsFull ? OfferResult.Full : OfferResult.NoRoom;
        if (transaction.Condition is { } condition && condition.Check(_builder.Number, _builder.Timestamp, ReadSlot, _context.Chain.OpenState(_context.Parent)) is not null)
        {
            return OfferResult.ConditionFailed;
        }

        AddResult result;
        TransactionVerdict verdict;
        try
        {
            result = _builder.TryAdd(transaction.Transaction, out verdict);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // one transaction must not stop a chain: it is left out, and the caller tells and drops it
            fault = error;
            return OfferResult.Faulted;
        }

        switch (result)
        {
            case AddResult.Included:
                Included.Add(transaction);
                _included.Add(transaction.Hash);
                return OfferResult.Included;
            case AddResult.Rejected:
                Rejected.Add(transaction);
                return verdict == TransactionVerdict.NonceTooLow ? OfferResult.Stale : OfferResult.Rejected;
            case AddResult.NoGas when IsFull:
                return OfferResult.Full;
            default:
                // refused for room, some of these only after a look at the state
                Rejected.Add(transaction);
                return OfferResult.NoRoom;
        }
    }

    private UInt256 ReadSlot(Address account, UInt256 slot) => _builder.GetStorage(account, slot);

    /// <summary>Makes the block; the draft takes no more transactions. Null, with the reason, when there can be no block.</summary>
    public BuiltPayload? Seal(out string error)
    {
        BlockError failed = _builder.Seal(out BuiltBlock? built);
        error = failed == BlockError.None ? "" : Descriptions.Of(failed);
        return built is null ? null : new BuiltPayload(built, [.. Included.Where(static t => t.Sidecar is not null).Select(static t => t.Sidecar!)]);
    }

    /// <summary>Gives the executor back.</summary>
    public void Dispose()
    {
        if (_returned) return;
        _returned = true;
        _lease.Dispose();
    }

    /// <summary>Ends the draft and its executor, which is suspected of holding a wrong state.</summary>
    public void Discard()
    {
        if (_returned) return;
        _returned = true;
        _lease.Executor.Dispose();
    }
}
