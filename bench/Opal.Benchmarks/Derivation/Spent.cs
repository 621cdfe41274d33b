namespace Opal.Benchmarks;

/// <summary>Time taken: by the clock, and by the processors for this process. On a machine that others use, too, the second says more.</summary>
/// <param name="Seconds">By the clock.</param>
/// <param name="CpuSeconds">By the processors, all threads together.</param>
internal readonly record struct Spent(double Seconds, double CpuSeconds)
{
    /// <summary>A point in time, for <see cref="Since"/>.</summary>
    public static Spent Now() => new(Clock.Since(0), Environment.CpuUsage.TotalTime.TotalSeconds);

    /// <summary>What was spent since a point in time.</summary>
    public static Spent Since(in Spent begin) => Now() - begin;

    public static Spent operator -(in Spent a, in Spent b) => new(a.Seconds - b.Seconds, a.CpuSeconds - b.CpuSeconds);

    public static Spent operator +(in Spent a, in Spent b) => new(a.Seconds + b.Seconds, a.CpuSeconds + b.CpuSeconds);
}
