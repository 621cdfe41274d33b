using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Finds where derivation starts: the heads that still fit L1, and the L1 block to read from. Does no I/O.</summary>
/// <remarks>
/// Steps are <see cref="NeedL2BlockByHash"/>, <see cref="NeedL1Ref"/>, then <see cref="ResetFound"/> or <see cref="ResetImpossible"/>.
/// Spec: derivation.md#resetting-the-pipeline; cases D-RS-01 to 10.
/// </remarks>
public sealed class ResetWalk
{
    /// <summary>A walk from the engine's labels. A missing finalized label is genesis, a missing safe label is finalized (<see langword="null"/> for both).</summary>
    public ResetWalk(RollupConfig config, AttributesBuilder attributes, L2BlockRef unsafeHead, L2BlockRef? safeHead, L2BlockRef? finalizedHead, L2BlockRef genesis) => throw new NotImplementedException();

    /// <summary>Goes on until something is needed or found.</summary>
    public DerivationStep Step() => throw new NotImplementedException();

    /// <summary>Answers <see cref="NeedL2BlockByHash"/>.</summary>
    public bool Provide(Block block) => throw new NotImplementedException();

    /// <summary>Answers <see cref="NeedL1Ref"/> with the canonical block at that height.</summary>
    public bool Provide(L1BlockRef block) => throw new NotImplementedException();

    /// <summary>Answers the standing request: there is no such block.</summary>
    public void ProvideMissing() => throw new NotImplementedException();
}
