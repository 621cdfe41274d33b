using System.Runtime.InteropServices;

namespace Opal.Crypto.Native;

/// <summary>The functions used of GMP.</summary>
internal static unsafe partial class LibGmp
{
    /// <summary>mpz_t: int alloc, int size, pointer to limbs.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Integer
    {
        public int Allocated;
        public int Size;
        public nint Limbs;
    }

    [LibraryImport(NativeLibraries.Gmp, EntryPoint = "__gmpz_init")]
    public static partial void Init(Integer* x);

    [LibraryImport(NativeLibraries.Gmp, EntryPoint = "__gmpz_clear")]
    public static partial void Clear(Integer* x);

    [LibraryImport(NativeLibraries.Gmp, EntryPoint = "__gmpz_import")]
    public static partial void Import(Integer* x, nuint count, int order, nuint size, int endian, nuint nails, byte* words);

    [LibraryImport(NativeLibraries.Gmp, EntryPoint = "__gmpz_export")]
    public static partial nint Export(byte* words, nuint* count, int order, nuint size, int endian, nuint nails, Integer* x);

    [LibraryImport(NativeLibraries.Gmp, EntryPoint = "__gmpz_powm")]
    public static partial void PowerModulo(Integer* result, Integer* @base, Integer* exponent, Integer* modulus);
}
