namespace Opal.Batcher;

/// <summary>The rule by which a channel had no effect.</summary>
public enum LossRule : byte
{
    /// <summary>No rule explains it.</summary>
    Unknown,
    /// <summary>A transaction of it is not on L1 any more: L1 was reorganised, and it was not mined again.</summary>
    ReorgedOut,
    /// <summary>Its last frame came more than the channel timeout after its first (derivation.md#channel-bank).</summary>
    ChannelTimeout,
    /// <summary>It was complete only after the sequencing window of its first block (derivation.md#batch-queue).</summary>
    SequencingWindow,
    /// <summary>The account that sent it is not the SystemConfig's batcher (derivation.md#l1-retrieval).</summary>
    NotTheBatcher,
    /// <summary>It was not sent to the rollup's batch inbox.</summary>
    WrongInbox,
    /// <summary>Its frames are on L1 in another order than their numbers, or another channel begins between them (holocene/derivation.md#frame-queue).</summary>
    FramesOutOfOrder,
    /// <summary>The blocks before its own are not safe, or were on L1 only after it: batches must come in order (holocene/derivation.md#batch-queue).</summary>
    BehindMissingBlocks,
    /// <summary>Its blocks are not those of the L2 chain: their parent is another one.</summary>
    BlocksReplaced,
}
