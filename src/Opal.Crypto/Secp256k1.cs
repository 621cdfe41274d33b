using System.Security.Cryptography;
using Opal.Crypto.Native;
using Opal.Primitives;

namespace Opal.Crypto;

/// <summary>ECDSA over secp256k1, by bitcoin-core's libsecp256k1. Safe for use by many threads.</summary>
public static unsafe class Secp256k1
{
    /// <summary>The size of a private key in bytes.</summary>
    public const int PrivateKeySize = 32;

    /// <summary>The size of a public key in bytes: x ++ y.</summary>
    public const int PublicKeySize = 64;

    // made once, blinded with random bytes against side channels, never changed afterwards: the library then allows any number of threads
    private static readonly nint Context = CreateContext();

    private static nint CreateContext()
    {
        nint context = LibSecp256k1.ContextCreate(LibSecp256k1.ContextFlags);
        Span<byte> seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(seed);
        fixed (byte* p = seed)
        {
            if (context == 0 || LibSecp256k1.ContextRandomize(context, p) != 1) throw new CryptographicException("libsecp256k1 gave no context");
        }

        return context;
    }

    /// <summary>Whether 32 bytes are a private key: a number from 1 to the group order - 1.</summary>
    public static bool IsValidPrivateKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != PrivateKeySize) return false;
        fixed (byte* p = key) return LibSecp256k1.SecretKeyVerify(Context, p) == 1;
    }

    /// <summary>A new random private key.</summary>
    public static byte[] GeneratePrivateKey()
    {
        var key = new byte[PrivateKeySize];
        do RandomNumberGenerator.Fill(key);
        while (!IsValidPrivateKey(key));
        return key;
    }

    /// <summary>(key + tweak) mod the group order, as BIP-32 derives children.</summary>
    /// <returns>False when the result is zero or the tweak is no scalar; the key is then of no use.</returns>
    internal static bool TryAddToPrivateKey(Span<byte> key, ReadOnlySpan<byte> tweak)
    {
        fixed (byte* k = key, t = tweak) return LibSecp256k1.SecretKeyAdd(Context, k, t) == 1;
    }

    /// <summary>The public key of a private key: x ++ y, 64 bytes.</summary>
    /// <exception cref="ArgumentException">Not a private key.</exception>
    public static byte[] GetPublicKey(ReadOnlySpan<byte> privateKey)
    {
        if (!IsValidPrivateKey(privateKey)) throw new ArgumentException("not a secp256k1 private key", nameof(privateKey));
        byte* point = stackalloc byte[LibSecp256k1.PublicKeySize];
        fixed (byte* key = privateKey)
        {
            if (LibSecp256k1.PublicKeyCreate(Context, point, key) != 1) throw new CryptographicException("libsecp256k1 refused a valid key");
        }

        var result = new byte[PublicKeySize];
        Serialize(point, result);
        return result;
    }

    /// <summary>The account address of a public key: the last 20 bytes of its Keccak-256.</summary>
    /// <param name="publicKey">x ++ y, 64 bytes.</param>
    public static Address PublicKeyToAddress(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PublicKeySize) throw new ArgumentException("a public key has 64 bytes", nameof(publicKey));
        Span<byte> hash = stackalloc byte[32];
        Keccak256.Hash(publicKey, hash);
        return new Address(hash[12..]);
    }

    /// <summary>The account address of a private key.</summary>
    public static Address PrivateKeyToAddress(ReadOnlySpan<byte> privateKey) => PublicKeyToAddress(GetPublicKey(privateKey));

    /// <summary>Signs a digest; the nonce is that of RFC 6979 and s is in the lower half (EIP-2).</summary>
    /// <exception cref="ArgumentException">Not a private key.</exception>
    public static EcdsaSignature Sign(in Hash256 digest, ReadOnlySpan<byte> privateKey)
    {
        if (!IsValidPrivateKey(privateKey)) throw new ArgumentException("not a secp256k1 private key", nameof(privateKey));
        byte* message = stackalloc byte[32];
        byte* signature = stackalloc byte[LibSecp256k1.RecoverableSignatureSize];
        byte* rs = stackalloc byte[64];
        int recoveryId = 0;
        digest.CopyTo(new Span<byte>(message, 32));
        fixed (byte* key = privateKey)
        {
            if (LibSecp256k1.SignRecoverable(Context, signature, message, key, 0, 0) != 1) throw new CryptographicException("libsecp256k1 could not sign");
        }

        _ = LibSecp256k1.RecoverableSerialize(Context, rs, &recoveryId, signature); // always 1
        if (recoveryId > 1) throw new CryptographicException("r is not below the group order (a chance of 2^-127)");
        return new EcdsaSignature(UInt256.FromBigEndian(new ReadOnlySpan<byte>(rs, 32)), UInt256.FromBigEndian(new ReadOnlySpan<byte>(rs + 32, 32)), (byte)recoveryId);
    }

    /// <summary>The public key (x ++ y) that made a signature. <paramref name="s"/> may be in either half.</summary>
    /// <returns>False when r or s is out of range or no point has the x coordinate r.</returns>
    public static bool TryRecoverPublicKey(in Hash256 digest, in UInt256 r, in UInt256 s, byte yParity, Span<byte> publicKey)
    {
        if (yParity > 1) return false;
        byte* message = stackalloc byte[32];
        byte* rs = stackalloc byte[64];
        byte* signature = stackalloc byte[LibSecp256k1.RecoverableSignatureSize];
        byte* point = stackalloc byte[LibSecp256k1.PublicKeySize];
        digest.CopyTo(new Span<byte>(message, 32));
        r.WriteBigEndian(new Span<byte>(rs, 32));
        s.WriteBigEndian(new Span<byte>(rs + 32, 32));
        if (LibSecp256k1.RecoverableParse(Context, signature, rs, yParity) != 1) return false;
        if (LibSecp256k1.Recover(Context, point, signature, message) != 1) return false;
        Serialize(point, publicKey);
        return true;
    }

    /// <summary>The address that made a signature, see <see cref="TryRecoverPublicKey"/>.</summary>
    public static bool TryRecoverAddress(in Hash256 digest, in UInt256 r, in UInt256 s, byte yParity, out Address signer)
    {
        Span<byte> publicKey = stackalloc byte[PublicKeySize];
        bool found = TryRecoverPublicKey(digest, r, s, yParity, publicKey);
        signer = found ? PublicKeyToAddress(publicKey) : default;
        return found;
    }

    private static void Serialize(byte* point, Span<byte> publicKey)
    {
        byte* full = stackalloc byte[65]; // 0x04 ++ x ++ y
        nuint length = 65;
        _ = LibSecp256k1.PublicKeySerialize(Context, full, &length, point, LibSecp256k1.Uncompressed); // always 1
        new ReadOnlySpan<byte>(full + 1, PublicKeySize).CopyTo(publicKey);
    }
}
