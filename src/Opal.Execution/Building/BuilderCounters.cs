namespace Opal.Execution;

/// <summary>What a builder counts. Thread-safe.</summary>
internal sealed class BuilderCounters
{
    private long _gated;
    private long _mismatches;
    private long _offenders;
    private long _rebuilds;
    private long _gateTicks;

    /// <summary>Blocks that passed their second execution.</summary>
    public long Gated => Volatile.Read(ref _gated);

    /// <summary>Blocks that did not.</summary>
    public long Mismatches => Volatile.Read(ref _mismatches);

    /// <summary>Transactions dropped because they made a block wrong.</summary>
    public long Offenders => Volatile.Read(ref _offenders);

    /// <summary>Blocks built again to find them.</summary>
    public long Rebuilds => Volatile.Read(ref _rebuilds);

    /// <summary>Time spent in second executions.</summary>
    public TimeSpan GateTime => TimeSpan.FromTicks(Volatile.Read(ref _gateTicks));

    public void CountGated(TimeSpan took)
    {
        Interlocked.Increment(ref _gated);
        Interlocked.Add(ref _gateTicks, took.Ticks);
    }

    public void CountMismatch() => Interlocked.Increment(ref _mismatches);

    public void CountOffender() => Interlocked.Increment(ref _offenders);

    public void CountRebuild() => Interlocked.Increment(ref _rebuilds);
}
