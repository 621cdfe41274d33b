using Opal.Protocol;

namespace Opal.Node;

/// <summary>A snapshot of the rollup node, swapped whole after every step. An L1 reference not known yet is all zeros, as in op-node.</summary>
/// <remarks>Spec: protocol/rollup-node.md#syncstatus.</remarks>
/// <param name="CurrentL1">The L1 block derivation reads now.</param>
/// <param name="CurrentL1Finalized">The finalized L1 block derivation goes by.</param>
/// <param name="HeadL1">L1's head.</param>
/// <param name="SafeL1">L1's safe block.</param>
/// <param name="FinalizedL1">L1's finalized block.</param>
/// <param name="UnsafeL2">Unsafe head.</param>
/// <param name="PendingSafeL2">Safe head and, before Holocene, the part of a span batch applied but not complete.</param>
/// <param name="SafeL2">Safe head.</param>
/// <param name="FinalizedL2">Finalized head.</param>
public sealed record SyncStatus(
    L1BlockRef CurrentL1,
    L1BlockRef CurrentL1Finalized,
    L1BlockRef HeadL1,
    L1BlockRef SafeL1,
    L1BlockRef FinalizedL1,
    L2BlockRef UnsafeL2,
    L2BlockRef PendingSafeL2,
    L2BlockRef SafeL2,
    L2BlockRef FinalizedL2)
{
    /// <summary>Nothing known yet.</summary>
    public static SyncStatus Empty { get; } = new(default, default, default, default, default, default, default, default, default);
}
