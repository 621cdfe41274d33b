using Opal.Evm;

namespace Opal.Protocol;

/// <summary>Watches a block that is executed again, for traces.</summary>
public interface IBlockObserver
{
    /// <summary>A transaction is about to be executed.</summary>
    /// <param name="index">Its index in the block.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="journal">The state before it.</param>
    /// <returns>A tracer for it, or null.</returns>
    ITracer? BeginTransaction(int index, Transaction transaction, Journal journal);

    /// <summary>A transaction was executed.</summary>
    /// <param name="index">Its index in the block.</param>
    /// <param name="outcome">What it did.</param>
    /// <param name="journal">The state after it.</param>
    /// <returns>Whether to go on with the next one.</returns>
    bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal);
}
