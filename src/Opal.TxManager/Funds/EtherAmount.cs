using System.Globalization;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Wei as ether, for rates and messages.</summary>
internal static class EtherAmount
{
    private const double WeiPerEther = 1e18;
    private const double Limb = 18446744073709551616.0;

    /// <summary>Wei in ether, to a double's precision.</summary>
    public static double Of(in UInt256 wei) => (wei.U0 + (Limb * (wei.U1 + (Limb * (wei.U2 + (Limb * wei.U3)))))) / WeiPerEther;

    /// <summary>Wei as text: six places, more where there would be nothing but zeros.</summary>
    public static string Text(in UInt256 wei) => Text(Of(wei));

    /// <summary>Ether as text.</summary>
    public static string Text(double ether) => ether is 0 or >= 0.0001 ? $"{ether.ToString("0.######", CultureInfo.InvariantCulture)} ETH" : $"{ether.ToString("0.###e-0", CultureInfo.InvariantCulture)} ETH";

    /// <summary>Ether as text, rounded up to two digits: an amount to send.</summary>
    public static string RoundedUp(double ether)
    {
        if (ether <= 0) return Text(0);
        double unit = Math.Pow(10, Math.Floor(Math.Log10(ether)) - 1);
        return Text(Math.Ceiling(Math.Round(ether / unit, 6)) * unit);
    }
}
