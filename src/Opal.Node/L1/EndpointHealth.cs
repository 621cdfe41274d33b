namespace Opal.Node;

/// <summary>How well an L1 endpoint has answered lately: failures in a row with a growing wait, and its usual latency. Safe for concurrent use.</summary>
public sealed class EndpointHealth(TimeProvider clock)
{
    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(1), s_longestWait = TimeSpan.FromMinutes(1);

    /// <summary>The part of a new sample in the moving average.</summary>
    private const double NewShare = 0.2;

    private readonly Lock _lock = new();
    private readonly Backoff _backoff = new(clock, s_firstWait, s_longestWait);
    private TimeSpan _latency;
    private DateTimeOffset? _lastAnswer;

    /// <summary>Whether the endpoint is asked in its turn. After a failure it is not for a while: then it is asked only when the others fail.</summary>
    public bool IsDue
    {
        get
        {
            lock (_lock) return _backoff.IsDue;
        }
    }

    /// <summary>Failures in a row.</summary>
    public int Failures
    {
        get
        {
            lock (_lock) return _backoff.Failures;
        }
    }

    /// <summary>When a failing endpoint is asked in its turn again; <see cref="DateTimeOffset.MinValue"/> for one that does not fail.</summary>
    public DateTimeOffset NotBefore
    {
        get
        {
            lock (_lock) return _backoff.NotBefore ?? DateTimeOffset.MinValue;
        }
    }

    /// <summary>The moving average of the time that good answers took; zero before the first.</summary>
    public TimeSpan Latency
    {
        get
        {
            lock (_lock) return _latency;
        }
    }

    /// <summary>How long an answer may take before another endpoint is asked too: three times the usual, and <paramref name="least"/> at least.</summary>
    public TimeSpan Patience(TimeSpan least) => Latency * 3 is var usual && usual > least ? usual : least;

    /// <summary>Whether a usable answer came within a time up to now.</summary>
    public bool HasAnsweredWithin(TimeSpan time)
    {
        lock (_lock) return _lastAnswer is { } last && clock.GetUtcNow() - last <= time;
    }

    /// <summary>A usable answer came, "there is no such block" among them.</summary>
    public void Succeeded(TimeSpan took)
    {
        lock (_lock)
        {
            _latency = _latency == TimeSpan.Zero ? took : (_latency * (1 - NewShare)) + (took * NewShare);
            _lastAnswer = clock.GetUtcNow();
            _backoff.Succeeded();
        }
    }

    /// <summary>No usable answer came: none at all, an error, one that does not fit its hash, or one so late that another endpoint's was taken.</summary>
    public void Failed()
    {
        lock (_lock) _backoff.Failed();
    }
}
