using System.Numerics;
using Opal.Primitives;

namespace Opal.Cli.EvmTool.Transition;

/// <summary>The difficulty of mined blocks of the London family (EIP-100, and the bomb delays of EIP-3554, 4345 and 5133): for the transition tool only, no chain that Opal runs is mined.</summary>
internal static class DifficultyRule
{
    private const int Divisor = 2_048, Minimum = 131_072, BombPeriod = 100_000;

    /// <summary>The difficulty after a parent.</summary>
    /// <param name="fork">London, ArrowGlacier or GrayGlacier.</param>
    /// <param name="number">The block's number.</param>
    /// <param name="seconds">Seconds since the parent.</param>
    /// <param name="parent">The parent's difficulty.</param>
    /// <param name="parentHasUncles">Whether the parent has uncles.</param>
    public static UInt256 Next(string fork, ulong number, ulong seconds, in UInt256 parent, bool parentHasUncles)
    {
        var before = new BigInteger(parent.ToBigEndianArray(), isUnsigned: true, isBigEndian: true);
        BigInteger step = BigInteger.Max((parentHasUncles ? 2 : 1) - ((BigInteger)seconds / 9), -99);
        BigInteger difficulty = BigInteger.Max(before + (before / Divisor * step), Minimum);
        ulong delay = BombDelay(fork);
        ulong period = number >= delay ? (number - delay) / BombPeriod : 0;
        if (period > 1) difficulty += BigInteger.Pow(2, checked((int)Math.Min(period - 2, 255)));
        byte[] bytes = difficulty.ToByteArray(isUnsigned: true, isBigEndian: true);
        return bytes.Length <= 32 ? UInt256.FromBigEndian(bytes) : UInt256.MaxValue;
    }

    private static ulong BombDelay(string fork) => fork.ToUpperInvariant() switch
    {
        "ARROWGLACIER" => 10_700_000,
        "GRAYGLACIER" => 11_400_000,
        _ => 9_700_000,
    };
}
