using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Writes the versions of one transaction into the journal before L1 hears of them.</summary>
internal sealed class TransactionRecorder(BatcherJournal journal, SentTransaction transaction) : ITxRecorder
{
    /// <inheritdoc/>
    public ValueTask PublishingAsync(TxVersion version, CancellationToken cancellation)
    {
        journal.Sign(transaction, version);
        return ValueTask.CompletedTask;
    }
}
