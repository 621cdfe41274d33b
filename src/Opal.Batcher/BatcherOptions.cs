using Opal.Primitives;

namespace Opal.Batcher;

/// <summary>Where batcher transactions carry their frames.</summary>
public enum DataAvailabilityType : byte
{
    /// <summary>In the calldata of ordinary transactions.</summary>
    Calldata,
    /// <summary>In EIP-4844 blobs.</summary>
    Blobs,
    /// <summary>Wherever a channel costs less at L1's prices when it is opened.</summary>
    Auto,
}

/// <summary>How blocks are batched.</summary>
public enum BatchType : byte
{
    /// <summary>One batch a block (batch version 0).</summary>
    Singular = 0,
    /// <summary>One batch for all blocks of a channel (batch version 1, from Delta on).</summary>
    Span = 1,
}

/// <summary>How channels are compressed.</summary>
public enum ChannelCompression : byte
{
    Zlib,
    /// <summary>From Fjord on.</summary>
    Brotli,
}

/// <summary>How it is found out that a channel is full.</summary>
public enum ChannelCompressor : byte
{
    /// <summary>Compresses in the shadow until the real size fills the frames.</summary>
    Shadow,
    /// <summary>Reckons with a ratio (<see cref="BatcherOptions.ApproxCompressionRatio"/>).</summary>
    Ratio,
    /// <summary>Counts every byte as it is.</summary>
    None,
}

/// <summary>What the batcher can be told; defaults as op-batcher's, except where a safer one exists.</summary>
public sealed record BatcherOptions
{
    /// <summary>How often L2 is looked at.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Where frames go.</summary>
    public DataAvailabilityType DataAvailability { get; init; } = DataAvailabilityType.Calldata;

    /// <summary>Singular or span batches.</summary>
    public BatchType BatchType { get; init; } = BatchType.Singular;

    /// <summary>The compressor.</summary>
    public ChannelCompression Compression { get; init; } = ChannelCompression.Zlib;

    /// <summary>Brotli's quality, 9 to 11 (<c>brotli-9</c> …); <c>brotli</c> alone is 10.</summary>
    public int BrotliQuality { get; init; } = 10;

    /// <summary>How the batcher finds out that a channel is full.</summary>
    public ChannelCompressor Compressor { get; init; } = ChannelCompressor.Shadow;

    /// <summary>Compressed size over raw size, which the ratio compressor reckons with.</summary>
    public double ApproxCompressionRatio { get; init; } = 0.6;

    /// <summary>The most blocks of one span batch; 0: no limit.</summary>
    public int MaxBlocksPerSpanBatch { get; init; }

    /// <summary>The folder of the journal; null keeps none, and a batcher that is killed posts again what was on its way.</summary>
    public string? JournalDirectory { get; init; }

    /// <summary>L1 blocks searched at the start for transactions of the account, up to 128; 0: none.</summary>
    public int CheckRecentTransactionsDepth { get; init; }

    /// <summary>L1 blocks after which an open channel is closed; 0: only size and safety close it.</summary>
    public ulong MaxChannelDurationBlocks { get; init; }

    /// <summary>L1 blocks kept between a channel's closing and the end of its first block's sequencing window.</summary>
    public ulong SubSafetyMarginBlocks { get; init; } = 10;

    /// <summary>Transactions in flight at once; 0: unbounded.</summary>
    public int MaxPendingTransactions { get; init; } = 1;

    /// <summary>Frames a channel aims at; with blobs, the blobs of one transaction.</summary>
    public int TargetFrames { get; init; } = 1;

    /// <summary>The most bytes of one frame's transaction with calldata.</summary>
    public int MaxL1TransactionBytes { get; init; } = 120_000;

    /// <summary>Whether to wait at the start until the node has derived up to L1's head, so that what an earlier run posted is not posted twice.</summary>
    public bool WaitNodeSync { get; init; }

    /// <summary>Closed channels that may wait for L1 before no more blocks are loaded: bounds the memory that a backlog takes.</summary>
    public int MaxWaitingChannels { get; init; } = 4;

    /// <summary>Whether to begin only when <c>admin_startBatcher</c> is called.</summary>
    public bool StartStopped { get; init; }

    /// <summary>Where batcher transactions are sent: rollup.json's batch_inbox_address.</summary>
    public required Address BatchInbox { get; init; }

    /// <summary>L1 blocks a channel may take from its first frame to its last (rollup.json; 50 from Granite on).</summary>
    public ulong ChannelTimeoutBlocks { get; init; } = 50;

    /// <summary>The sequencing window in L1 blocks (rollup.json).</summary>
    public ulong SequencingWindowBlocks { get; init; } = 3600;

    /// <summary>The most bytes that one carrier (a transaction's calldata, or a blob) holds, version byte and frame overhead included.</summary>
    public int CarrierBytes(bool asBlobs) => asBlobs ? BlobDataBytes : MaxL1TransactionBytes;

    /// <summary>What a blob holds: (4·31 + 3)·1024 - 4 bytes.</summary>
    public const int BlobDataBytes = 130_044;
}
