using System.Globalization;
using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>Numbers for people. Every sum of wei is an integer; only the text is rounded (<see cref="TxManager.EtherText"/>).</summary>
internal static class Amounts
{
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
}
