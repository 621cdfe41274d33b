namespace Opal.Protocol;

/// <summary>The EIP-2718 type of a transaction and of its receipt.</summary>
public enum TransactionType : byte
{
    /// <summary>Before EIP-2718; with or without EIP-155's chain id.</summary>
    Legacy = 0,
    /// <summary>EIP-2930.</summary>
    AccessList = 1,
    /// <summary>EIP-1559.</summary>
    DynamicFee = 2,
    /// <summary>EIP-4844; not allowed on L2.</summary>
    Blob = 3,
    /// <summary>EIP-7702.</summary>
    SetCode = 4,
    /// <summary>A deposited transaction of the OP Stack (deposits.md#the-deposited-transaction-type).</summary>
    Deposit = 0x7e,
}
