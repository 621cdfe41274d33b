using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Until when the last frame of a channel must be on L1 for the channel to count.</summary>
/// <remarks>
/// The first block decides for all: once its batch is dropped, those behind it do not fit the chain that the verifiers build instead (unless that is the
/// same, as with a sequencer in recovery, whose blocks are empty too). Its batch is dropped when the channel is completed in an L1 block above
/// <c>origin + sequencing window</c>; a channel is dropped in an L1 block above <c>block of its first frame + channel timeout</c>.
/// </remarks>
/// <param name="LastL1Block">The last L1 block that may hold the last frame.</param>
/// <param name="Rule">The rule that ends it there.</param>
/// <param name="SafetyMargin">L1 blocks before it at which the channel has to be closed and sent.</param>
public readonly record struct ChannelDeadline(ulong LastL1Block, DeadlineRule Rule, ulong SafetyMargin)
{
    /// <summary>Seconds between L1 blocks, for the question whether Granite's shorter timeout begins while a channel is open.</summary>
    private const ulong L1BlockSeconds = 12;

    /// <summary>The deadline of a channel that begins with a block.</summary>
    /// <param name="blocks">The channel's blocks, at least one.</param>
    /// <param name="config">The rollup: the window and the timeouts are consensus.</param>
    /// <param name="options">The margin.</param>
    /// <param name="firstInclusion">
    /// The L1 block that holds the channel's first frame. Null while none is on L1: then only the window ends it, since a channel's timeout begins
    /// with its first frame.
    /// </param>
    /// <exception cref="InvalidDataException">The first block has no L1 attributes deposit: it is not of a rollup.</exception>
    public static ChannelDeadline Of(IReadOnlyList<Block> blocks, RollupConfig config, BatcherOptions options, ulong? firstInclusion)
    {
        ChannelBlock first = ChannelBlock.Of(blocks[0]);
        return Of(first.Batch.EpochNumber, blocks[^1].Header.Timestamp, config, options.SubSafetyMarginBlocks, firstInclusion);
    }

    /// <summary>The deadline by numbers.</summary>
    /// <param name="firstOrigin">The number of the first block's L1 origin.</param>
    /// <param name="lastTimestamp">The last block's timestamp in seconds.</param>
    /// <param name="config">The rollup.</param>
    /// <param name="safetyMargin">L1 blocks kept before the deadline.</param>
    /// <param name="firstInclusion">The L1 block of the first frame, null before.</param>
    public static ChannelDeadline Of(ulong firstOrigin, ulong lastTimestamp, RollupConfig config, ulong safetyMargin, ulong? firstInclusion)
    {
        ulong window = firstOrigin + config.SequencingWindowSize;
        if (firstInclusion is not { } included) return new ChannelDeadline(window, DeadlineRule.SequencingWindow, safetyMargin);
        ulong timeout = included + TimeoutOf(config, lastTimestamp);
        return timeout < window
            ? new ChannelDeadline(timeout, DeadlineRule.ChannelTimeout, safetyMargin)
            : new ChannelDeadline(window, DeadlineRule.SequencingWindow, safetyMargin);
    }

    /// <summary>The timeout by the clock of the L1 blocks that the channel may still be open in; where Granite may begin among them, the shorter one.</summary>
    private static ulong TimeoutOf(RollupConfig config, ulong lastTimestamp)
    {
        ulong latest = lastTimestamp + (config.ChannelTimeoutBlocks * L1BlockSeconds);
        if (config.IsActive(OptimismFork.Granite, new L1InclusionTime(lastTimestamp))) return config.ChannelTimeoutGraniteBlocks;
        return config.IsActive(OptimismFork.Granite, new L1InclusionTime(latest))
            ? Math.Min(config.ChannelTimeoutGraniteBlocks, config.ChannelTimeoutBlocks)
            : config.ChannelTimeoutBlocks;
    }

    /// <summary>Whether the margin has begun: an open channel is closed now, and what waits is sent.</summary>
    /// <param name="l1Head">The newest L1 block's number.</param>
    public bool IsDue(ulong l1Head) => l1Head + SafetyMargin >= LastL1Block;

    /// <summary>Whether it cannot be met any more: what is sent now is included above the head at the earliest.</summary>
    /// <param name="l1Head">The newest L1 block's number.</param>
    public bool IsTooLate(ulong l1Head) => l1Head >= LastL1Block;
}
