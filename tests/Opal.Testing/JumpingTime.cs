namespace Opal.Testing;

/// <summary>A clock whose time of day is set while it runs, as by an operator or a time server: what is measured, and the timers, go on as before.</summary>
public sealed class JumpingTime(ManualTime steady) : TimeProvider
{
    /// <summary>How far the time of day is off.</summary>
    public TimeSpan Jump { get; set; }

    public override long TimestampFrequency => steady.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => steady.GetUtcNow() + Jump;

    public override long GetTimestamp() => steady.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => steady.CreateTimer(callback, state, dueTime, period);
}
