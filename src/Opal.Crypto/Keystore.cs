using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.Crypto;

/// <summary>Private keys in password-protected JSON files (Web3 Secret Storage, version 3), as geth and the wallets write them.</summary>
public static class Keystore
{
    private const int KeySize = 32, BlockSize = 16;

    /// <summary>Bounds on what a file may make this program compute: scrypt's memory in bytes, and rounds of PBKDF2.</summary>
    private const ulong MaxScryptMemory = 1UL << 30;
    private const int MaxRounds = 10_000_000;

    /// <summary>Opens a file's content.</summary>
    /// <param name="json">The UTF-8 JSON.</param>
    /// <param name="password">The password.</param>
    /// <param name="privateKey">The key as stored: 32 bytes, shorter in files of some old programs.</param>
    /// <param name="error">What is wrong, in words; empty on success.</param>
    public static bool TryDecrypt(ReadOnlySpan<byte> json, string password, out byte[] privateKey, out string error)
    {
        privateKey = [];
        if (!TryParse(json, out Parts? parts, out error)) return false;
        byte[] secret = Encoding.UTF8.GetBytes(password), derived = [];
        try
        {
            if (!TryDeriveKey(parts, secret, out derived, out error)) return false;
            byte[] mac = Mac(derived, parts.CipherText);
            if (!CryptographicOperations.FixedTimeEquals(mac, parts.Mac))
            {
                error = "the password is wrong, or the file is damaged";
                return false;
            }

            privateKey = Aes128Ctr(derived.AsSpan(0, BlockSize), parts.Iv, parts.CipherText);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>Makes a file's content: scrypt with n = 2^18, r = 8, p = 1, as geth's standard strength.</summary>
    /// <param name="privateKey">32 bytes.</param>
    /// <param name="password">The password.</param>
    /// <param name="light">n = 2^12 and p = 6 instead: fast, for development keys.</param>
    /// <returns>UTF-8 JSON.</returns>
    public static byte[] Encrypt(ReadOnlySpan<byte> privateKey, string password, bool light = false)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(32), iv = RandomNumberGenerator.GetBytes(BlockSize);
        (int n, int p) = light ? (1 << 12, 6) : (1 << 18, 1);
        byte[] derived = Scrypt.Derive(Encoding.UTF8.GetBytes(password), salt, n, 8, p, KeySize);
        byte[] cipherText = Aes128Ctr(derived.AsSpan(0, BlockSize), iv, privateKey);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("address", Digits(Secp256k1.PrivateKeyToAddress(privateKey).ToArray()));
            json.WriteStartObject("crypto");
            json.WriteString("cipher", "aes-128-ctr");
            json.WriteString("ciphertext", Digits(cipherText));
            json.WriteStartObject("cipherparams");
            json.WriteString("iv", Digits(iv));
            json.WriteEndObject();
            json.WriteString("kdf", "scrypt");
            json.WriteStartObject("kdfparams");
            json.WriteNumber("dklen", KeySize);
            json.WriteNumber("n", n);
            json.WriteNumber("p", p);
            json.WriteNumber("r", 8);
            json.WriteString("salt", Digits(salt));
            json.WriteEndObject();
            json.WriteString("mac", Digits(Mac(derived, cipherText)));
            json.WriteEndObject();
            json.WriteString("id", Guid.NewGuid());
            json.WriteNumber("version", 3);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static string Digits(byte[] bytes) => Hex.Encode(bytes)[2..];

    private sealed record Parts(byte[] CipherText, byte[] Iv, byte[] Mac, string Kdf, JsonElement KdfParameters);

    private static bool TryParse(ReadOnlySpan<byte> json, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Parts? parts, out string error)
    {
        parts = null;
        error = "";
        try
        {
            var reader = new Utf8JsonReader(json);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != 3)
            {
                error = "only version 3 of the keystore format is understood";
                return false;
            }

            JsonElement crypto = root.TryGetProperty("crypto", out JsonElement lower) ? lower : root.GetProperty("Crypto");
            if (crypto.GetProperty("cipher").GetString() != "aes-128-ctr")
            {
                error = "only the cipher aes-128-ctr is understood";
                return false;
            }

            parts = new Parts(Bytes(crypto, "ciphertext"), Bytes(crypto.GetProperty("cipherparams"), "iv"), Bytes(crypto, "mac"), crypto.GetProperty("kdf").GetString() ?? "", crypto.GetProperty("kdfparams").Clone());
            if (parts.Iv.Length == BlockSize && parts.CipherText.Length is > 0 and <= KeySize) return true;
            error = "the file is no keystore: its cipher text or iv has the wrong size";
            return false;
        }
        catch (JsonException e)
        {
            // not its message, which may repeat the text: that of a file with a plain private key, say
            error = $"the file is no keystore: it is no JSON from byte {e.BytePositionInLine} of line {e.LineNumber + 1} on";
            return false;
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            error = $"the file is no keystore: {e.Message}";
            return false;
        }
    }

    private static byte[] Bytes(JsonElement parent, string name) => Hex.Decode(parent.GetProperty(name).GetString());

    private static bool TryDeriveKey(Parts parts, byte[] password, out byte[] derived, out string error)
    {
        derived = [];
        error = "";
        try
        {
            JsonElement parameters = parts.KdfParameters;
            byte[] salt = Bytes(parameters, "salt");
            if (parameters.GetProperty("dklen").GetInt32() != KeySize)
            {
                error = "only derived keys of 32 bytes are understood";
                return false;
            }

            switch (parts.Kdf)
            {
                case "pbkdf2" when parameters.GetProperty("prf").GetString() == "hmac-sha256":
                    int rounds = parameters.GetProperty("c").GetInt32();
                    if (rounds is < 1 or > MaxRounds) break;
                    derived = Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA256, KeySize);
                    return true;
                case "scrypt":
                    ulong n = parameters.GetProperty("n").GetUInt64(), r = parameters.GetProperty("r").GetUInt64(), p = parameters.GetProperty("p").GetUInt64();
                    bool inRange = ulong.IsPow2(n) && n > 1 && n <= MaxScryptMemory && r is > 0 and <= 1024 && p is > 0 and <= 1024 && n * r * 128 <= MaxScryptMemory;
                    if (!inRange) break;
                    derived = Scrypt.Derive(password, salt, (int)n, (int)r, (int)p, KeySize);
                    return true;
                default:
                    error = $"the key derivation '{parts.Kdf}' is not understood (scrypt and pbkdf2 with hmac-sha256 are)";
                    return false;
            }

            error = "the parameters of the key derivation are out of range";
            return false;
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            error = $"the parameters of the key derivation are not understood: {e.Message}";
            return false;
        }
    }

    /// <summary>keccak256 of the second half of the derived key and the cipher text.</summary>
    private static byte[] Mac(byte[] derived, byte[] cipherText) => Keccak256.Hash([.. derived.AsSpan(BlockSize, BlockSize), .. cipherText]).ToArray();

    /// <summary>AES-128 in counter mode; the counter is the whole block, big-endian, and wraps.</summary>
    private static byte[] Aes128Ctr(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> data)
    {
        using var aes = Aes.Create();
        aes.SetKey(key);
        byte[] counter = iv.ToArray(), result = data.ToArray();
        Span<byte> pad = stackalloc byte[BlockSize];
        for (int at = 0; at < result.Length; at += BlockSize)
        {
            aes.EncryptEcb(counter, pad, PaddingMode.None);
            for (int i = 0; i < BlockSize && at + i < result.Length; i++) result[at + i] ^= pad[i];
            for (int i = BlockSize - 1; i >= 0 && ++counter[i] == 0; i--)
            {
            }
        }

        return result;
    }
}
