namespace Opal.Protocol;

/// <summary>What the builder decides by itself, beside the payload attributes.</summary>
public sealed record BuildOptions
{
    /// <summary>The gas limit that an L1 block moves towards, where the attributes have none; null keeps the parent's.</summary>
    public ulong? GasLimitTarget { get; init; }

    /// <summary>An L1 block's extra data, at most 32 bytes.</summary>
    public byte[] ExtraData { get; init; } = [];

    /// <summary>The largest estimated DA size in bytes of a pool transaction; null is no limit.</summary>
    public ulong? MaxDATransactionSize { get; init; }

    /// <summary>The largest estimated DA size in bytes of a block's pool transactions with its forced ones; null is no limit.</summary>
    public ulong? MaxDABlockSize { get; init; }

    /// <summary>The most blobs to take into an L1 block; null is the fork's maximum.</summary>
    public ulong? MaxBlobs { get; init; }

    /// <summary>The defaults.</summary>
    public static BuildOptions Default { get; } = new();
}
