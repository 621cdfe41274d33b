namespace Opal.Batcher;

/// <summary>Which rule makes a channel worthless after a block of L1.</summary>
public enum DeadlineRule : byte
{
    /// <summary>The sequencing window of the channel's first block ends (derivation.md#batch-queue).</summary>
    SequencingWindow,
    /// <summary>The channel was open for too long (derivation.md#channel-bank; granite/derivation.md).</summary>
    ChannelTimeout,
}
