using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Tells whether a channel still fits its frames, compressing as seldom as it can (<see cref="ChannelCompressor"/>).</summary>
/// <remarks>
/// Only compressing the whole tells its size, so the shadow compressor asks for it when the channel might be over: not while the size known last and the
/// most that every block since may add stay below the target. Where blocks repeat each other over and over they add next to nothing of that: there it is
/// enough that twice the growth seen so far stays well below, until the content is a quarter longer. It asks for the quick estimate first: how far that is from the
/// true size is known from the one time that both were measured, and within a channel it hardly changes. So a large channel is truly compressed two or three
/// times.
/// </remarks>
internal sealed class FillMeter(IChannelEncoder encoder, BatcherOptions options, int frameBytes, int frames)
{
    /// <summary>The growth, in compressed bytes for a byte of what was said to be the most, below which blocks are taken to repeat each other.</summary>
    private const double GrowthOfRepetition = 0.2;

    /// <summary>What the true size may be over an estimate before the two were compared.</summary>
    private const double UnknownFactor = 1.02;

    /// <summary>The share by which an estimate may be wrong after that.</summary>
    private const double Doubt = 0.0025;

    /// <summary>Below this many bytes compressing takes no time worth saving, and an estimate would be off by too much.</summary>
    private const int LeastEstimated = 64_000;

    /// <summary>The two bytes in front of a zlib stream and the four behind it.</summary>
    private const int ZlibFrame = 6;

    private int _known, _contentKnown; // the size known last, or something above it, and the content then
    private long _bound, _boundBefore; // the most that was added since, and without the last block
    private long _boundTotal; // the most that was added up to the size known last
    private double _growth = 1; // compressed bytes a byte of that
    private double? _factor; // the true size over the estimate

    /// <summary>The frames that the channel may fill.</summary>
    public int Frames { get; private set; } = frames;

    /// <summary>The compressed bytes that fill the frames.</summary>
    public long Target => (long)frameBytes * Frames;

    /// <summary>Gives the channel one more frame.</summary>
    public void Extend() => Frames++;

    /// <summary>Adds a block.</summary>
    public FillState Add(Block block)
    {
        _boundBefore = _bound;
        int bound = encoder.Add(block);
        _bound += bound;
        return State();
    }

    /// <summary>The true size, by compressing.</summary>
    public int Confirm()
    {
        int size = encoder.Compress().Length;
        Note(size, size);
        return size;
    }

    /// <summary>How the channel stands to its frames.</summary>
    public FillState State()
    {
        if (encoder.ContentBytes > encoder.MaxContentBytes) return FillState.TooLong;
        return options.Compressor switch
        {
            ChannelCompressor.Ratio => Known((int)(encoder.ContentBytes * options.ApproxCompressionRatio)),
            ChannelCompressor.None => Known(ChannelContent.StoredBound(encoder.ContentBytes) + ZlibFrame),
            _ => Measure(),
        };
    }

    /// <summary>Takes out the block added last.</summary>
    public void RemoveLast()
    {
        encoder.RemoveLast();
        _bound = _boundBefore;
    }

    private FillState Measure()
    {
        if (_known + _bound <= Target - ZlibFrame) return FillState.Room;
        bool isRecent = encoder.ContentBytes <= _contentKnown + (_contentKnown / 4);
        if (_growth < GrowthOfRepetition && isRecent && _known + (2 * _growth * _bound) <= 0.99 * Target) return FillState.Room;
        if (Target < LeastEstimated) return Known(encoder.Compress().Length);
        int estimate = encoder.Estimate();
        double most = estimate * (_factor * (1 + Doubt) ?? UnknownFactor);
        if (most <= Target) return Known((int)Math.Ceiling(most), estimate * (_factor ?? 1));
        if (_factor is { } factor && estimate * factor * (1 - Doubt) > Target) return FillState.Over;
        int size = encoder.Compress().Length;
        _factor = (double)size / estimate;
        return Known(size);
    }

    private FillState Known(int size) => Known(size, size);

    private FillState Known(int size, double likely)
    {
        if (size > Target) return FillState.Over;
        Note(size, likely);
        return size == Target ? FillState.Full : FillState.Room;
    }

    private void Note(int size, double likely)
    {
        _boundTotal += _bound;
        _growth = likely / Math.Max(1, _boundTotal);
        _known = size;
        _contentKnown = encoder.ContentBytes;
        _bound = 0;
        _boundBefore = 0;
    }
}
