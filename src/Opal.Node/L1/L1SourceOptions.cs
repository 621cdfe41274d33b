namespace Opal.Node;

/// <summary>How <see cref="RpcL1Source"/> asks its endpoints.</summary>
public sealed record L1SourceOptions
{
    /// <summary>How often all endpoints are gone through before a question fails, at least 1.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>The wait between the first two rounds; it doubles from one to the next.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait between rounds, where endpoints ask for one.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The age of an endpoint's head from which on the other endpoints are asked for theirs.</summary>
    public TimeSpan OldHead { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The least time an endpoint has for an answer before another one is asked too.</summary>
    public TimeSpan LeastPatience { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The clock of waits and latencies.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
