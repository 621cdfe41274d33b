using Opal.Primitives;

namespace Opal.Evm;

/// <summary>A top-level message: the call or creation that a transaction, a system call or eth_call makes.</summary>
/// <remarks>The machine moves the value, and nothing else of the transaction: nonces, fees and intrinsic gas are the handler's.</remarks>
public readonly record struct CallMessage
{
    /// <summary>Who calls; pays <see cref="Value"/>.</summary>
    public Address Caller { get; init; }

    /// <summary>The callee; null creates a contract.</summary>
    public Address? To { get; init; }

    /// <summary>Wei to move from caller to callee.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Call data, or init code when creating.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Gas for execution, after intrinsic gas.</summary>
    public long Gas { get; init; }

    /// <summary>For a creation: the caller's nonce that the new address derives from (the value before the transaction incremented it).</summary>
    public ulong CreationNonce { get; init; }

    /// <summary>Whether state changes are forbidden.</summary>
    public bool IsStatic { get; init; }
}
