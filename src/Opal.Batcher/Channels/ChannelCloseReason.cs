namespace Opal.Batcher;

/// <summary>Why a channel was closed.</summary>
public enum ChannelCloseReason : byte
{
    /// <summary>Its frames are full.</summary>
    Full,
    /// <summary>It was open for the maximal duration.</summary>
    Duration,
    /// <summary>The end of the sequencing window of its first block is near.</summary>
    Safety,
    /// <summary>The operator asked: flush or stop.</summary>
    Flush,
}
