using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Signs with a private key in memory.</summary>
public sealed class LocalSigner : ISigner
{
    private readonly byte[] _key;

    /// <summary>A signer with a 32-byte private key.</summary>
    /// <exception cref="ArgumentException">The bytes are no valid private key.</exception>
    public LocalSigner(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != Secp256k1.PrivateKeySize || !Secp256k1.IsValidPrivateKey(privateKey)) throw new ArgumentException("not a valid private key of 32 bytes", nameof(privateKey));
        _key = privateKey.ToArray();
        Address = Secp256k1.PrivateKeyToAddress(_key);
    }

    /// <inheritdoc/>
    public Address Address { get; }

    /// <inheritdoc/>
    public ValueTask<Transaction> SignAsync(Transaction unsigned, CancellationToken cancellation)
    {
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), _key);
        Transaction signed = unsigned.WithSignature(signature.YParity, signature.R, signature.S);
        signed.SetSender(Address);
        return ValueTask.FromResult(signed);
    }
}
