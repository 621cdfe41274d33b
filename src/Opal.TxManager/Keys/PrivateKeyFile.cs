using System.Security.Cryptography;
using System.Text;

namespace Opal.TxManager;

/// <summary>A file with a private key in plain text.</summary>
internal static class PrivateKeyFile
{
    /// <exception cref="SignerException">It cannot be read, or holds no private key.</exception>
    public static LocalSigner Open(string path)
    {
        byte[] bytes = SecretFiles.Read(path, "the private key file");
        char[] text = Encoding.ASCII.GetChars(bytes);
        try
        {
            return PrivateKeyText.Open(text, $"the key in {path}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(text);
        }
    }
}
