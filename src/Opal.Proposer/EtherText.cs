using System.Globalization;
using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>Amounts of ether for people.</summary>
internal static class EtherText
{
    /// <summary>Wei as ETH with six digits behind the point, rounded down.</summary>
    public static string Of(in UInt256 wei)
    {
        UInt256.DivRem(wei, 1_000_000_000_000UL, out UInt256 millionths, out _);
        UInt256.DivRem(millionths, 1_000_000UL, out UInt256 whole, out UInt256 rest);
        return string.Create(CultureInfo.InvariantCulture, $"{whole}.{rest.U0:D6} ETH");
    }
}
