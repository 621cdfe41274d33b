using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>The rules for span batches (delta/span-batches.md#batch-queue; holocene/derivation.md#span-batches; cases D-SP).</summary>
/// <remarks>A check may find a block of the safe chain missing: <see cref="SafeChain.IsBlocked"/> is then set, its verdict means nothing, and it is run again.</remarks>
internal static class SpanRules
{
    /// <summary>Judges a whole span before Holocene.</summary>
    public static BatchCheck Check(RollupConfig config, List<EpochBlock> epochs, in L2BlockRef safe, SpanBatch span, in L1BlockRef inclusion, SafeChain chain)
    {
        BatchCheck prefix = CheckPrefix(config, epochs, safe, span, inclusion, chain, out L2BlockRef parent);
        if (chain.IsBlocked || prefix.Verdict != BatchVerdict.Accept) return prefix;
        BatchCheck blocks = CheckBlocks(config, epochs, safe, span, parent);
        return blocks.Verdict == BatchVerdict.Accept ? CheckOverlap(config, safe, span, parent, chain) : blocks;
    }

    /// <summary>Judges a span from Holocene on, where its blocks are judged one by one later.</summary>
    public static BatchCheck CheckHolocene(RollupConfig config, List<EpochBlock> epochs, in L2BlockRef safe, SpanBatch span, in L1BlockRef inclusion, SafeChain chain)
    {
        BatchCheck prefix = CheckPrefix(config, epochs, safe, span, inclusion, chain, out L2BlockRef parent);
        return chain.IsBlocked || prefix.Verdict != BatchVerdict.Accept ? prefix : CheckOverlap(config, safe, span, parent, chain);
    }

    private static BatchCheck CheckPrefix(
        RollupConfig config, List<EpochBlock> epochs, in L2BlockRef safe, SpanBatch span, in L1BlockRef inclusion, SafeChain chain, out L2BlockRef parent)
    {
        parent = safe;
        if (epochs.Count == 0) return BatchCheck.Undecided(BatchRule.NoL1Blocks);
        L1BlockRef epoch = epochs[0].Ref, origin = epoch;
        if (span.StartEpoch == epoch.Number + 1)
        {
            if (epochs.Count < 2) return BatchCheck.Undecided(BatchRule.NextEpochUnknown);
            origin = epochs[1].Ref;
        }

        if (!config.IsActive(OptimismFork.Delta, new L1OriginTime(origin.Timestamp))) return BatchCheck.Drop(BatchRule.SpanBeforeDelta);
        bool isHolocene = config.IsActive(OptimismFork.Holocene, new L1InclusionTime(inclusion.Timestamp));
        ulong next = safe.Timestamp + config.BlockTimeSeconds;
        if (span.Timestamp > next) return isHolocene ? BatchCheck.Drop(BatchRule.TimestampInFuture) : BatchCheck.Future(BatchRule.TimestampInFuture);
        if (span.LastTimestamp < next) return isHolocene ? BatchCheck.Past(BatchRule.TimestampInPast) : BatchCheck.Drop(BatchRule.TimestampInPast);
        if (span.Timestamp < next)
        {
            if (span.Timestamp > safe.Timestamp || (safe.Timestamp - span.Timestamp) % config.BlockTimeSeconds != 0) return BatchCheck.Drop(BatchRule.TimestampMisaligned);
            ulong back = ((safe.Timestamp - span.Timestamp) / config.BlockTimeSeconds) + 1;
            if (back > safe.Number - config.GenesisL2.Number) return BatchCheck.Drop(BatchRule.BeforeGenesis);
            if (!chain.TryGet(safe.Number - back, out parent, out _)) return default;
        }

        if (!span.ParentCheck.Matches(parent.Hash)) return BatchCheck.Drop(BatchRule.ParentHashMismatch);
        if (BatchRules.IsWindowPassed(config, span.StartEpoch, inclusion)) return BatchCheck.Drop(BatchRule.SequencingWindowPassed);
        if (span.StartEpoch > parent.L1Origin.Number + 1) return BatchCheck.Drop(BatchRule.EpochTooNew);
        if (span.EndEpoch < epoch.Number) return BatchCheck.Drop(BatchRule.EpochTooOld);
        ulong end = span.EndEpoch - epoch.Number;
        if (end >= (ulong)epochs.Count) return BatchCheck.Undecided(BatchRule.EndEpochUnknown);
        if (!span.OriginCheck.Matches(epochs[(int)end].Ref.Hash)) return BatchCheck.Drop(BatchRule.EpochHashMismatch);
        return span.StartEpoch < parent.L1Origin.Number ? BatchCheck.Drop(BatchRule.EpochTooOld) : BatchCheck.Accept;
    }

    /// <summary>The rules of every block past the safe head.</summary>
    private static BatchCheck CheckBlocks(RollupConfig config, List<EpochBlock> epochs, in L2BlockRef safe, SpanBatch span, in L2BlockRef parent)
    {
        ulong first = epochs[0].Ref.Number;
        ulong previousEpoch = parent.L1Origin.Number;
        for (int i = 0; i < span.BlockCount; i++)
        {
            ulong timestamp = span.TimestampOf(i), epoch = span.EpochOf(i);
            bool advancesOrigin = epoch > previousEpoch;
            previousEpoch = epoch;
            if (timestamp <= safe.Timestamp) continue;
            if (epoch < safe.L1Origin.Number) return BatchCheck.Drop(BatchRule.EpochTooOld);
            if (epoch < first || epoch - first >= (ulong)epochs.Count) return BatchCheck.Drop(BatchRule.EpochTooNew);
            int origin = (int)(epoch - first);
            if (timestamp < epochs[origin].Ref.Timestamp) return BatchCheck.Drop(BatchRule.TimeBeforeOrigin);
            ReadOnlySpan<byte[]> transactions = span.TransactionsOf(i);
            BatchCheck drift = BatchRules.CheckDrift(config, epochs, origin, timestamp, transactions.Length, advancesOrigin);
            if (drift.Verdict != BatchVerdict.Accept) return drift;
            foreach (byte[] transaction in transactions)
            {
                BatchRule rule = BatchRules.CheckTransaction(config, transaction, timestamp);
                if (rule != BatchRule.None) return BatchCheck.Drop(rule);
            }
        }

        return BatchCheck.Accept;
    }

    /// <summary>Blocks that the safe chain has already must be the same there: sequenced transactions and origin.</summary>
    private static BatchCheck CheckOverlap(RollupConfig config, in L2BlockRef safe, SpanBatch span, in L2BlockRef parent, SafeChain chain)
    {
        if (span.Timestamp >= safe.Timestamp + config.BlockTimeSeconds) return BatchCheck.Accept;
        int overlap = (int)(safe.Number - parent.Number);
        for (int i = 0; i < overlap; i++)
        {
            if (!chain.TryGet(parent.Number + 1 + (ulong)i, out L2BlockRef reference, out Block block)) return default;
            int deposits = 0;
            while (deposits < block.Transactions.Length && block.Transactions[deposits].IsDeposit) deposits++;
            ReadOnlySpan<byte[]> transactions = span.TransactionsOf(i);
            if (block.Transactions.Length - deposits != transactions.Length) return BatchCheck.Drop(BatchRule.OverlapTransactionCount);
            for (int j = 0; j < transactions.Length; j++)
            {
                if (!block.Transactions[deposits + j].Encoded.AsSpan().SequenceEqual(transactions[j])) return BatchCheck.Drop(BatchRule.OverlapTransaction);
            }

            if (reference.L1Origin.Number != span.EpochOf(i)) return BatchCheck.Drop(BatchRule.OverlapOrigin);
        }

        return BatchCheck.Accept;
    }
}
