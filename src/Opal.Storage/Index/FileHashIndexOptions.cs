namespace Opal.Storage;

/// <summary>How a <see cref="FileHashIndex"/> is kept.</summary>
public sealed record FileHashIndexOptions
{
    /// <summary>Hashes after which the index in memory becomes a segment on disk.</summary>
    public int SealAt { get; init; } = 1 << 20;

    /// <summary>Told in a sentence what opening had to mend, and what failed in the background.</summary>
    public Action<string>? Report { get; init; }
}
