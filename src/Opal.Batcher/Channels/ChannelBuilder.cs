using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Collects blocks until the compressed channel fills its frames, then cuts it.</summary>
internal sealed class ChannelBuilder
{
    /// <summary>A blob costs the same full or empty: a channel that would leave more than two hundredths of its blobs empty takes another blob instead of closing.</summary>
    private const double LeastFill = 0.98;

    /// <summary>The most frames that it takes beyond the target for that.</summary>
    private const int MostExtraFrames = 5;

    private readonly List<Block> _blocks = [];
    private readonly BatcherOptions _options;
    private readonly IChannelEncoder _encoder;
    private readonly FillMeter _meter;
    private readonly int _mostFrames;

    public ChannelBuilder(ChannelId id, IChannelCodec codec, BatcherOptions options, ulong openedAtL1Block, bool asBlobs)
    {
        Id = id;
        OpenedAtL1Block = openedAtL1Block;
        AsBlobs = asBlobs;
        _options = options;
        _encoder = codec.Open();
        _meter = new FillMeter(_encoder, options, FrameCutter.DataBytes(options.CarrierBytes(asBlobs)), Math.Max(1, options.TargetFrames));
        _mostFrames = _meter.Frames + (asBlobs && options.Compressor != ChannelCompressor.Ratio ? MostExtraFrames : 0);
    }

    public ChannelId Id { get; }

    /// <summary>The L1 head when the channel's first block was made, as far as that is known.</summary>
    public ulong OpenedAtL1Block { get; }

    public IReadOnlyList<Block> Blocks => _blocks;

    /// <summary>Whether the frames will go into blobs.</summary>
    public bool AsBlobs { get; }

    /// <summary>Whether blocks may go into span batches, each of which is dropped as a whole when its first block comes too late.</summary>
    public bool MayHoldSpans { get; init; }

    /// <summary>What the blocks are estimated to take on L1.</summary>
    public long EstimatedBytes { get; private set; }

    /// <summary>Whether the channel fills its frames.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Adds the next block if the channel then still fits its frames. The first one is taken whatever its size.</summary>
    /// <param name="block">The block.</param>
    /// <param name="estimatedBytes">What it is estimated to take on L1.</param>
    /// <returns>False: the channel is full and the block has to go into the next one.</returns>
    public bool TryAdd(Block block, long estimatedBytes)
    {
        if (IsFull) return false;
        FillState state = _meter.Add(block);
        if (_blocks.Count == 0) state = ExtendToFit(state);
        while (_blocks.Count > 0 && state is FillState.Over or FillState.TooLong)
        {
            _meter.RemoveLast();
            if (state == FillState.TooLong || !IsWorthAnotherFrame())
            {
                IsFull = true;
                return false;
            }

            _meter.Extend();
            state = _meter.Add(block);
        }

        IsFull = state != FillState.Room;
        _blocks.Add(block);
        EstimatedBytes += estimatedBytes;
        return true;
    }

    /// <summary>Gives the first block the frames that it needs, as far as a channel may have them.</summary>
    private FillState ExtendToFit(FillState state)
    {
        while (state == FillState.Over && _meter.Frames < _mostFrames)
        {
            _meter.Extend();
            state = _meter.State();
        }

        return state;
    }

    /// <summary>Whether closing now would leave too much of the frames empty, or, where an estimate was wrong, a frame with next to nothing in it.</summary>
    private bool IsWorthAnotherFrame()
    {
        if (_meter.Frames >= _mostFrames) return false;
        int size = _meter.Confirm();
        return size > _meter.Target || size < LeastFill * _meter.Target;
    }

    /// <summary>Compresses the channel for good and cuts it into frames.</summary>
    public ClosedChannel Close(ChannelCloseReason reason) =>
        new(Id, [.. _blocks], FrameCutter.Cut(Id, _encoder.Compress(), _options.CarrierBytes(AsBlobs)), reason, AsBlobs, EstimatedBytes);
}
