using Opal.Crypto.Native;

namespace Opal.Crypto;

/// <summary>Modular exponentiation (EIP-198) by GMP.</summary>
internal static unsafe class ModExp
{
    /// <summary>See <see cref="Primitives.ICrypto.ModExp"/>.</summary>
    public static void Compute(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> result)
    {
        if (result.Length != modulus.Length) throw new ArgumentException("the result has the modulus's length", nameof(result));
        result.Clear();
        modulus = modulus.TrimStart((byte)0);
        if (modulus.IsEmpty) return; // GMP would divide by zero
        if (modulus.Length == 1 && modulus[0] == 1) return;

        LibGmp.Integer b, e, m, r;
        LibGmp.Init(&b);
        LibGmp.Init(&e);
        LibGmp.Init(&m);
        LibGmp.Init(&r);
        Import(&b, @base);
        Import(&e, exponent);
        Import(&m, modulus);
        LibGmp.PowerModulo(&r, &b, &e, &m);

        // the result is below the modulus, so it fits in the modulus's bytes
        Span<byte> digits = modulus.Length <= 1024 ? stackalloc byte[modulus.Length] : new byte[modulus.Length];
        nuint count;
        fixed (byte* p = digits) LibGmp.Export(p, &count, 1, 1, 1, 0, &r);
        digits[..(int)count].CopyTo(result[(result.Length - (int)count)..]);
        LibGmp.Clear(&b);
        LibGmp.Clear(&e);
        LibGmp.Clear(&m);
        LibGmp.Clear(&r);
    }

    private static void Import(LibGmp.Integer* x, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* p = bytes) LibGmp.Import(x, (nuint)bytes.Length, 1, 1, 1, 0, p);
    }
}
