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

    [LibraryImport(NativeLibraries.Gmp, EntryPoint = "__gmpz_invert")]
    private static partial int Invert(Integer* result, Integer* a, Integer* modulus);

    /// <summary>1/a modulo an odd prime, four 64-bit limbs each, least significant first; 0 &lt; a &lt; modulus.</summary>
    public static void InvertModulo(ulong* a, ulong* modulus, ulong* result)
    {
        // Allocated = 0 marks limbs that GMP may read but not own; on 64-bit machines a limb is 64 bits
        var number = new Integer { Size = 4, Limbs = (nint)a };
        while (number.Size > 0 && a[number.Size - 1] == 0) number.Size--;
        var prime = new Integer { Size = 4, Limbs = (nint)modulus };
        Integer inverse;
        Init(&inverse);
        if (Invert(&inverse, &number, &prime) == 0) throw new System.Diagnostics.UnreachableException("every element but zero has an inverse");
        for (int i = 0; i < 4; i++) result[i] = i < inverse.Size ? ((ulong*)inverse.Limbs)[i] : 0;
        Clear(&inverse);
    }
}
