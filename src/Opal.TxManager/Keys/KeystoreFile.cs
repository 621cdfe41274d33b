using System.Security.Cryptography;
using System.Text;
using Opal.Crypto;

namespace Opal.TxManager;

/// <summary>An encrypted key file (Web3 Secret Storage, version 3) and the file of its password.</summary>
internal static class KeystoreFile
{
    /// <exception cref="SignerException">A file cannot be read, the password is wrong, or the key file is not understood.</exception>
    public static LocalSigner Open(string path, string passwordPath)
    {
        byte[] json = SecretFiles.Read(path, "the key file"), password = SecretFiles.Read(passwordPath, "the password file");
        byte[] key = [];
        try
        {
            ReadOnlySpan<byte> line = password;
            int end = line.IndexOf((byte)'\n');
            if (end >= 0) line = line[..end];
            if (!Keystore.TryDecrypt(json, Encoding.UTF8.GetString(line.TrimEnd((byte)'\r')), out key, out string problem))
            {
                throw new SignerException($"the key file {path} cannot be opened with the password in {passwordPath}: {problem}");
            }

            Span<byte> whole = stackalloc byte[Secp256k1.PrivateKeySize];
            key.CopyTo(whole[(whole.Length - key.Length)..]); // files of some old programs leave leading zeros out
            try
            {
                return Secp256k1.IsValidPrivateKey(whole) ? new LocalSigner(whole) : throw new SignerException($"the key file {path} holds no valid private key");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(whole);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
