using System.Security.Cryptography;
using Opal.Crypto;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>A private key as text: 64 hex digits, with or without 0x.</summary>
internal static class PrivateKeyText
{
    /// <param name="text">The text; spaces around it do not matter.</param>
    /// <param name="source">Where it is from, as errors name it.</param>
    /// <exception cref="SignerException">It is no private key; the message has none of its digits.</exception>
    public static LocalSigner Open(ReadOnlySpan<char> text, string source)
    {
        text = text.Trim();
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = text[2..];
        if (text.Length != 2 * Secp256k1.PrivateKeySize) throw new SignerException($"{source} has {text.Length} digits: a private key has 64 hexadecimal digits");
        Span<byte> key = stackalloc byte[Secp256k1.PrivateKeySize];
        try
        {
            if (Convert.FromHexString(text, key, out _, out _) != System.Buffers.OperationStatus.Done) throw new SignerException($"{source} has a character that is no hexadecimal digit");
            if (!Secp256k1.IsValidPrivateKey(key)) throw new SignerException($"{source} is not the key of any account: it is zero, or not below the curve's order");
            return new LocalSigner(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
