using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>What a step of the pipeline, or of the reset walk, came to: one thing it needs, one thing it made, or a state.</summary>
public abstract record DerivationStep;

/// <summary>The canonical L1 block at a height is needed: <see cref="DerivationPipeline.Provide(L1Block)"/>, or <see cref="DerivationPipeline.ProvideMissing"/> when it is not there yet.</summary>
public sealed record NeedL1Block(ulong Number) : DerivationStep;

/// <summary>The receipts of an L1 block, asked for by its hash, are needed: <see cref="DerivationPipeline.Provide(L1Receipts)"/>. A missing block is a reorg.</summary>
public sealed record NeedL1Receipts(L1BlockRef Block) : DerivationStep;

/// <summary>The blobs of an L1 block with these versioned hashes, in this order, are needed: <see cref="DerivationPipeline.Provide(L1Blobs)"/>.</summary>
/// <remarks>The caller checks each blob against its versioned hash; a blob that does not match is the provider's fault and must not be handed over.</remarks>
/// <param name="Block">The L1 block.</param>
/// <param name="VersionedHashes">What is asked for.</param>
/// <param name="Indices">Which of the L1 block's blobs each of them is, counted over all blob transactions: what the Beacon API calls a sidecar's index.</param>
public sealed record NeedBlobs(L1BlockRef Block, IReadOnlyList<Hash256> VersionedHashes, IReadOnlyList<int> Indices) : DerivationStep;

/// <summary>The block at a height of the safe L2 chain is needed: <see cref="DerivationPipeline.Provide(Block)"/>.</summary>
public sealed record NeedL2Block(ulong Number) : DerivationStep;

/// <summary>The L2 block with a hash is needed: <see cref="DerivationPipeline.Provide(Block)"/>. A missing block means that the engine's chain changed.</summary>
public sealed record NeedL2BlockByHash(Hash256 Hash) : DerivationStep;

/// <summary>Only the place in the chain of the canonical L1 block at a height is needed (reset walk).</summary>
public sealed record NeedL1Ref(ulong Number) : DerivationStep;

/// <summary>The next block's inputs. Answer with <see cref="DerivationPipeline.AttributesAccepted"/> or <see cref="DerivationPipeline.AttributesRejected"/>; until then the step is repeated.</summary>
public sealed record PreparedAttributes(DerivedAttributes Attributes) : DerivationStep;

/// <summary>The pipeline's view no longer fits the chains: walk back (<see cref="ResetWalk"/>), then <see cref="DerivationPipeline.Reset"/>. Repeated until then.</summary>
public sealed record ResetNeeded(ResetReason Reason) : DerivationStep;

/// <summary>Nothing may follow: deriving on would lose deposits or split the chain. A human has to look.</summary>
public sealed record DerivationStopped(StopReason Reason) : DerivationStep;

/// <summary>All known L1 data is used up. The next step asks for the next L1 block again.</summary>
public sealed record Idle : DerivationStep
{
    /// <summary>The one value.</summary>
    public static Idle Instance { get; } = new();
}

/// <summary>Why a reset is needed.</summary>
public enum ResetReason : byte
{
    /// <summary>The pipeline was made and not yet given a start.</summary>
    NotStarted,
    /// <summary>The next L1 block's parent is not the current L1 block.</summary>
    L1Reorg,
    /// <summary>The start block is not canonical any more.</summary>
    StartBlockReorged,
    /// <summary>An L1 block known by its hash is gone.</summary>
    L1BlockGone,
    /// <summary>Blobs of an L1 block are gone, too few or too many.</summary>
    BlobsGone,
    /// <summary>An L2 block known by its hash is gone.</summary>
    L2BlockGone,
    /// <summary>An L2 block carries no L1 attributes deposit, or a wrong header.</summary>
    L2BlockMalformed,
    /// <summary>The epoch that batches are read for is neither the safe head's origin nor its successor.</summary>
    EpochOutOfStep,
    /// <summary>The parent's L1 origin is not the parent of the new origin, or has another hash.</summary>
    OriginMismatch,
    /// <summary>The batch's time or parent is not that of the next block.</summary>
    BatchOutOfStep,
    /// <summary>The block's time would be before its origin's.</summary>
    TimeBeforeOrigin,
    /// <summary>The caller reported an accepted block that does not follow the prepared attributes.</summary>
    AcceptedBlockMismatch,
}

/// <summary>Why derivation cannot go on at all.</summary>
public enum StopReason : byte
{
    /// <summary>A deposit log of the portal does not parse; deposits may never be skipped.</summary>
    MalformedDeposit,
    /// <summary>A block of nothing but deposits was refused by the engine.</summary>
    DepositsOnlyRejected,
    /// <summary>The system config holds a fee scalar that cannot be read.</summary>
    InvalidSystemConfig,
}
