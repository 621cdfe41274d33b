using Opal.Crypto;
using Opal.Primitives;

namespace Opal.Deployer.Keys;

/// <summary>An account and its private key. The key is never part of <see cref="ToString"/>.</summary>
public sealed class WalletKey
{
    /// <summary>Takes a key.</summary>
    /// <param name="privateKey">32 bytes.</param>
    /// <exception cref="DeployerException">Not a private key of secp256k1.</exception>
    public WalletKey(ReadOnlySpan<byte> privateKey)
    {
        if (!Secp256k1.IsValidPrivateKey(privateKey)) throw new DeployerException("this is no private key: 32 bytes, neither zero nor above the curve's order");
        PrivateKey = privateKey.ToArray();
        Address = Secp256k1.PrivateKeyToAddress(privateKey);
    }

    /// <summary>The account.</summary>
    public Address Address { get; }

    /// <summary>The secret, 32 bytes.</summary>
    public ReadOnlyMemory<byte> PrivateKey { get; }

    /// <summary>A new random key.</summary>
    public static WalletKey Generate() => new(Secp256k1.GeneratePrivateKey());

    /// <summary>The key m/44'/60'/0'/0/<paramref name="index"/> of a mnemonic.</summary>
    public static WalletKey FromMnemonic(string words, uint index) => new(Mnemonic.PrivateKey(words, index));

    /// <summary>The address.</summary>
    public override string ToString() => Address.ToChecksumString();
}
