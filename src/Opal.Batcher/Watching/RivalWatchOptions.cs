namespace Opal.Batcher;

/// <summary>How another program with the same key is looked for.</summary>
public sealed record RivalWatchOptions
{
    /// <summary>The time between two looks at L1.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>How long after its last transaction the alarm ends.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromHours(6);

    /// <summary>The most L1 blocks read at one look; after a longer pause the older ones are left out.</summary>
    public int MaxBlocks { get; init; } = 256;
}
