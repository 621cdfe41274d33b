using System.Diagnostics;

namespace Opal.Benchmarks;

/// <summary>Reads the clock at its full resolution; a TimeSpan knows only 100 ns.</summary>
internal static class Clock
{
    /// <summary>Now, for <see cref="Since"/>.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>Seconds from <paramref name="begin"/> to now.</summary>
    public static double Since(long begin) => (double)(Stopwatch.GetTimestamp() - begin) / Stopwatch.Frequency;
}
