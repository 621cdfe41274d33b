using System.Globalization;

namespace Opal.JsonRpc;

/// <summary>Durations as the OP Stack's programs take them: 300ms, 12s, 2m, 1h30m; a bare number is seconds.</summary>
public static class DurationText
{
    /// <summary>Reads a duration; false when the text is none.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text.Length == 0) return false;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double bare))
        {
            duration = TimeSpan.FromSeconds(bare);
            return true;
        }

        int at = 0;
        while (at < text.Length)
        {
            int begin = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
            if (!double.TryParse(text.AsSpan(begin, at - begin), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)) return false;
            int unit = at;
            while (at < text.Length && (char.IsAsciiLetterLower(text[at]) || text[at] == 'µ')) at++;
            double seconds = text[unit..at] switch { "ns" => 1e-9, "us" or "µs" => 1e-6, "ms" => 0.001, "s" => 1, "m" => 60, "h" => 3600, _ => -1 };
            if (seconds < 0) return false;
            duration += TimeSpan.FromSeconds(value * seconds);
        }

        return true;
    }
}
