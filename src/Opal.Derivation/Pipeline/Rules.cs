namespace Opal.Derivation;

/// <summary>Why batcher data was not usable as a whole.</summary>
public enum DataRule : byte
{
    None,
    /// <summary>There are no bytes.</summary>
    Empty,
    /// <summary>The version byte is not 0.</summary>
    UnknownVersion,
    /// <summary>Nothing follows the version byte.</summary>
    NoFrames,
    /// <summary>A frame ends early.</summary>
    TruncatedFrame,
    /// <summary>A frame states more than 1,000,000 bytes.</summary>
    FrameTooLong,
    /// <summary>A frame's is_last is neither 0 nor 1.</summary>
    InvalidIsLast,
    /// <summary>The blob does not have 131,072 bytes.</summary>
    BlobWrongSize,
    /// <summary>The blob's encoding version is not 0.</summary>
    BlobUnknownVersion,
    /// <summary>The blob states more than 130,044 bytes.</summary>
    BlobLengthTooLarge,
    /// <summary>One of the two highest bits of a field element is set.</summary>
    BlobHighBits,
    /// <summary>There are non-zero bytes behind the data of the blob.</summary>
    BlobTrailingData,
}

/// <summary>Why a well-formed frame was not used.</summary>
public enum FrameRule : byte
{
    None,
    /// <summary>Its channel timed out.</summary>
    ChannelTimedOut,
    /// <summary>The channel has a frame of this number.</summary>
    Duplicate,
    /// <summary>The channel has a closing frame already.</summary>
    DuplicateClose,
    /// <summary>Its number is at or behind the end of the closed channel.</summary>
    BeyondEnd,
    /// <summary>It is not the next frame of its channel (Holocene).</summary>
    OutOfOrder,
    /// <summary>It follows a frame of the same channel that was the last (Holocene).</summary>
    AfterLast,
    /// <summary>It continues no channel (Holocene).</summary>
    NoChannel,
    /// <summary>A first frame came before its channel was closed (Holocene).</summary>
    Superseded,
    /// <summary>The stages were exchanged at Holocene.</summary>
    StagesExchanged,
}

/// <summary>Why a channel, or the rest of it, was not used.</summary>
public enum ChannelRule : byte
{
    None,
    /// <summary>It stayed open for too many L1 blocks.</summary>
    TimedOut,
    /// <summary>The channel bank was full and it was the oldest.</summary>
    BankFull,
    /// <summary>Its compressed size is above the limit (Holocene).</summary>
    TooLarge,
    /// <summary>A new first frame took its place (Holocene).</summary>
    Replaced,
    /// <summary>It has no bytes.</summary>
    Empty,
    /// <summary>Its first byte names no compression.</summary>
    UnknownCompression,
    /// <summary>It is Brotli before Fjord.</summary>
    BrotliBeforeFjord,
    /// <summary>The zlib header is wrong.</summary>
    BadCompressionHeader,
    /// <summary>The compressed stream ends early; batches before that stand.</summary>
    CompressionTruncated,
    /// <summary>The compressed stream is corrupt; batches before that stand.</summary>
    CompressionCorrupt,
    /// <summary>The decompressed size passes the limit; batches before that stand.</summary>
    RlpLimit,
    /// <summary>An item is not a canonical RLP string.</summary>
    MalformedItem,
    /// <summary>A batch's version is unknown.</summary>
    UnknownBatchVersion,
    /// <summary>A singular batch does not parse.</summary>
    MalformedSingularBatch,
    /// <summary>A span batch's raw fields do not parse.</summary>
    MalformedSpanBatch,
    /// <summary>A batch from it was invalid (Holocene).</summary>
    Flushed,
    /// <summary>The stages were exchanged at Holocene.</summary>
    StagesExchanged,
}
