using System.Globalization;

namespace Opal.Cli.EvmTool.Running;

/// <summary>Writes durations as Go prints them, which is how geth's tool reports times: 1.5s, 12.25ms, 310ns, 1m2.5s.</summary>
internal static class GoDuration
{
    public static string Format(TimeSpan duration)
    {
        double nanoseconds = duration.TotalNanoseconds;
        if (nanoseconds < 1_000) return Number(nanoseconds) + "ns";
        if (nanoseconds < 1_000_000) return Number(nanoseconds / 1_000) + "µs";
        if (nanoseconds < 1_000_000_000) return Number(nanoseconds / 1_000_000) + "ms";
        double seconds = duration.TotalSeconds;
        if (seconds < 60) return Number(seconds) + "s";
        return string.Create(CultureInfo.InvariantCulture, $"{(long)seconds / 60}m{Number(seconds % 60)}s");
    }

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
