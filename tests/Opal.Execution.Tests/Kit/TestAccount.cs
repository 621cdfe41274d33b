using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>A key with its address; signs transactions.</summary>
internal sealed class TestAccount
{
    private readonly byte[] _key;

    public TestAccount(string name)
    {
        _key = Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(name)).ToArray();
        Address = Secp256k1.PrivateKeyToAddress(_key);
    }

    public Address Address { get; }

    public static TestAccount Alice { get; } = new("alice");

    public static TestAccount Bob { get; } = new("bob");

    public Transaction Sign(Transaction transaction)
    {
        EcdsaSignature signature = Secp256k1.Sign(transaction.SigningHash(), _key);
        return transaction.WithSignature(signature.YParity, signature.R, signature.S);
    }

    public Authorization Authorize(ulong chainId, in Address target, ulong nonce)
    {
        var unsigned = new Authorization(chainId, target, nonce, 0, UInt256.Zero, UInt256.Zero);
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), _key);
        return new Authorization(chainId, target, nonce, signature.YParity, signature.R, signature.S);
    }

    /// <summary>A signed EIP-1559 transaction; fees in gwei.</summary>
    public Transaction Send(
        ulong nonce, Address? to, ulong value = 0, byte[]? data = null, ulong gas = 21_000, ulong tipGwei = 1, ulong feeCapGwei = 100, ulong chainId = TestRollup.ChainId) =>
        Sign(new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = chainId,
            Nonce = nonce,
            MaxFeePerGas = new UInt256(feeCapGwei) * 1_000_000_000UL,
            MaxPriorityFeePerGas = new UInt256(tipGwei) * 1_000_000_000UL,
            GasLimit = gas,
            To = to,
            Value = value,
            Data = data ?? [],
        });
}
