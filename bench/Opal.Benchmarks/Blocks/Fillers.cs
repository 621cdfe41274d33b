using System.Globalization;
using System.Text;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>The accounts that make a state large: filler i has the last 20 bytes of keccak256("opbench-filler-i") as address, and i + 1 wei.</summary>
internal static class Fillers
{
    public static Address AddressOf(int i)
    {
        Span<byte> text = stackalloc byte[32];
        "opbench-filler-"u8.CopyTo(text);
        i.TryFormat(text[15..], out int digits, provider: CultureInfo.InvariantCulture);
        Span<byte> digest = stackalloc byte[32];
        Keccak256.Hash(text[..(15 + digits)], digest);
        return new Address(digest[12..]);
    }

    public static UInt256 BalanceOf(int i) => new((ulong)i + 1);
}
