using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Is told, synchronously, what the pipeline does and what it drops by which rule. Services make logs and metrics of it.</summary>
public interface IDerivationObserver
{
    /// <summary>Traversal entered an L1 block; the one before it is drained.</summary>
    void OriginAdvanced(in L1BlockRef origin);

    /// <summary>Data of a batcher transaction (calldata or one blob) was not usable.</summary>
    void DataDropped(in L1BlockRef origin, DataRule rule);

    /// <summary>A well-formed frame was not used.</summary>
    void FrameDropped(in L1BlockRef origin, in Frame frame, FrameRule rule);

    /// <summary>A channel, or the rest of one, was not used.</summary>
    void ChannelDropped(in L1BlockRef origin, in ChannelId channel, ChannelRule rule);

    /// <summary>A channel was complete and is being read.</summary>
    void ChannelRead(in L1BlockRef origin, in ChannelId channel, int compressedBytes, int decompressedBytes);

    /// <summary>A batch was judged: dropped, past, in the future or undecided, with the rule that decided; or accepted.</summary>
    void BatchChecked(in L1BlockRef origin, BatchKind kind, ulong timestamp, in BatchCheck check);

    /// <summary>A system config log was not applied.</summary>
    void SystemConfigUpdateSkipped(in BlockId l1Block, int logIndex);

    /// <summary>The window of an epoch ran out and an empty batch was made.</summary>
    void EmptyBatchForced(in L1BlockRef origin, in BlockId epoch, ulong timestamp);
}

/// <summary>Single block, range of blocks, or one block out of a range.</summary>
public enum BatchKind : byte
{
    Singular,
    Span,
    SpanElement,
}
