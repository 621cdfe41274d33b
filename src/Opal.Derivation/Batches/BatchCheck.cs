namespace Opal.Derivation;

/// <summary>What becomes of a batch.</summary>
public enum BatchVerdict : byte
{
    /// <summary>Valid: derive from it.</summary>
    Accept,
    /// <summary>Invalid, and will stay so unless L1 reorgs. From Holocene on the rest of its span and channel go too.</summary>
    Drop,
    /// <summary>At or below the safe head: skip it alone (Holocene).</summary>
    Past,
    /// <summary>May be valid later (before Holocene).</summary>
    Future,
    /// <summary>L1 or L2 information is missing.</summary>
    Undecided,
}

/// <summary>The rule that decided over a batch; named after the spec's rules.</summary>
public enum BatchRule : byte
{
    None,
    NoL1Blocks,
    NextEpochUnknown,
    SpanBeforeDelta,
    TimestampInFuture,
    TimestampInPast,
    TimestampMisaligned,
    ParentHashMismatch,
    BeforeGenesis,
    L2BlockMalformed,
    SequencingWindowPassed,
    EpochTooOld,
    EpochTooNew,
    EpochHashMismatch,
    EndEpochUnknown,
    TimeBeforeOrigin,
    TransactionsInActivationBlock,
    SequencerDriftWithTransactions,
    SequencerDriftOriginAvailable,
    EmptyTransaction,
    DepositTransaction,
    SetCodeBeforeIsthmus,
    OverlapTransactionCount,
    OverlapTransaction,
    OverlapOrigin,
    SpanRebuildFailed,
    SpanBeforeDeltaInReader,
    OriginBehindSafeHead,
    SpanRemainderStale,
    EpochUnknown,
    StagesExchanged,
}

/// <summary>A verdict with the rule behind it.</summary>
public readonly record struct BatchCheck(BatchVerdict Verdict, BatchRule Rule)
{
    /// <summary>Accepted by every rule.</summary>
    public static BatchCheck Accept => new(BatchVerdict.Accept, BatchRule.None);

    /// <summary>Dropped by a rule.</summary>
    public static BatchCheck Drop(BatchRule rule) => new(BatchVerdict.Drop, rule);

    /// <summary>Skipped as past by a rule.</summary>
    public static BatchCheck Past(BatchRule rule) => new(BatchVerdict.Past, rule);

    /// <summary>Kept for later by a rule.</summary>
    public static BatchCheck Future(BatchRule rule) => new(BatchVerdict.Future, rule);

    /// <summary>Not decidable yet for a reason.</summary>
    public static BatchCheck Undecided(BatchRule rule) => new(BatchVerdict.Undecided, rule);
}
