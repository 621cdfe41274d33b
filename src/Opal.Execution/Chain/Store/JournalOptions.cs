namespace Opal.Execution;

/// <summary>How a <see cref="JournalBlockStore"/> behaves.</summary>
public sealed record JournalOptions
{
    /// <summary>Blocks behind the head whose transactions are found by hash; 0 keeps all.</summary>
    public ulong TransactionHistory { get; init; }

    /// <summary>Blocks behind the head that are found by hash without an index, canonical or not; older ones that are not canonical are forgotten.</summary>
    public ulong RecentBlocks { get; init; } = 1024;

    /// <summary>Non-canonical blocks known at most; the oldest make room.</summary>
    public int MaxSideBlocks { get; init; } = 4096;

    /// <summary>Blocks behind the head whose transactions are found without an index.</summary>
    public ulong RecentTransactionBlocks { get; init; } = 256;

    /// <summary>Moves of the head, and bytes of the journal, after which the tables are brought up to date: what a restart has to scan.</summary>
    public int CheckpointBlocks { get; init; } = 64;

    /// <summary>See <see cref="CheckpointBlocks"/>.</summary>
    public long CheckpointBytes { get; init; } = 32L << 20;

    /// <summary>Blocks kept decoded.</summary>
    public int CachedBlocks { get; init; } = 512;

    /// <summary>The size of the blocks kept decoded, as encoded, in bytes.</summary>
    public long CachedBytes { get; init; } = 48L << 20;

    /// <summary>Blocks behind the head before a section of the log index is completed.</summary>
    public ulong SectionDepth { get; init; } = 1024;
}
