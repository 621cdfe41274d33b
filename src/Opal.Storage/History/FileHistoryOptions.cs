namespace Opal.Storage;

/// <summary>How a <see cref="FileHistoryLog"/> is kept.</summary>
public sealed record FileHistoryOptions
{
    /// <summary>See <see cref="FileFrameLogOptions.MaxFileSize"/>; what is pruned is pruned by such files.</summary>
    public long MaxFileSize { get; init; } = 64 << 20;

    /// <summary>Entries after which the index in memory (some 32 bytes an entry) becomes a segment on disk.</summary>
    public int SealAt { get; init; } = 1 << 20;

    /// <summary>Whether <see cref="IHistoryLog.KeysBetween"/> is quick: 16 bytes more of index for each distinct key of a segment. Without, it reads all blocks.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>
    /// The size of the prefix of a key, by its first byte, that bounds asked for have in common: between bounds with one prefix
    /// <see cref="IHistoryLog.KeysBetween"/> is quick. By default 1 byte for keys that begin with 0, and 33 for others (a kind and a hash).
    /// It must not change while there are segments.
    /// </summary>
    public Func<byte, int> PrefixSize { get; init; } = static first => first == 0 ? 1 : 33;

    /// <summary>Told in a sentence what opening had to mend, and what failed in the background.</summary>
    public Action<string>? Report { get; init; }
}
