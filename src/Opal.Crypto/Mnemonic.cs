using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Opal.Primitives;

namespace Opal.Crypto;

/// <summary>A wallet's words (BIP-39) and the keys derived from them (BIP-32), as test and development wallets use them.</summary>
/// <remarks>The words are not checked against the word list: any sentence has a seed, and BIP-39 lets a program warn at most.</remarks>
public static class Mnemonic
{
    /// <summary>The words that every Ethereum development tool uses.</summary>
    public const string Development = "test test test test test test test test test test test junk";

    private const uint Hardened = 0x8000_0000;
    private const int SeedSize = 64, Rounds = 2048;

    /// <summary>The seed of a sentence: PBKDF2-HMAC-SHA512, 2,048 rounds, salt "mnemonic" ++ passphrase.</summary>
    /// <returns>64 bytes.</returns>
    /// <exception cref="FormatException">A character is not ASCII: BIP-39 asks for Unicode normalisation there, which this program does not carry.</exception>
    public static byte[] ToSeed(string words, string passphrase = "")
    {
        if (!Ascii.IsValid(words) || !Ascii.IsValid(passphrase)) throw new FormatException("the words and the passphrase must be ASCII");
        string sentence = string.Join(' ', words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(sentence),
            Encoding.UTF8.GetBytes("mnemonic" + passphrase),
            Rounds, HashAlgorithmName.SHA512, SeedSize);
    }

    /// <summary>The private key of account <paramref name="index"/> at Ethereum's path m/44'/60'/0'/0/index.</summary>
    public static byte[] PrivateKey(string words, uint index, string passphrase = "") =>
        DerivePrivateKey(ToSeed(words, passphrase), [44 | Hardened, 60 | Hardened, 0 | Hardened, 0, index]);

    /// <summary>The private key at a path given as text, such as m/44'/60'/0'/0/3.</summary>
    /// <exception cref="FormatException">The path is not well-formed.</exception>
    public static byte[] PrivateKey(string words, string path, string passphrase = "") => DerivePrivateKey(ToSeed(words, passphrase), ParsePath(path));

    /// <summary>The address of account <paramref name="index"/>, see <see cref="PrivateKey(string, uint, string)"/>.</summary>
    public static Address GetAddress(string words, uint index) => Secp256k1.PrivateKeyToAddress(PrivateKey(words, index));

    /// <summary>Reads a path: m, then steps separated by slashes, hardened ones marked by ' or h.</summary>
    public static uint[] ParsePath(string path)
    {
        string[] parts = path.Split('/');
        if (parts[0] != "m") throw new FormatException($"the derivation path '{path}' does not begin with m");
        var steps = new uint[parts.Length - 1];
        for (int i = 1; i < parts.Length; i++)
        {
            bool hardened = parts[i].EndsWith('\'') || parts[i].EndsWith('h');
            if (!uint.TryParse(hardened ? parts[i][..^1] : parts[i], out uint step) || step >= Hardened) throw new FormatException($"the derivation path '{path}' has a step that is no number below 2^31");
            steps[i - 1] = hardened ? step | Hardened : step;
        }

        return steps;
    }

    /// <summary>BIP-32 from a seed along a path.</summary>
    /// <returns>32 bytes.</returns>
    public static byte[] DerivePrivateKey(ReadOnlySpan<byte> seed, ReadOnlySpan<uint> path)
    {
        Span<byte> node = stackalloc byte[64]; // key ++ chain code
        HMACSHA512.HashData("Bitcoin seed"u8, seed, node);
        if (!Secp256k1.IsValidPrivateKey(node[..32])) throw new CryptographicException("this seed has no master key (a chance of 2^-127)");
        Span<byte> data = stackalloc byte[37];
        Span<byte> next = stackalloc byte[64];
        foreach (uint step in path)
        {
            if ((step & Hardened) != 0)
            {
                data[0] = 0;
                node[..32].CopyTo(data[1..]);
            }
            else
            {
                byte[] publicKey = Secp256k1.GetPublicKey(node[..32]);
                data[0] = (byte)(2 + (publicKey[63] & 1)); // the compressed form: the parity of y, then x
                publicKey.AsSpan(0, 32).CopyTo(data[1..]);
            }

            BinaryPrimitives.WriteUInt32BigEndian(data[33..], step);
            HMACSHA512.HashData(node[32..], data, next);
            if (!Secp256k1.TryAddToPrivateKey(node[..32], next[..32])) throw new CryptographicException("this step has no key (a chance of 2^-127)");
            next[32..].CopyTo(node[32..]);
        }

        byte[] key = node[..32].ToArray();
        CryptographicOperations.ZeroMemory(node);
        CryptographicOperations.ZeroMemory(next);
        CryptographicOperations.ZeroMemory(data);
        return key;
    }
}
