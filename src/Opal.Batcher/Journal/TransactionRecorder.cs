using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Writes the versions of one transaction into the journal before L1 hears of them.</summary>
/// <param name="journal">The journal.</param>
/// <param name="transaction">The transaction.</param>
/// <param name="signed">Told after each version.</param>
internal sealed class TransactionRecorder(BatcherJournal journal, SentTransaction transaction, Action signed) : ITxRecorder
{
    /// <inheritdoc/>
    public ValueTask PublishingAsync(TxVersion version, CancellationToken cancellation)
    {
        journal.Sign(transaction, version);
        signed();
        return ValueTask.CompletedTask;
    }
}
