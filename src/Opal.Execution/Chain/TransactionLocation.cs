using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Where a canonical transaction is.</summary>
/// <param name="Block">The block that holds it.</param>
/// <param name="Index">Its index in the block.</param>
public readonly record struct TransactionLocation(ExecutedBlock Block, int Index)
{
    /// <summary>The transaction.</summary>
    public Transaction Transaction => Block.Transactions[Index];

    /// <summary>Its receipt.</summary>
    public Receipt Receipt => Block.Receipts[Index];
}
