using System.Runtime.InteropServices;

namespace Opal.Crypto.Native;

/// <summary>The functions used of OpenSSL's libcrypto that .NET does not reach.</summary>
internal static unsafe partial class LibCrypto
{
    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EVP_ripemd160")]
    public static partial nint Ripemd160();

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EVP_Digest")]
    public static partial int Digest(byte* data, nuint count, byte* digest, uint* size, nint type, nint engine);

    /// <summary>NID_X9_62_prime256v1: P-256.</summary>
    public const int P256 = 415;

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "BN_bin2bn")]
    public static partial nint NumberFromBytes(byte* bytes, int length, nint number);

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "BN_free")]
    public static partial void FreeNumber(nint number);

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EC_KEY_new_by_curve_name")]
    public static partial nint NewKey(int curve);

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EC_KEY_get0_group")]
    public static partial nint GroupOfKey(nint key);

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EC_KEY_set_public_key")]
    public static partial int SetPublicKey(nint key, nint point);

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EC_POINT_new")]
    public static partial nint NewPoint(nint group);

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EC_POINT_free")]
    public static partial void FreePoint(nint point);

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EC_POINT_set_affine_coordinates")]
    public static partial int SetCoordinates(nint group, nint point, nint x, nint y, nint context);

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "ECDSA_SIG_new")]
    public static partial nint NewSignature();

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "ECDSA_SIG_free")]
    public static partial void FreeSignature(nint signature);

    /// <summary>Takes over both numbers.</summary>
    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "ECDSA_SIG_set0")]
    public static partial int SetSignature(nint signature, nint r, nint s);

    /// <summary>1 valid, 0 not, -1 error.</summary>
    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "ECDSA_do_verify")]
    public static partial int Verify(byte* digest, int length, nint signature, nint key);

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    /// <summary>The oldest error of this thread, taken off its queue; 0 when there is none.</summary>
    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "ERR_get_error")]
    public static partial nuint TakeError();
}
