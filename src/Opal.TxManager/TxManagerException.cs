using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Why a transaction was given up.</summary>
public enum TxFailure : byte
{
    /// <summary>Its execution reverts, as the estimate of its gas showed; it was not sent.</summary>
    Reverts,
    /// <summary>The account cannot pay for it.</summary>
    InsufficientFunds,
    /// <summary>Another transaction took its nonce.</summary>
    NonceTaken,
    /// <summary>L1's pool did not take it in time.</summary>
    NotInMempool,
    /// <summary>It was not confirmed in time.</summary>
    TimedOut,
    /// <summary>The account has transactions of the other kind (blob or not) in L1's pool, which does not mix them.</summary>
    AlreadyReserved,
    /// <summary>L1's pool refuses it for good: it is malformed, or breaks a rule of the chain.</summary>
    Refused,
    /// <summary>The fee limit forbids the offer it would take to get it into L1's pool.</summary>
    FeeLimit,
    /// <summary>The signer did not sign it.</summary>
    NotSigned,
    /// <summary>An L1 endpoint is on another chain.</summary>
    WrongChain,
}

/// <summary>A transaction was given up.</summary>
public sealed class TxManagerException(TxFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public TxFailure Failure { get; } = failure;

    /// <summary>The hashes of the versions that may be in L1's pools: one of them may still be mined.</summary>
    public IReadOnlyList<Hash256> Published { get; init; } = [];
}
