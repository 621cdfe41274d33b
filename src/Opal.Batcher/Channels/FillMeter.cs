using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Tells whether a channel still fits its frames, compressing as seldom as it can (<see cref="ChannelCompressor"/>).</summary>
/// <remarks>
/// Only compressing the whole tells its size, so the shadow compressor does it when the channel might be over. As long as the size measured last and the
/// most that every block since may add stay below the target it is not. Blocks that repeat each other add much less than that: there it is enough that
/// the growth seen so far, with a reserve, stays below, until the content is half as long again as when it was measured. So a channel takes a few
/// measurements, and one for each of the last blocks.
/// </remarks>
internal sealed class FillMeter(IChannelEncoder encoder, BatcherOptions options, int target)
{
    /// <summary>The reserve over the growth seen so far.</summary>
    private const double Reserve = 1.25;

    private int _measured, _contentMeasured;
    private long _bound, _boundBefore; // the most that was added since the last measurement, and without the last block
    private double _growth = 1; // compressed bytes a byte of the bound, as seen between the last two measurements

    /// <summary>Adds a block.</summary>
    public FillState Add(Block block)
    {
        _boundBefore = _bound;
        int bound = encoder.Add(block);
        _bound = bound == int.MaxValue ? int.MaxValue : _bound + bound;
        if (encoder.ContentBytes > encoder.MaxContentBytes) return FillState.Over;
        return options.Compressor switch
        {
            ChannelCompressor.Ratio => StateOf((long)(encoder.ContentBytes * options.ApproxCompressionRatio)),
            ChannelCompressor.None => StateOf(ChannelContent.StoredBound(encoder.ContentBytes) + ZlibFrame),
            _ => Measure(),
        };
    }

    /// <summary>The two bytes in front of a zlib stream and the four behind it.</summary>
    private const int ZlibFrame = 6;

    /// <summary>Takes out the block added last.</summary>
    public void RemoveLast()
    {
        encoder.RemoveLast();
        _bound = _boundBefore;
    }

    private FillState StateOf(long bytes) => bytes > target ? FillState.Over : bytes == target ? FillState.Full : FillState.Room;

    private FillState Measure()
    {
        if (_measured + _bound <= target - ZlibFrame) return FillState.Room;
        bool isDoubtful = encoder.ContentBytes > _contentMeasured + (_contentMeasured / 2);
        if (_measured > 0 && !isDoubtful && _measured + (_growth * Reserve * _bound) <= target) return FillState.Room;
        int size = encoder.Compress().Length;
        if (size > target) return FillState.Over;
        if (_bound is > 0 and < int.MaxValue) _growth = Math.Clamp((double)(size - _measured) / _bound, 0, 1);
        _measured = size;
        _contentMeasured = encoder.ContentBytes;
        _bound = 0;
        return size == target ? FillState.Full : FillState.Room;
    }
}
