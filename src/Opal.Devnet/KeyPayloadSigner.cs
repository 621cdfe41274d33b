using Opal.Crypto;
using Opal.Node;
using Opal.Primitives;

namespace Opal.Devnet;

/// <summary>Signs unsafe blocks with a private key in memory.</summary>
/// <param name="key">32 bytes, see <see cref="IsKey"/>.</param>
public sealed class KeyPayloadSigner(byte[] key) : IPayloadSigner
{
    /// <inheritdoc/>
    public Address Address { get; } = Secp256k1.PrivateKeyToAddress(key);

    /// <summary>Whether these bytes are a private key.</summary>
    public static bool IsKey(byte[] bytes) => bytes.Length == Secp256k1.PrivateKeySize && Secp256k1.IsValidPrivateKey(bytes);

    /// <inheritdoc/>
    public byte[] Sign(in Hash256 digest)
    {
        EcdsaSignature signature = Secp256k1.Sign(digest, key);
        return [.. signature.R.ToBigEndianArray(), .. signature.S.ToBigEndianArray(), signature.YParity];
    }
}
