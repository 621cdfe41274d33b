using System.Text;
using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>A key with a name, and the nonces it has used per chain.</summary>
public sealed class TestAccount
{
    private readonly byte[] _key;
    private readonly Dictionary<ulong, ulong> _nonces = [];

    public TestAccount(string name)
    {
        _key = Keccak256.Hash(Encoding.UTF8.GetBytes(name)).ToArray();
        Address = Secp256k1.PrivateKeyToAddress(_key);
    }

    public Address Address { get; }

    /// <summary>Signs a transaction with the account's next nonce on the chain.</summary>
    public Transaction Sign(ulong chainId, Address? to, UInt256 value = default, ReadOnlyMemory<byte> data = default, ulong gas = 100_000, ulong? nonce = null, Hash256[]? blobs = null, ulong tip = 1_000_000)
    {
        ulong next = nonce ?? _nonces.GetValueOrDefault(chainId);
        if (nonce is null) _nonces[chainId] = next + 1;
        var unsigned = new Transaction
        {
            Type = blobs is null ? TransactionType.DynamicFee : TransactionType.Blob,
            ChainId = chainId,
            Nonce = next,
            MaxFeePerGas = new UInt256(2_000_000_000),
            MaxPriorityFeePerGas = new UInt256(tip),
            MaxFeePerBlobGas = blobs is null ? UInt256.Zero : new UInt256(1_000_000_000),
            BlobVersionedHashes = blobs ?? [],
            GasLimit = gas,
            To = to,
            Value = value,
            Data = data,
        };
        return Sign(unsigned);
    }

    /// <summary>Signs a set-code transaction with the account's next nonce; its one authorization is of nobody, and is passed over.</summary>
    public Transaction SignSetCode(ulong chainId, Address to, ReadOnlyMemory<byte> data = default)
    {
        ulong nonce = _nonces.GetValueOrDefault(chainId);
        _nonces[chainId] = nonce + 1;
        return Sign(new Transaction
        {
            Type = TransactionType.SetCode,
            ChainId = chainId,
            Nonce = nonce,
            MaxFeePerGas = new UInt256(2_000_000_000),
            MaxPriorityFeePerGas = new UInt256(1_000_000),
            GasLimit = 200_000,
            To = to,
            Data = data,
            AuthorizationList = [new Authorization(new UInt256(chainId), to, 77, 1, UInt256.One, UInt256.One)],
        });
    }

    /// <summary>Signs a transaction as it is.</summary>
    public Transaction Sign(Transaction unsigned)
    {
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), _key);
        return unsigned.WithSignature(signature.YParity, signature.R, signature.S);
    }

    /// <summary>Forgets the nonces used on a chain from some number on (a reorg dropped those transactions).</summary>
    public void RewindNonce(ulong chainId, ulong next) => _nonces[chainId] = next;
}
