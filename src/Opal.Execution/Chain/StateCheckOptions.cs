namespace Opal.Execution;

/// <summary>How fast the state on disk is checked against its root while a client runs.</summary>
public sealed record StateCheckOptions
{
    /// <summary>How many times as long as a step took is rested after it: 40 costs at most one part in 41 of a core.</summary>
    public int RestRatio { get; init; } = 40;

    /// <summary>How long a pass over the whole state takes at least.</summary>
    public TimeSpan ShortestPass { get; init; } = TimeSpan.FromMinutes(10);
}
