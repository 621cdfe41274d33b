using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>One case: the accounts it needs and the transaction that sets it off. Its addresses are its own, so that many cases share a block.</summary>
/// <param name="Name">The seed, the index and the generator.</param>
/// <param name="Accounts">The accounts, sender included.</param>
/// <param name="SenderKey">The sender's private key.</param>
/// <param name="Transaction">The signed transaction.</param>
internal sealed record FuzzProgram(string Name, IReadOnlyList<GenesisAccount> Accounts, byte[] SenderKey, Transaction Transaction)
{
    /// <summary>The chain id of every run.</summary>
    public const ulong ChainId = 1337;

    /// <summary>The sender.</summary>
    public Address Sender { get; } = Secp256k1.PrivateKeyToAddress(SenderKey);

    /// <summary>Signs a transaction.</summary>
    public static Transaction Sign(Transaction unsigned, byte[] key)
    {
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), key);
        return unsigned.WithSignature(signature.YParity, signature.R, signature.S);
    }

    /// <summary>The same case with another code at an address.</summary>
    public FuzzProgram WithCode(in Address address, byte[] code)
    {
        Address wanted = address;
        return this with { Accounts = [.. Accounts.Select(a => a.Address == wanted ? a with { Code = code } : a)] };
    }

    /// <summary>The same case with other call data or init code.</summary>
    public FuzzProgram WithData(byte[] data) => this with
    {
        Transaction = Sign(
            new Transaction
            {
                Type = Transaction.Type,
                ChainId = Transaction.ChainId,
                Nonce = Transaction.Nonce,
                MaxFeePerGas = Transaction.MaxFeePerGas,
                MaxPriorityFeePerGas = Transaction.MaxPriorityFeePerGas,
                GasLimit = Transaction.GasLimit,
                To = Transaction.To,
                Value = Transaction.Value,
                Data = data,
                AccessList = Transaction.AccessList,
                MaxFeePerBlobGas = Transaction.MaxFeePerBlobGas,
                BlobVersionedHashes = Transaction.BlobVersionedHashes,
                AuthorizationList = Transaction.AuthorizationList,
            },
            SenderKey),
    };
}
