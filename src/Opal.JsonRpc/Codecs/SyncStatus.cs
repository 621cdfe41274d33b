using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>How far a rollup node has come (<c>optimism_syncStatus</c>).</summary>
public sealed record SyncStatus
{
    /// <summary>The L1 block that derivation works on.</summary>
    public L1BlockRef CurrentL1 { get; init; }

    /// <summary>The L1 head.</summary>
    public L1BlockRef HeadL1 { get; init; }

    /// <summary>The L1 safe head.</summary>
    public L1BlockRef SafeL1 { get; init; }

    /// <summary>The L1 finalized head.</summary>
    public L1BlockRef FinalizedL1 { get; init; }

    /// <summary>The newest L2 block known.</summary>
    public L2BlockRef UnsafeL2 { get; init; }

    /// <summary>The newest L2 block derived from L1.</summary>
    public L2BlockRef SafeL2 { get; init; }

    /// <summary>The newest L2 block derived from finalized L1 blocks.</summary>
    public L2BlockRef FinalizedL2 { get; init; }

    /// <summary>The newest L2 block derived from L1, the middle of a span batch included.</summary>
    public L2BlockRef PendingSafeL2 { get; init; }
}
