using Opal.Primitives;

namespace Opal.Evm;

/// <summary>What opcodes can see of the transaction.</summary>
public readonly record struct TransactionContext
{
    /// <summary>The sender.</summary>
    public Address Origin { get; init; }

    /// <summary>The effective gas price, wei.</summary>
    public UInt256 GasPrice { get; init; }

    /// <summary>Versioned hashes of the blobs (EIP-4844).</summary>
    public IReadOnlyList<Hash256>? BlobHashes { get; init; }
}
