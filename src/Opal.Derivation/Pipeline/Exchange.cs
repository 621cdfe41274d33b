using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>What the stages share: the standing request, the answers, and how the run ended.</summary>
internal sealed class Exchange
{
    /// <summary>The standing request.</summary>
    public DerivationStep? Request { get; private set; }

    /// <summary>Why the run ended: <see cref="ResetNeeded"/> or <see cref="DerivationStopped"/>.</summary>
    public DerivationStep? End { get; private set; }

    /// <summary>The answers taken in and not yet used.</summary>
    public L1Block? Block { get; set; }

    public L1Receipts? Receipts { get; set; }

    public L1Blobs? Blobs { get; set; }

    /// <summary>L2 blocks given, by number and by hash, for the check under way.</summary>
    public Dictionary<ulong, Block> SafeBlocks { get; } = [];

    public Block? BlockByHash { get; set; }

    public Pull Ask(DerivationStep request)
    {
        Request = request;
        return Pull.Blocked;
    }

    public void Answered() => Request = null;

    public Pull Reset(ResetReason reason)
    {
        End = new ResetNeeded(reason);
        return Pull.Ended;
    }

    public Pull Stop(StopReason reason)
    {
        End = new DerivationStopped(reason);
        return Pull.Ended;
    }

    public void Clear()
    {
        Request = null;
        End = null;
        Block = null;
        Receipts = null;
        Blobs = null;
        BlockByHash = null;
        SafeBlocks.Clear();
    }
}
