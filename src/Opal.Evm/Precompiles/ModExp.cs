using Opal.Primitives;

namespace Opal.Evm;

/// <summary>0x05 MODEXP with the price of EIP-2565, or from Osaka of EIP-7883 with the length bound of EIP-7823.</summary>
/// <remarks>Input: three 32-byte lengths (base, exponent, modulus), then the numbers, all big-endian.</remarks>
internal sealed class ModExp(bool osaka) : Precompile
{
    private const int HeaderSize = 96;
    private const ulong MaxOsakaLength = 1024;

    public override long GasFor(ReadOnlySpan<byte> input)
    {
        ReadLengths(input, out UInt256 baseLength, out UInt256 exponentLength, out UInt256 modulusLength);
        UInt256 longest = UInt256.Max(baseLength, modulusLength);
        UInt256 gas = default;
        if (!TryComplexity(longest, out UInt256 complexity)) return long.MaxValue;
        bool isFree = complexity.IsZero; // whatever the exponent's length, though the product of lengths may not fit a word
        if (!isFree && (!TryIterations(input, baseLength, exponentLength, out UInt256 iterations) || !UInt256.TryMultiply(complexity, iterations, out gas)))
        {
            return long.MaxValue;
        }

        if (!osaka) gas = gas / 3;
        gas = UInt256.Max(gas, osaka ? 500u : 200u);
        return gas.IsUInt64 && gas.U0 <= long.MaxValue ? (long)gas.U0 : long.MaxValue;
    }

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        ReadLengths(input, out UInt256 baseLength, out UInt256 exponentLength, out UInt256 modulusLength);
        if (osaka && (baseLength > MaxOsakaLength || exponentLength > MaxOsakaLength || modulusLength > MaxOsakaLength)) return false;
        output.Clear();
        if (modulusLength.IsZero) return true;
        // the price keeps the lengths within memory: with a modulus, base and modulus cost their square, the exponent its length
        if (!TryGetArrayLength(baseLength, out int b) || !TryGetArrayLength(exponentLength, out int e) || !TryGetArrayLength(modulusLength, out int m)) return false;
        var number = new byte[b];
        var exponent = new byte[e];
        var modulus = new byte[m];
        PrecompileInput.CopyPadded(input, HeaderSize, number);
        PrecompileInput.CopyPadded(input, HeaderSize + (ulong)b, exponent);
        PrecompileInput.CopyPadded(input, HeaderSize + (ulong)b + (ulong)e, modulus);
        crypto.ModExp(number, exponent, modulus, output.Reset(m));
        return true;
    }

    private static bool TryGetArrayLength(in UInt256 length, out int value)
    {
        bool fits = length.IsUInt64 && length.U0 <= (ulong)Array.MaxLength;
        value = fits ? (int)length.U0 : 0;
        return fits;
    }

    private static void ReadLengths(ReadOnlySpan<byte> input, out UInt256 baseLength, out UInt256 exponentLength, out UInt256 modulusLength)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        PrecompileInput.CopyPadded(input, 0, header);
        baseLength = UInt256.FromBigEndian(header[..32]);
        exponentLength = UInt256.FromBigEndian(header[32..64]);
        modulusLength = UInt256.FromBigEndian(header[64..]);
    }

    private bool TryComplexity(in UInt256 length, out UInt256 complexity)
    {
        complexity = 16u;
        if (osaka && length <= 32u) return true;
        if (!UInt256.TryAdd(length, 7u, out UInt256 words)) return false;
        words >>= 3;
        return UInt256.TryMultiply(words, words, out complexity) && (!osaka || UInt256.TryMultiply(complexity, 2u, out complexity));
    }

    private bool TryIterations(ReadOnlySpan<byte> input, in UInt256 baseLength, in UInt256 exponentLength, out UInt256 iterations)
    {
        // the leading 32 bytes of the exponent, or all of a shorter one
        int headLength = exponentLength < 32u ? (int)exponentLength.U0 : 32;
        Span<byte> head = stackalloc byte[headLength];
        head.Clear();
        bool reachable = UInt256.TryAdd(baseLength, HeaderSize, out UInt256 offset) && offset.IsUInt64;
        if (reachable) PrecompileInput.CopyPadded(input, offset.U0, head);
        ulong headBits = (ulong)Math.Max(0, UInt256.FromBigEndian(head).BitLength - 1);
        iterations = default;
        if (exponentLength > 32u && !UInt256.TryMultiply(exponentLength - 32u, osaka ? 16u : 8u, out iterations)) return false;
        if (!UInt256.TryAdd(iterations, headBits, out iterations)) return false;
        if (iterations.IsZero) iterations = UInt256.One;
        return true;
    }
}
