using System.Globalization;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Flags;

/// <summary>Reads and checks the text of a flag's value.</summary>
internal static class FlagText
{
    /// <summary>What is wrong with a value, as the end of a sentence that begins with it; null when it is good.</summary>
    public static string? Fault(FlagDefinition flag, string text) => flag.Kind switch
    {
        FlagKind.Bool when !TryBool(text, out _) => "is neither true nor false",
        FlagKind.BoolOrAddress when !TryBool(text, out _) && !TryAddress(text, out _, out _) => "is neither true nor false, nor HOST:PORT",
        FlagKind.Choice when !flag.Choices.Contains(text, StringComparer.OrdinalIgnoreCase) => $"is none of {string.Join(", ", flag.Choices)}",
        FlagKind.Number when text.Length > 0 && !TryNumber(text, out _) => "is no whole number from 0 to 2^64-1",
        FlagKind.Wei when text.Length > 0 && !TryWei(text, out _) => "is no whole number of wei",
        FlagKind.Ether when text.Length > 0 && !TryEther(text, out _) => "is no amount of ether, written as 1 or 0.25",
        FlagKind.Gwei when text.Length > 0 && !TryGwei(text, out _) => "is no amount of gwei, written as 1 or 0.25",
        FlagKind.Decimal when text.Length > 0 && !TryDecimal(text, out _) => "is no number from zero up, written as 2 or 0.6",
        FlagKind.HexAddress when text.Length > 0 && !Address.TryParse(text, out _) => "is no address, which is 0x and 40 hexadecimal digits",
        FlagKind.Duration when text.Length > 0 && !DurationText.TryParse(text, out _) => "is no duration, written as 300ms, 12s or 1h30m",
        FlagKind.Url when text.Length > 0 && !TryUrl(text, out _) => "is no URL, written as http://127.0.0.1:8545",
        _ => null,
    };

    public static bool TryBool(string text, out bool value)
    {
        value = text.ToLowerInvariant() is "true" or "1" or "t";
        return value || text.ToLowerInvariant() is "false" or "0" or "f";
    }

    /// <summary>HOST:PORT, or :PORT for every address.</summary>
    public static bool TryAddress(string text, out string host, out int port)
    {
        int colon = text.LastIndexOf(':');
        port = 0;
        host = colon < 0 ? "" : text[..colon];
        return colon >= 0 && !host.Contains("//", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 0 and <= 65535;
    }

    public static bool TryNumber(string text, out ulong value) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    public static bool TryWei(string text, out UInt256 value) => UInt256.TryParse(text, out value);

    public static bool TryEther(string text, out UInt256 wei) => TryUnits(text, 18, out wei);

    public static bool TryGwei(string text, out UInt256 wei) => TryUnits(text, 9, out wei);

    public static bool TryDecimal(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && value >= 0;

    /// <summary>A decimal number of a unit of 10^<paramref name="places"/> wei.</summary>
    private static bool TryUnits(string text, int places, out UInt256 wei)
    {
        wei = UInt256.Zero;
        int point = text.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? text : text[..point], part = point < 0 ? "" : text[(point + 1)..];
        if (part.Length > places || !ulong.TryParse(whole.Length == 0 ? "0" : whole, NumberStyles.None, CultureInfo.InvariantCulture, out ulong units)) return false;
        ulong fraction = 0;
        if (part.Length > 0 && !ulong.TryParse(part.PadRight(places, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out fraction)) return false;
        wei = new UInt256(units) * new UInt256((ulong)Math.Pow(10, places)) + new UInt256(fraction);
        return true;
    }

    public static bool TryUrl(string text, out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url) && url.Scheme is "http" or "https" or "ws" or "wss";

    /// <summary>The parts of a comma-separated list, without empty ones.</summary>
    public static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A value as it may be shown: without what lets somebody in.</summary>
    public static string Masked(FlagDefinition flag, string text)
    {
        if (text.Length == 0) return text;
        if (flag.IsSecret) return "***";
        if (flag.Kind == FlagKind.HexAddress && text.Length >= 64) return "***"; // a private key in the wrong place
        if (flag.Kind != FlagKind.Url) return text;
        if (!TryUrl(text, out Uri? url)) return text.AsSpan().IndexOfAny("@/?") >= 0 ? "***" : text; // what is wrong with it may be its scheme alone
        string rest = url!.PathAndQuery.Length > 1 ? "/***" : "";
        return $"{url.Scheme}://{(url.UserInfo.Length > 0 ? "***@" : "")}{url.Authority}{rest}";
    }
}
