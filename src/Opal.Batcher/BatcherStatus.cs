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

    /// <summary>How much of what its carriers hold was filled, percent.</summary>
    public double LastFillPercent { get; init; }

    /// <summary>Bytes of frames in all confirmed transactions.</summary>
    public long PostedBytes { get; init; }

    /// <summary>Blobs in all confirmed transactions.</summary>
    public long PostedBlobs { get; init; }

    /// <summary>Channels closed so far.</summary>
    public long ClosedChannels { get; init; }

    /// <summary>The number of the oldest L2 block handed over that is not wholly on L1; null when all are.</summary>
    public ulong? OldestNotOnL1 { get; init; }

    /// <summary>L2 blocks from the safe head to the unsafe head at the last look.</summary>
    public ulong SafeLag { get; init; }

    /// <summary>Channels in the journal that are not final.</summary>
    public int JournaledChannels { get; init; }

    /// <summary>Bytes of the journal.</summary>
    public long JournalBytes { get; init; }

    /// <summary>Channels that were posted and had no effect.</summary>
    public long Losses { get; init; }

    /// <summary>The newest of them, with the rule; null while there is none.</summary>
    public LossDiagnosis? LastLoss { get; init; }

    /// <summary>Channels closed with blocks that an earlier channel of this run carried, or was carrying, to L1: mostly such as were lost there.</summary>
    public long Reposts { get; init; }

    /// <summary>
    /// Channels by which L1 holds blocks twice to no end: their first block was safe before the node read them there, or another channel with some of their
    /// blocks is on L1 too and was not lost. A channel that comes again after it was lost is none.
    /// </summary>
    public long Duplicates { get; init; }

    /// <summary>What went wrong last; empty while all is well.</summary>
    public string Trouble { get; init; } = "";
}
