namespace Opal.Storage;

/// <summary>How a <see cref="FileFrameLog"/> is kept.</summary>
public sealed record FileFrameLogOptions
{
    /// <summary>A frame that would make a file longer begins a new one (a longer frame has a file of its own); at most 1 GiB.</summary>
    public long MaxFileSize { get; init; } = 64 << 20;

    /// <summary>Whether payloads over 512 bytes are compressed (Brotli, quality 1) where that pays.</summary>
    public bool Compress { get; init; }

    /// <summary>Told in a sentence what opening had to mend.</summary>
    public Action<string>? Report { get; init; }
}
