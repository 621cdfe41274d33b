using System.Security.Cryptography;
using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Signs with a private key in memory, which is wiped at the end.</summary>
public sealed class LocalSigner : ISigner, IDisposable
{
    private readonly byte[] _key;
    private bool _isDisposed;

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
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), _key);
        Transaction signed = unsigned.WithSignature(signature.YParity, signature.R, signature.S);
        signed.SetSender(Address);
        return ValueTask.FromResult(signed);
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_key);
    }
}
