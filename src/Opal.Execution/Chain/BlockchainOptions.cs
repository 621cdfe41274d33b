namespace Opal.Execution;

/// <summary>How much a <see cref="Blockchain"/> keeps. Where blocks are on disk, they all stay, and only <see cref="MaxInvalidBlocks"/> applies.</summary>
public sealed record BlockchainOptions
{
    /// <summary>Blocks behind the head whose non-canonical siblings are kept. Older ones can never become canonical again.</summary>
    public ulong SideBlockDepth { get; init; } = 1024;

    /// <summary>Non-canonical blocks kept at most; the oldest make room.</summary>
    public int MaxSideBlocks { get; init; } = 4096;

    /// <summary>Canonical blocks kept behind the head, with bodies and receipts; 0 keeps all. Blocks that are not final yet, and the genesis block, always stay.</summary>
    public ulong KeptBlocks { get; init; }

    /// <summary>Transactions kept in canonical blocks, with their receipts; 0 keeps all. Beyond it the oldest blocks go, under the same exceptions as for <see cref="KeptBlocks"/>.</summary>
    public int KeptTransactions { get; init; }

    /// <summary>Hashes of invalid blocks remembered.</summary>
    public int MaxInvalidBlocks { get; init; } = 256;
}
