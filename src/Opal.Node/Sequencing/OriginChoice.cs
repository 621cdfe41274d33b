using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Which L1 origin the next L2 block has.</summary>
public enum OriginChoice : byte
{
    /// <summary>The parent's.</summary>
    Keep,

    /// <summary>The L1 block after the parent's.</summary>
    Adopt,

    /// <summary>It cannot be said before the next L1 block is known.</summary>
    WaitForNext,
}

/// <summary>The rules by which a sequencer moves from epoch to epoch.</summary>
/// <remarks>
/// A block may not be older than its origin, so the next origin is adopted once its time is reached. Keeping an origin beyond the sequencer drift is allowed
/// only for blocks without transactions and only while the next origin's time lies ahead. Spec: protocol/derivation.md#batch-queue, fjord/derivation.md.
/// </remarks>
public static class OriginRules
{
    /// <summary>Whether a block at this time is too far ahead of its origin to hold transactions other than deposits.</summary>
    public static bool IsPastDrift(RollupConfig config, L2Time blockTime, ulong originTime)
    {
        ulong drift = DerivationParameters.MaxSequencerDrift(config, new L1OriginTime(originTime));
        return blockTime.Seconds > originTime && blockTime.Seconds - originTime > drift;
    }

    /// <summary>The choice for the block at a time.</summary>
    /// <param name="config">The rollup.</param>
    /// <param name="blockTime">The new block's time.</param>
    /// <param name="originTime">Time of the parent's origin.</param>
    /// <param name="nextOriginTime">Time of the L1 block after it; null while unknown or not confirmed enough.</param>
    /// <param name="mustKnowNext">Whether to wait for an unknown next origin even within the drift (recover mode).</param>
    public static OriginChoice Choose(RollupConfig config, L2Time blockTime, ulong originTime, ulong? nextOriginTime, bool mustKnowNext)
    {
        if (nextOriginTime is { } next) return next <= blockTime.Seconds ? OriginChoice.Adopt : OriginChoice.Keep;
        return mustKnowNext || IsPastDrift(config, blockTime, originTime) ? OriginChoice.WaitForNext : OriginChoice.Keep;
    }

    /// <summary>Whether the block must hold nothing but deposits, whatever the pool offers: beyond the drift, and activation blocks with upgrade transactions.</summary>
    public static bool MustBeEmpty(RollupConfig config, L2Time blockTime, ulong originTime)
    {
        if (IsPastDrift(config, blockTime, originTime)) return true;
        for (OptimismFork fork = OptimismFork.Ecotone; fork <= OptimismFork.Karst; fork++)
        {
            if (NetworkUpgrades.HasTransactions(fork) && config.IsActivationBlock(fork, blockTime)) return true;
        }

        return false;
    }
}
