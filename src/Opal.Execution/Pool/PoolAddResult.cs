namespace Opal.Execution;

/// <summary>Why the pool refused a transaction. The message is the one clients know.</summary>
public enum PoolError : byte
{
    None,
    AlreadyKnown,
    TypeNotSupported,
    Oversized,
    InitCodeTooLarge,
    GasLimitTooHigh,
    ExceedsBlockGasLimit,
    TipAboveFeeCap,
    InvalidSender,
    IntrinsicGas,
    FloorDataGas,
    Underpriced,
    BlobSidecarMissing,
    BlobSidecarInvalid,
    BlobFieldsInvalid,
    NoAuthorizations,
    NonceTooLow,
    NonceTooHigh,
    NonceAtMaximum,
    SenderHasCode,
    InsufficientFunds,
    ReplacementUnderpriced,
    InFlightLimit,
    AuthorityReserved,
    ConditionFailed,
    QueueLimit,
    PoolFull,
}

/// <summary>The outcome of offering a transaction to the pool.</summary>
/// <param name="Error">None when it was taken.</param>
/// <param name="Message">The error in words, empty when taken.</param>
/// <param name="Added">The pool's entry when taken.</param>
public readonly record struct PoolAddResult(PoolError Error, string Message, PoolTransaction? Added)
{
    /// <summary>Whether the pool holds the transaction now because of this call.</summary>
    public bool IsAccepted => Error == PoolError.None;

    internal static PoolAddResult Accepted(PoolTransaction transaction) => new(PoolError.None, "", transaction);

    internal static PoolAddResult Refused(PoolError error, string message) => new(error, message, null);
}
