namespace Opal.JsonRpc;

/// <summary>Holds requests back to a number at a time and a number a second.</summary>
internal sealed class RequestGate(int maxConcurrency, double maxPerSecond, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim? _slots = maxConcurrency > 0 ? new SemaphoreSlim(maxConcurrency) : null;
    private readonly TimeSpan _interval = maxPerSecond > 0 ? TimeSpan.FromSeconds(1 / maxPerSecond) : TimeSpan.Zero;
    private readonly Lock _gate = new();
    private DateTimeOffset _next;

    public async ValueTask EnterAsync(CancellationToken cancellation)
    {
        if (_interval > TimeSpan.Zero)
        {
            TimeSpan wait;
            lock (_gate)
            {
                DateTimeOffset now = clock.GetUtcNow();
                if (_next < now) _next = now;
                wait = _next - now;
                _next += _interval;
            }

            if (wait > TimeSpan.Zero) await Task.Delay(wait, clock, cancellation);
        }

        if (_slots is not null) await _slots.WaitAsync(cancellation);
    }

    public void Leave() => _slots?.Release();

    public void Dispose() => _slots?.Dispose();
}
