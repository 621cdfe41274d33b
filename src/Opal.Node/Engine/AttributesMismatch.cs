namespace Opal.Node;

/// <summary>The first field in which an unsafe block differs from derived attributes.</summary>
public enum AttributesMismatch : byte
{
    /// <summary>They match.</summary>
    None,
    ParentHash,
    Timestamp,
    PrevRandao,
    TransactionCount,
    Transactions,
    GasLimit,
    Withdrawals,
    ParentBeaconBlockRoot,
    FeeRecipient,
    Eip1559Params,
    MinBaseFee,
    ExtraData,
}
