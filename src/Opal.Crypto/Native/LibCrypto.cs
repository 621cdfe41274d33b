using System.Runtime.InteropServices;

namespace Opal.Crypto.Native;

/// <summary>The functions used of OpenSSL's libcrypto that .NET does not reach.</summary>
internal static unsafe partial class LibCrypto
{
    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EVP_ripemd160")]
    public static partial nint Ripemd160();

    [LibraryImport(NativeLibraries.OpenSsl, EntryPoint = "EVP_Digest")]
    public static partial int Digest(byte* data, nuint count, byte* digest, uint* size, nint type, nint engine);
}
