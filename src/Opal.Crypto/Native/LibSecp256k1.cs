using System.Runtime.InteropServices;

namespace Opal.Crypto.Native;

/// <summary>The functions used of bitcoin-core's libsecp256k1 (secp256k1.h, secp256k1_recovery.h).</summary>
internal static unsafe partial class LibSecp256k1
{
    /// <summary>SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY: what old versions need and new ones ignore.</summary>
    public const uint ContextFlags = 0x301;
    public const uint Uncompressed = 2;
    public const int PublicKeySize = 64;
    public const int RecoverableSignatureSize = 65;

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_context_create")]
    public static partial nint ContextCreate(uint flags);

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_context_randomize")]
    public static partial int ContextRandomize(nint context, byte* seed32);

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_ec_seckey_verify")]
    public static partial int SecretKeyVerify(nint context, byte* key32);

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_ec_seckey_tweak_add")]
    public static partial int SecretKeyAdd(nint context, byte* key32, byte* tweak32);

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_ec_pubkey_create")]
    public static partial int PublicKeyCreate(nint context, byte* publicKey, byte* key32);

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_ec_pubkey_serialize")]
    public static partial int PublicKeySerialize(nint context, byte* output, nuint* length, byte* publicKey, uint flags);

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_ecdsa_recoverable_signature_parse_compact")]
    public static partial int RecoverableParse(nint context, byte* signature, byte* rs64, int recoveryId);

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_ecdsa_recoverable_signature_serialize_compact")]
    public static partial int RecoverableSerialize(nint context, byte* rs64, int* recoveryId, byte* signature);

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_ecdsa_sign_recoverable")]
    public static partial int SignRecoverable(nint context, byte* signature, byte* digest32, byte* key32, nint nonceFunction, nint nonceData);

    [LibraryImport(NativeLibraries.Secp256k1, EntryPoint = "secp256k1_ecdsa_recover")]
    public static partial int Recover(nint context, byte* publicKey, byte* signature, byte* digest32);
}
