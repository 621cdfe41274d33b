using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>A receipt as a node reports it: the outcome and the place.</summary>
public sealed record TxReceiptInfo
{
    /// <summary>The outcome.</summary>
    public required Receipt Receipt { get; init; }

    /// <summary>The transaction's hash.</summary>
    public required Hash256 TransactionHash { get; init; }

    /// <summary>The block that includes the transaction.</summary>
    public required BlockId Block { get; init; }

    /// <summary>The transaction's index in the block.</summary>
    public required ulong TransactionIndex { get; init; }

    /// <summary>The sender.</summary>
    public Address From { get; init; }

    /// <summary>The recipient; null for a contract creation.</summary>
    public Address? To { get; init; }

    /// <summary>Whether the execution succeeded.</summary>
    public bool Succeeded => Receipt.Succeeded;
}
