using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>How an account's transactions are doing, for status pages.</summary>
public sealed record TxManagerStatus
{
    /// <summary>The account.</summary>
    public required Address Account { get; init; }

    /// <summary>The transactions on their way.</summary>
    public required int Pending { get; init; }

    /// <summary>The nonce that a fresh transaction would get; null while L1 is to be asked.</summary>
    public ulong? NextNonce { get; init; }

    /// <summary>The lowest nonce on its way; null when there is none.</summary>
    public ulong? OldestNonce { get; init; }

    /// <summary>How long ago the oldest transaction on its way was sent; null when there is none.</summary>
    public TimeSpan? OldestPendingAge { get; init; }

    /// <summary>What the transaction with the lowest nonce offers; null before its first version.</summary>
    public TxFees? OldestFees { get; init; }

    /// <summary>What stands in the way, in words (the fee limit, missing ether, an L1 that does not move); null when nothing does.</summary>
    public string? Problem { get; init; }

    /// <summary>Versions that a pool took, since the start.</summary>
    public long Published { get; init; }

    /// <summary>Raises of fees, since the start.</summary>
    public long Raised { get; init; }

    /// <summary>Confirmed transactions, since the start.</summary>
    public long Confirmed { get; init; }

    /// <summary>Of these, the reverted ones.</summary>
    public long Reverted { get; init; }

    /// <summary>L1 fees paid since the start, blobs included, wei.</summary>
    public UInt256 FeesSpent { get; init; }

    /// <summary>The balance when it was last read, wei; null before the first time (<see cref="TransactionManager.GetBalanceAsync"/>).</summary>
    public UInt256? Balance { get; init; }
}
