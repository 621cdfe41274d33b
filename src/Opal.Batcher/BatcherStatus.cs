namespace Opal.Batcher;

/// <summary>What the batcher is doing, for status tables.</summary>
public sealed record BatcherStatus
{
    /// <summary>Whether it posts.</summary>
    public bool Running { get; init; }

    /// <summary>Unsafe blocks that are in no closed channel.</summary>
    public int PendingBlocks { get; init; }

    /// <summary>What the blocks that are not wholly on L1 are estimated to take there, bytes.</summary>
    public long BacklogBytes { get; init; }

    /// <summary>L1 transactions on their way.</summary>
    public int InFlight { get; init; }

    /// <summary>Batcher transactions confirmed so far.</summary>
    public ulong Transactions { get; init; }

    /// <summary>The L1 block of the newest confirmed batcher transaction; null before the first.</summary>
    public ulong? LastL1Block { get; init; }

    /// <summary>The bytes of frames in it.</summary>
    public int LastBytes { get; init; }

    /// <summary>The blobs in it; 0 with calldata.</summary>
    public int LastBlobs { get; init; }

    /// <summary>What went wrong last; empty while all is well.</summary>
    public string Trouble { get; init; } = "";
}
