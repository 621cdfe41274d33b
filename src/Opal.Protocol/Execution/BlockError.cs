namespace Opal.Protocol;

/// <summary>The rule that an invalid block breaks. Its text: <see cref="Descriptions"/>.</summary>
public enum BlockError : byte
{
    None,

    // --- the header against its parent and the rules ---
    UnknownParent,
    WrongNumber,
    TimestampNotAfterParent,
    ExtraDataTooLong,
    /// <summary>L2: extra data where there must be none, or not in the fork's format.</summary>
    InvalidExtraData,
    GasLimitOutOfBounds,
    GasUsedAboveLimit,
    WrongBaseFee,
    MissingBaseFee,
    NonZeroDifficulty,
    NonZeroNonce,
    OmmersNotEmpty,
    MissingWithdrawalsRoot,
    UnexpectedWithdrawalsRoot,
    MissingBlobGas,
    UnexpectedBlobGas,
    WrongExcessBlobGas,
    BlobGasAboveLimit,
    BlobGasNotZero,
    MissingBeaconRoot,
    UnexpectedBeaconRoot,
    MissingRequestsHash,
    UnexpectedRequestsHash,
    /// <summary>The parent's extra data does not hold the fee market's parameters.</summary>
    InvalidParentExtraData,

    // --- the body against the header ---
    BlockTooLarge,
    WrongTransactionsRoot,
    WrongWithdrawalsRoot,
    MissingWithdrawals,
    UnexpectedWithdrawals,
    /// <summary>L2: withdrawals where there must be none.</summary>
    WithdrawalsNotEmpty,

    // --- execution ---
    /// <summary>A transaction may not be in the block; the result names it and its verdict.</summary>
    InvalidTransaction,
    /// <summary>A system contract that must be there has no code.</summary>
    SystemContractMissing,
    /// <summary>A system contract's call failed.</summary>
    SystemCallFailed,
    /// <summary>A log of the beacon deposit contract is malformed.</summary>
    InvalidDepositLog,

    // --- the outcome against the header ---
    WrongGasUsed,
    WrongReceiptsRoot,
    WrongLogsBloom,
    WrongStateRoot,
    WrongBlobGasUsed,
    WrongRequestsHash,
    WrongMessagePasserRoot,

    // --- building ---
    /// <summary>L2: payload attributes without a gas limit.</summary>
    MissingGasLimit,
    /// <summary>Payload attributes of another fork: parameters that are missing, unexpected or invalid.</summary>
    InvalidAttributes,
    /// <summary>A forced transaction does not decode.</summary>
    MalformedTransaction,
}
