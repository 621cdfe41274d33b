namespace Opal.Benchmarks;

/// <summary>What a peer took for the same work.</summary>
/// <param name="Name">The peer.</param>
/// <param name="Times">Seconds per run, without what connection and driver cost; null when its result was wrong.</param>
/// <param name="Loop">How many runs one request did.</param>
/// <param name="IsUnsure">Whether the work is hardly longer than what the connection's cost varies.</param>
/// <param name="Problem">Why the figure does not count; null when it does.</param>
internal sealed record PeerTimes(string Name, Samples? Times, int Loop = 1, bool IsUnsure = false, string? Problem = null);
