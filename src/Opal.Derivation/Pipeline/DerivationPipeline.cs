using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>L1 blocks in, payload attributes out: the whole derivation as a state machine that does no I/O.</summary>
/// <remarks>
/// The caller steps it and answers what it asks for. A request stands until it is answered: stepping again repeats it. An answer
/// that fits no request is refused with false. Providers' failures are not reported: the caller retries.
/// Spec: derivation.md#architecture.
/// </remarks>
public sealed partial class DerivationPipeline
{
    /// <summary>A pipeline that asks to be reset first.</summary>
    public DerivationPipeline(RollupConfig config, ICrypto crypto, AttributesBuilder attributes, IDerivationObserver observer) => throw new NotImplementedException();

    /// <summary>The L1 block being traversed. Everything before it is drained.</summary>
    public L1BlockRef Origin => throw new NotImplementedException();

    /// <summary>The newest block that is derived for good.</summary>
    public L2BlockRef SafeHead => throw new NotImplementedException();

    /// <summary>The newest accepted block: ahead of <see cref="SafeHead"/> only inside a span before Holocene.</summary>
    public L2BlockRef PendingSafeHead => throw new NotImplementedException();

    /// <summary>Goes on until something is made or needed.</summary>
    public DerivationStep Step() => throw new NotImplementedException();

    /// <summary>Starts over: derive on top of <paramref name="safe"/>, reading L1 from <paramref name="start"/> on with the batcher key of <paramref name="startConfig"/> (<see cref="ResetWalk"/> finds these).</summary>
    public void Reset(L2BlockRef safe, SystemConfig startConfig, L1BlockRef start) => throw new NotImplementedException();

    /// <summary>Answers <see cref="NeedL1Block"/>. Also accepted unasked for as the epoch's block.</summary>
    public bool Provide(L1Block block) => throw new NotImplementedException();

    /// <summary>Answers <see cref="NeedL1Receipts"/>.</summary>
    public bool Provide(L1Receipts receipts) => throw new NotImplementedException();

    /// <summary>Answers <see cref="NeedBlobs"/>.</summary>
    public bool Provide(L1Blobs blobs) => throw new NotImplementedException();

    /// <summary>Answers <see cref="NeedL2Block"/> and <see cref="NeedL2BlockByHash"/>.</summary>
    public bool Provide(Block block) => throw new NotImplementedException();

    /// <summary>Answers the standing request: what was asked for does not exist (yet). Not for failures of the provider.</summary>
    /// <remarks>A missing L1 block at a height makes the pipeline idle for one step; anything missing that was asked for by hash, and missing blobs, need a reset.</remarks>
    public void ProvideMissing() => throw new NotImplementedException();

    /// <summary>The engine has the block made from the prepared attributes (built, or found equal to an unsafe block).</summary>
    public void AttributesAccepted(L2BlockRef block) => throw new NotImplementedException();

    /// <summary>The engine refuses the attributes as invalid. From Holocene on the same attributes with deposits only are prepared next.</summary>
    public void AttributesRejected() => throw new NotImplementedException();
}
