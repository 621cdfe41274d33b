using System.Globalization;
using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>Amounts of wei for people. Every sum is an integer; only the text is rounded, once, half up.</summary>
internal static class Amounts
{
    private const int EtherDigits = 18, GweiDigits = 9;

    /// <summary>Wei as ether, with at most six places and at least three digits that count: <c>0.001234</c>, <c>0.00000000567</c>.</summary>
    public static string Ether(in UInt256 wei) => Scaled(wei, EtherDigits, 6);

    /// <summary>Wei as gwei, with at most three places and at least three digits that count.</summary>
    public static string Gwei(in UInt256 wei) => Scaled(wei, GweiDigits, 3);

    /// <summary>The quotient, rounded half up; zero where the divisor is zero.</summary>
    public static UInt256 Divide(in UInt256 amount, ulong divisor) => divisor == 0 ? UInt256.Zero : (amount + new UInt256(divisor / 2)) / divisor;

    /// <summary>A whole number with separators.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with as many places as given.</summary>
    public static string Number(double number, int places) => number.ToString($"N{places}", CultureInfo.InvariantCulture);

    /// <summary>Seconds as people say them: <c>96 s</c>, <c>25 min</c>, <c>5.0 h</c>.</summary>
    public static string Time(ulong seconds) => seconds switch
    {
        < 180 => $"{seconds} s",
        < 7200 => $"{seconds / 60} min",
        _ => $"{Number(seconds / 3600.0, 1)} h",
    };

    private static string Scaled(in UInt256 wei, int unit, int places)
    {
        if (wei.IsZero) return "0";
        int length = wei.ToString().Length;
        // small amounts keep three digits that count
        int kept = Math.Min(unit, Math.Max(places, unit - length + 3));
        UInt256 rounded = wei, step = UInt256.One;
        for (int i = 0; i < unit - kept; i++) step *= 10UL;
        rounded = (rounded + (step / 2UL)) / step;
        string digits = rounded.ToString().PadLeft(kept + 1, '0');
        string fraction = digits[^kept..].TrimEnd('0'), whole = digits[..^kept];
        return fraction.Length == 0 ? whole : $"{whole}.{fraction}";
    }
}
