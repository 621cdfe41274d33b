using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Which L1 transactions carry batcher data (derivation.md#batcher-transaction-format; ecotone/derivation.md#blob-retrieval).</summary>
public static class BatcherTransactions
{
    /// <summary>Whether a transaction carries batcher data if the batcher signed it: by type, recipient and chain. Its success does not matter.</summary>
    public static bool IsAddressed(Transaction transaction, RollupConfig config) =>
        transaction.Type is TransactionType.Legacy or TransactionType.AccessList or TransactionType.DynamicFee or TransactionType.Blob or TransactionType.Deposit
        && transaction.To == config.BatchInboxAddress
        && (transaction.ChainId is not { } chainId || chainId == config.L1ChainId);

    /// <summary>Whether the data are in the transaction's blobs; else they are its calldata.</summary>
    /// <param name="transaction">A transaction.</param>
    /// <param name="config">The rollup.</param>
    /// <param name="time">The time of the transaction's L1 block.</param>
    public static bool UsesBlobs(Transaction transaction, RollupConfig config, L1InclusionTime time) =>
        transaction.Type == TransactionType.Blob && config.IsActive(OptimismFork.Ecotone, time);
}
