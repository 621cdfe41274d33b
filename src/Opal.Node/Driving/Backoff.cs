namespace Opal.Node;

/// <summary>
/// Spaces the retries of one activity: the first retry after a first wait, then doubling up to the longest wait;
/// success starts over. It never sleeps: it says when the next try is due.
/// </summary>
public sealed class Backoff
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _first;
    private readonly TimeSpan _longest;
    private TimeSpan _next;

    /// <summary>A back-off without failures.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="first">Wait after the first failure.</param>
    /// <param name="longest">Longest wait.</param>
    public Backoff(TimeProvider time, TimeSpan first, TimeSpan longest) => (_time, _first, _longest, _next) = (time, first, longest, first);

    /// <summary>When the next try is due; null when nothing has failed since the last success.</summary>
    public DateTimeOffset? NotBefore { get; private set; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; private set; }

    /// <summary>Whether a try is due now.</summary>
    public bool IsDue => NotBefore is not { } at || _time.GetUtcNow() >= at;

    /// <summary>Why the last try failed; null when nothing has failed since the last success.</summary>
    public string? Reason { get; private set; }

    /// <summary>A try failed.</summary>
    /// <param name="reason">Why, for those who ask.</param>
    public void Failed(string? reason = null)
    {
        Reason = reason ?? Reason;
        Failures++;
        NotBefore = _time.GetUtcNow() + _next;
        _next = _next + _next < _longest ? _next + _next : _longest;
    }

    /// <summary>The due time is past and nobody waits on it any more; the length of the next wait stays. No effect before the due time.</summary>
    public void Forget()
    {
        if (IsDue) NotBefore = null;
    }

    /// <summary>A try worked.</summary>
    public void Succeeded()
    {
        Failures = 0;
        Reason = null;
        NotBefore = null;
        _next = _first;
    }
}
