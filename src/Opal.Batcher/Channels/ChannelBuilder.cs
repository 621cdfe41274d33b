using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Why a channel was closed.</summary>
public enum ChannelCloseReason : byte
{
    /// <summary>Its frames are full.</summary>
    Full,
    /// <summary>It was open for the maximal duration.</summary>
    Duration,
    /// <summary>Its timeout, or the end of the sequencing window of its first block, is near.</summary>
    Safety,
    /// <summary>The operator asked: flush or stop.</summary>
    Flush,
}

/// <summary>Collects blocks until the compressed channel fills its frames, then cuts it.</summary>
/// <remarks>
/// A span batch is compressed as a whole, so the size is known only by compressing. It is measured again whenever the raw bytes
/// added since the last measurement could fill what was missing; with the ratio seen so far that takes a handful of measurements.
/// </remarks>
internal sealed class ChannelBuilder
{
    private readonly IChannelCodec _codec;
    private readonly BatcherOptions _options;
    private readonly List<Block> _blocks = [];
    private long _raw;
    private long _rawSinceMeasure;
    private int _measured;

    public ChannelBuilder(ChannelId id, IChannelCodec codec, BatcherOptions options, ulong openedAtL1Block, bool asBlobs)
    {
        Id = id;
        _codec = codec;
        _options = options;
        OpenedAtL1Block = openedAtL1Block;
        AsBlobs = asBlobs;
    }

    public ChannelId Id { get; }

    /// <summary>The L1 head when the channel was opened.</summary>
    public ulong OpenedAtL1Block { get; }

    public IReadOnlyList<Block> Blocks => _blocks;

    /// <summary>Whether the frames will go into blobs.</summary>
    public bool AsBlobs { get; }

    /// <summary>What the blocks are estimated to take on L1.</summary>
    public long EstimatedBytes { get; private set; }

    /// <summary>
    /// Raw bytes at which a channel closes however well they compress: the protocol drops what a channel decompresses to beyond
    /// 10,000,000 bytes (100,000,000 from Fjord on), and the last block added may be some megabytes.
    /// </summary>
    private const long MaxRawBytes = 5_000_000;

    private int FrameDataBytes => _options.CarrierBytes(AsBlobs) - 1 - Frame.Overhead;

    /// <summary>The compressed bytes that the channel aims at.</summary>
    private int Target => _options.TargetFrames * FrameDataBytes;

    /// <summary>Whether the channel fills its frames.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Adds the next block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="estimatedBytes">What it is estimated to take on L1.</param>
    public void Add(Block block, long estimatedBytes)
    {
        _blocks.Add(block);
        EstimatedBytes += estimatedBytes;
        long raw = 70; // what a block costs without transactions, at most
        foreach (Transaction transaction in block.Transactions)
        {
            if (transaction.Type != TransactionType.Deposit) raw += transaction.Encoded.Length;
        }

        _raw += raw;
        _rawSinceMeasure += raw;
        if (_raw >= MaxRawBytes)
        {
            IsFull = true;
            return;
        }

        if (_measured + _rawSinceMeasure < Target) return;
        _measured = _codec.Encode(_blocks).Length;
        _rawSinceMeasure = 0;
        IsFull = _measured >= Target * 9L / 10;
    }

    /// <summary>Compresses the channel for good and cuts it into frames.</summary>
    public ClosedChannel Close(ChannelCloseReason reason)
    {
        byte[] data = _codec.Encode(_blocks);
        int frameData = FrameDataBytes;
        int count = Math.Max(1, (data.Length + frameData - 1) / frameData);
        var frames = new Frame[count];
        for (int i = 0; i < count; i++)
        {
            int at = i * frameData;
            frames[i] = new Frame(Id, checked((ushort)i), data.AsMemory(at, Math.Min(frameData, data.Length - at)), i == count - 1);
        }

        return new ClosedChannel(Id, [.. _blocks], frames, reason, AsBlobs, EstimatedBytes);
    }
}
