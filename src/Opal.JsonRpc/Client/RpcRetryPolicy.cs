namespace Opal.JsonRpc;

/// <summary>When a failed call is made again: only after transient faults (no connection, timeout, HTTP 429/502/503/504, rate limits).</summary>
/// <param name="Attempts">Tries in all, at least 1.</param>
/// <param name="FirstDelay">The wait after the first failure; it doubles with each further one.</param>
/// <param name="MaxDelay">The longest wait.</param>
public sealed record RpcRetryPolicy(int Attempts, TimeSpan FirstDelay, TimeSpan MaxDelay)
{
    /// <summary>One try.</summary>
    public static RpcRetryPolicy None { get; } = new(1, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Three tries within about a second.</summary>
    public static RpcRetryPolicy Short { get; } = new(3, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));

    /// <summary>The wait after failure number <paramref name="failure"/> (1 is the first).</summary>
    public TimeSpan DelayAfter(int failure)
    {
        double factor = Math.Pow(2, Math.Min(failure - 1, 30));
        return TimeSpan.FromTicks((long)Math.Min(FirstDelay.Ticks * factor, MaxDelay.Ticks));
    }
}
