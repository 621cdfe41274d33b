using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Opal.Crypto.Native;

/// <summary>Finds the shared libraries. Each has the names it goes by in the distributions, and a sentence that says how to get it.</summary>
internal static class NativeLibraries
{
    public const string Secp256k1 = "opal:secp256k1";
    public const string Gmp = "opal:gmp";
    public const string OpenSsl = "opal:crypto";
    public const string Kzg = "opal:kzg";

    /// <summary>The file that the bootstrap compiles.</summary>
    public const string KzgFile = "libopal_kzg.so";

    private static readonly string[] Secp256k1Names =
        ["libsecp256k1.so.1", "libsecp256k1.so.2", "libsecp256k1.so.5", "libsecp256k1.so.6", "libsecp256k1.so.0", "libsecp256k1.so", "libsecp256k1.dylib"];

    private static readonly string[] GmpNames = ["libgmp.so.10", "libgmp.so", "libgmp.dylib"];
    private static readonly string[] OpenSslNames = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so", "libcrypto.3.dylib"];

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "The names must be mapped before the first native call, whichever class makes it.")]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        Secp256k1 => Load(Secp256k1Names, "libsecp256k1 is not installed: install the package libsecp256k1-1 (Debian 12, Ubuntu 24.04) or libsecp256k1-2 (Debian 13)"),
        Gmp => Load(GmpNames, "GMP is not installed: install the package libgmp10"),
        OpenSsl => Load(OpenSslNames, "OpenSSL is not installed: install the package libssl3"),
        Kzg => Load([Path.Combine(AppContext.BaseDirectory, KzgFile)], $"{KzgFile} is not beside the program in {AppContext.BaseDirectory}: run ./opal once, which compiles it, and build again"),
        _ => 0,
    };

    internal static nint Load(string[] names, string remedy)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint handle)) return handle;
        }

        throw new DllNotFoundException(remedy);
    }
}
