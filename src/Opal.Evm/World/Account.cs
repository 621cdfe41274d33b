using Opal.Primitives;

namespace Opal.Evm;

/// <summary>What the EVM knows of an account; its storage root is the state's business.</summary>
/// <param name="Nonce">Transactions sent, or contracts created.</param>
/// <param name="Balance">Wei.</param>
/// <param name="CodeHash">keccak256 of the code; <see cref="Hash256.EmptyCode"/> without code.</param>
public readonly record struct Account(ulong Nonce, UInt256 Balance, Hash256 CodeHash)
{
    /// <summary>Nonce 0, balance 0, no code: what an absent account looks like.</summary>
    public static Account Empty => new(0, default, Hash256.EmptyCode);

    /// <summary>Whether EIP-161 calls the account empty.</summary>
    public bool IsEmpty => Nonce == 0 && Balance.IsZero && CodeHash == Hash256.EmptyCode;
}
