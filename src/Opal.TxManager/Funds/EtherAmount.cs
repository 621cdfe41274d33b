using System.Globalization;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Ether as a double, for rates, and amounts as messages have them.</summary>
internal static class EtherAmount
{
    private const double WeiPerEther = 1e18, WeiPerGwei = 1e9, Limb = 18446744073709551616.0;

    /// <summary>More than there is: what a rate comes to beyond that is no amount.</summary>
    private const double Most = 1e10;

    /// <summary>Wei in ether, to a double's precision.</summary>
    public static double Of(in UInt256 wei) => ToDouble(wei) / WeiPerEther;

    /// <summary>Wei in gwei, to a double's precision.</summary>
    public static double InGwei(in UInt256 wei) => ToDouble(wei) / WeiPerGwei;

    private static double ToDouble(in UInt256 wei) => wei.U0 + (Limb * (wei.U1 + (Limb * (wei.U2 + (Limb * wei.U3)))));

    /// <summary>Wei as text, with the unit.</summary>
    public static string Text(in UInt256 wei) => $"{EtherText.Of(wei)} ETH";

    /// <summary>Ether as text, with the unit.</summary>
    public static string Text(double ether)
    {
        decimal wei = decimal.Round((decimal)Math.Clamp(ether, 0, Most) * (decimal)WeiPerEther);
        return UInt256.TryParse(wei.ToString("0", CultureInfo.InvariantCulture), out UInt256 whole) ? Text(whole) : throw new InvalidOperationException($"{wei} is no whole number");
    }

    /// <summary>Ether as text, rounded up to two digits: an amount to send.</summary>
    public static string RoundedUp(double ether)
    {
        if (ether <= 0) return Text(0);
        double unit = Math.Pow(10, Math.Floor(Math.Log10(ether)) - 1);
        return Text(Math.Ceiling(Math.Round(ether / unit, 6)) * unit);
    }
}
