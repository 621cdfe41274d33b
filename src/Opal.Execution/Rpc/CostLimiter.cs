namespace Opal.Execution;

/// <summary>A bucket of tokens that fills at a rate. Thread-safe.</summary>
internal sealed class CostLimiter(int perSecond, int burst, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _tokens = burst;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes that many tokens, if they are there.</summary>
    public bool TryTake(int cost)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond));
            _filledAt = now;
            if (cost > _tokens) return false;
            _tokens -= cost;
            return true;
        }
    }
}
