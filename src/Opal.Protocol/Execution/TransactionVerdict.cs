namespace Opal.Protocol;

/// <summary>Whether a transaction may be in a block, and if not, the rule it breaks. Its text: <see cref="Descriptions"/>.</summary>
public enum TransactionVerdict : byte
{
    Valid,
    /// <summary>The fork does not have this type.</summary>
    TypeNotAllowed,
    /// <summary>No account made this signature.</summary>
    InvalidSignature,
    /// <summary>It was signed for another chain.</summary>
    WrongChainId,
    NonceTooLow,
    NonceTooHigh,
    /// <summary>The nonce is 2^64 - 1 (EIP-2681).</summary>
    NonceOverflow,
    /// <summary>The sender's balance does not cover value and the most it may cost.</summary>
    InsufficientFunds,
    /// <summary>Gas limit times max fee does not fit 256 bits.</summary>
    CostOverflow,
    /// <summary>The gas limit is below the intrinsic gas.</summary>
    IntrinsicGasTooLow,
    /// <summary>The gas limit is below the floor of its call data (EIP-7623).</summary>
    FloorGasTooLow,
    /// <summary>The gas limit is above the maximum (EIP-7825).</summary>
    GasLimitTooHigh,
    /// <summary>The gas limit is above what is left in the block.</summary>
    BlockGasExceeded,
    MaxFeeBelowBaseFee,
    PriorityFeeAboveMaxFee,
    /// <summary>The sender is a contract (EIP-3607).</summary>
    SenderIsContract,
    /// <summary>The init code is too large (EIP-3860).</summary>
    InitCodeTooLarge,
    /// <summary>A blob transaction without blobs.</summary>
    NoBlobs,
    TooManyBlobs,
    /// <summary>A blob's versioned hash has an unknown version.</summary>
    UnknownBlobVersion,
    MaxFeePerBlobGasTooLow,
    /// <summary>More blobs than are left in the block.</summary>
    BlockBlobGasExceeded,
    /// <summary>A set-code transaction without authorizations.</summary>
    NoAuthorizations,
    /// <summary>A blob or set-code transaction that creates a contract.</summary>
    CreationNotAllowed,
    /// <summary>The DA footprint is above what is left in the block (Jovian).</summary>
    DAFootprintExceeded,
}
