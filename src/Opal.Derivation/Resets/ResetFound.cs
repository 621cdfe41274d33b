using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>The end of a <see cref="ResetWalk"/>: set the engine's forkchoice to the heads, then <see cref="DerivationPipeline.Reset"/>.</summary>
/// <param name="Unsafe">The new unsafe head.</param>
/// <param name="Safe">The new safe head.</param>
/// <param name="Finalized">The finalized head.</param>
/// <param name="Start">The L1 block to read from.</param>
/// <param name="StartConfig">The system config whose batcher key holds at <paramref name="Start"/>.</param>
public sealed record ResetFound(L2BlockRef Unsafe, L2BlockRef Safe, L2BlockRef Finalized, L1BlockRef Start, SystemConfig StartConfig) : DerivationStep;

/// <summary>The end of a <see cref="ResetWalk"/> that found no start.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Retry">Whether a later walk may succeed (the chains moved meanwhile).</param>
public sealed record ResetImpossible(ResetFailure Reason, bool Retry) : DerivationStep;

/// <summary>Why no start was found.</summary>
public enum ResetFailure : byte
{
    None,
    /// <summary>The L2 genesis block has another hash: wrong engine data or rollup config.</summary>
    WrongL2Genesis,
    /// <summary>The L1 block that the rollup begins at has another hash: wrong L1.</summary>
    WrongL1Genesis,
    /// <summary>The block at the finalized height is another one.</summary>
    FinalizedReorged,
    /// <summary>The L1 origin of the finalized block is not canonical: the L1 provider is wrong, or on a fork.</summary>
    FinalizedOriginReorged,
    /// <summary>The unsafe head would go back by more than 5 sequencing windows.</summary>
    TooDeep,
    /// <summary>The L1 origin jumps, or its parent is not the origin before it.</summary>
    InconsistentOrigin,
    /// <summary>A sequence number does not continue its epoch.</summary>
    InconsistentSequenceNumber,
    /// <summary>A block's L1 attributes or header do not parse.</summary>
    MalformedL2Block,
    /// <summary>A block needed is gone: the chain changed during the walk.</summary>
    BlockGone,
}
