using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>The rules for blocks, shared by singular batches and the blocks of span batches, and those for singular batches.</summary>
/// <remarks>Numbers in batches come from L1 and may be anything: additions on them wrap. Spec: derivation.md#batch-queue; cases D-SB.</remarks>
internal static class BatchRules
{
    /// <summary>Judges a singular batch on top of a safe head.</summary>
    /// <param name="config">The rollup.</param>
    /// <param name="epochs">The known L1 blocks from the safe head's origin on, or from the one after it.</param>
    /// <param name="safe">The safe head.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="inclusion">The L1 block in which the batch was complete.</param>
    public static BatchCheck CheckSingular(RollupConfig config, List<EpochBlock> epochs, in L2BlockRef safe, SingularBatch batch, in L1BlockRef inclusion)
    {
        if (epochs.Count == 0) return BatchCheck.Undecided(BatchRule.NoL1Blocks);
        L1BlockRef epoch = epochs[0].Ref;
        bool isHolocene = config.IsActive(OptimismFork.Holocene, new L1InclusionTime(inclusion.Timestamp));
        ulong nextTimestamp = safe.Timestamp + config.BlockTimeSeconds;
        if (batch.Timestamp > nextTimestamp) return isHolocene ? BatchCheck.Drop(BatchRule.TimestampInFuture) : BatchCheck.Future(BatchRule.TimestampInFuture);
        if (batch.Timestamp < nextTimestamp) return isHolocene ? BatchCheck.Past(BatchRule.TimestampInPast) : BatchCheck.Drop(BatchRule.TimestampInPast);
        if (batch.ParentHash != safe.Hash) return BatchCheck.Drop(BatchRule.ParentHashMismatch);
        if (IsWindowPassed(config, batch.EpochNumber, inclusion)) return BatchCheck.Drop(BatchRule.SequencingWindowPassed);
        if (batch.EpochNumber < epoch.Number) return BatchCheck.Drop(BatchRule.EpochTooOld);
        if (batch.EpochNumber > epoch.Number + 1) return BatchCheck.Drop(BatchRule.EpochTooNew);
        int origin = 0;
        if (batch.EpochNumber != epoch.Number)
        {
            if (epochs.Count < 2) return BatchCheck.Undecided(BatchRule.NextEpochUnknown);
            origin = 1;
        }

        if (batch.EpochHash != epochs[origin].Ref.Hash) return BatchCheck.Drop(BatchRule.EpochHashMismatch);
        if (batch.Timestamp < epochs[origin].Ref.Timestamp) return BatchCheck.Drop(BatchRule.TimeBeforeOrigin);
        if (batch.Transactions.Count > 0 && IsEmptyActivationBlock(config, batch.Timestamp)) return BatchCheck.Drop(BatchRule.TransactionsInActivationBlock);
        BatchCheck drift = CheckDrift(config, epochs, origin, batch.Timestamp, batch.Transactions.Count, advancesOrigin: origin == 1);
        if (drift.Verdict != BatchVerdict.Accept) return drift;
        for (int i = 0; i < batch.Transactions.Count; i++)
        {
            BatchRule rule = CheckTransaction(config, batch.Transactions[i], batch.Timestamp);
            if (rule != BatchRule.None) return BatchCheck.Drop(rule);
        }

        return BatchCheck.Accept;
    }

    /// <summary>Whether the batch came after the sequencing window of its epoch.</summary>
    public static bool IsWindowPassed(RollupConfig config, ulong epochNumber, in L1BlockRef inclusion) =>
        unchecked(epochNumber + config.SequencingWindowSize) < inclusion.Number;

    /// <summary>Whether the block at a time activates a fork whose activation block has no sequenced transactions (jovian/derivation.md#activation-block-rules).</summary>
    private static bool IsEmptyActivationBlock(RollupConfig config, ulong timestamp) =>
        config.IsActivationBlock(OptimismFork.Jovian, new L2Time(timestamp)) || config.IsActivationBlock(OptimismFork.Karst, new L2Time(timestamp));

    /// <summary>L2 time may run ahead of its origin's only by the drift; an empty block may, while the next origin would be too late for it.</summary>
    public static BatchCheck CheckDrift(RollupConfig config, List<EpochBlock> epochs, int origin, ulong timestamp, int transactionCount, bool advancesOrigin)
    {
        ulong originTime = epochs[origin].Ref.Timestamp;
        if (timestamp <= originTime + DerivationParameters.MaxSequencerDrift(config, new L1OriginTime(originTime))) return BatchCheck.Accept;
        if (transactionCount > 0) return BatchCheck.Drop(BatchRule.SequencerDriftWithTransactions);
        if (advancesOrigin) return BatchCheck.Accept;
        if (origin + 1 >= epochs.Count) return BatchCheck.Undecided(BatchRule.NextEpochUnknown);
        return timestamp >= epochs[origin + 1].Ref.Timestamp ? BatchCheck.Drop(BatchRule.SequencerDriftOriginAvailable) : BatchCheck.Accept;
    }

    /// <summary>What a sequencer may not include. Unknown types pass: the engine refuses the block (V-09).</summary>
    public static BatchRule CheckTransaction(RollupConfig config, ReadOnlySpan<byte> transaction, ulong timestamp)
    {
        if (transaction.IsEmpty) return BatchRule.EmptyTransaction;
        return (TransactionType)transaction[0] switch
        {
            TransactionType.Deposit => BatchRule.DepositTransaction,
            TransactionType.SetCode when !config.IsActive(OptimismFork.Isthmus, new L2Time(timestamp)) => BatchRule.SetCodeBeforeIsthmus,
            _ => BatchRule.None,
        };
    }
}
