namespace Opal.TxManager.Tests;

/// <summary>A clock that stands still until it is advanced; timers fire in the order of their times.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _now;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock, then lets everything that was waiting run.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        DateTimeOffset until = GetUtcNow() + by;
        while (true)
        {
            ManualTimer? due;
            lock (_gate)
            {
                due = _timers.Where(t => t.Due <= until).MinBy(t => t.Due);
                if (due is null) _now = until;
                else
                {
                    _timers.Remove(due);
                    if (due.Due > _now) _now = due.Due;
                }
            }

            if (due is null) break;
            due.Fire();
            await TestLoop.SettleAsync();
        }

        await TestLoop.SettleAsync();
    }

    /// <summary>Advances second by second until a task is done.</summary>
    public async Task<T> RunAsync<T>(Task<T> task, TimeSpan limit, Action? eachSecond = null)
    {
        for (TimeSpan at = TimeSpan.Zero; at < limit && !task.IsCompleted; at += TimeSpan.FromSeconds(1))
        {
            eachSecond?.Invoke();
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        Assert.True(task.IsCompleted, $"not done after {limit}");
        return await task;
    }

    private sealed class ManualTimer(ManualClock clock, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock._now + dueTime;
                clock._timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._gate) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
