using System.Security.Cryptography;
using Opal.Crypto;

namespace Opal.TxManager;

/// <summary>A key of a wallet's words. Their number is checked; the words themselves and their checksum are not, as the BIP-39 list is not carried.</summary>
internal static class MnemonicKey
{
    /// <exception cref="SignerException">The words or the path are unusable; the message has none of the words.</exception>
    public static LocalSigner Open(string words, string path)
    {
        int count = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        if (count is not (12 or 15 or 18 or 21 or 24)) throw new SignerException($"the mnemonic has {count} words: it must have 12, 15, 18, 21 or 24");
        byte[] key = [];
        try
        {
            key = Mnemonic.PrivateKey(words, path);
            return new LocalSigner(key);
        }
        catch (Exception error) when (error is FormatException or CryptographicException)
        {
            throw new SignerException($"the mnemonic gives no key: {error.Message}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
