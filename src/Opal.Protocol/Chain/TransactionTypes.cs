namespace Opal.Protocol;

/// <summary>The transaction types that a block may hold.</summary>
[Flags]
public enum TransactionTypes : byte
{
    None = 0,
    Legacy = 1,
    AccessList = 2,
    DynamicFee = 4,
    Blob = 8,
    SetCode = 16,
    Deposit = 32,
}
