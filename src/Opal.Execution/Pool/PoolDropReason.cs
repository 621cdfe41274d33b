namespace Opal.Execution;

/// <summary>Why a transaction left the pool.</summary>
public enum PoolDropReason : byte
{
    /// <summary>A block of the canonical chain holds it.</summary>
    Included,

    /// <summary>Its nonce was used by another transaction.</summary>
    NonceUsed,

    /// <summary>A dearer one with the same nonce took its place.</summary>
    Replaced,

    /// <summary>The sender's balance no longer covers its cost, rollup fees included.</summary>
    Unpayable,

    /// <summary>Its gas limit is above the block's, or above what the head's fork allows.</summary>
    ExceedsBlockGas,

    /// <summary>The head's fork does not know its type.</summary>
    NotSupported,

    /// <summary>It has blobs, and a removed block left a gap of nonces below it.</summary>
    Gapped,

    /// <summary>It waited longer than <see cref="PoolOptions.Lifetime"/>.</summary>
    Expired,

    /// <summary>Its account has more waiting transactions than <see cref="PoolOptions.AccountQueue"/>.</summary>
    AccountQueueFull,

    /// <summary>More transactions wait than <see cref="PoolOptions.GlobalQueue"/>, and its account has most of them.</summary>
    QueueFull,

    /// <summary>More are executable than <see cref="PoolOptions.GlobalSlots"/>, and its account holds more than its share.</summary>
    PendingFull,

    /// <summary>The pool was full and it paid least.</summary>
    Outbid,

    /// <summary>Its sender's preconditions no longer hold (<see cref="TransactionCondition"/>).</summary>
    ConditionFailed,

    /// <summary>A block with it, or one that tried it, did not pass its second execution.</summary>
    BuiltWrong,

    /// <summary>The program took it out, as a development chain does whose reorg loses transactions.</summary>
    Withdrawn,
}
