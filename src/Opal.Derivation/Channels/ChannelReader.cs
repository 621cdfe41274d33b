using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Decompresses channels and reads batches out of them (derivation.md#channel-reader-batch-decoding).</summary>
internal sealed class ChannelReader(RollupConfig config, L1Traversal traversal, IDerivationObserver observer)
{
    private const byte BrotliChannel = 0x01;

    private readonly Inflate _inflate = new();
    private readonly BrotliDecoder _brotli = new();
    private readonly DecompressionBuffer _content = new();
    private readonly DeliveryModel _delivery = new();
    private ChannelId _channel;
    private CompressionStatus _end;
    private int _position;
    private bool _isOpen;

    /// <summary>Where channels come from; exchanged at Holocene.</summary>
    public required IChannelSource Source { get; set; }

    /// <summary>Whether a channel is being read.</summary>
    public bool IsReading => _isOpen;

    /// <summary>Forgets the rest of the channel.</summary>
    public void Reset() => _isOpen = false;

    /// <summary>Forgets the rest of the channel because a batch was invalid.</summary>
    public void Flush()
    {
        if (_isOpen) observer.ChannelDropped(traversal.Origin, _channel, ChannelRule.Flushed);
        _isOpen = false;
    }

    public Pull Next(out Batch batch)
    {
        batch = default;
        if (!_isOpen)
        {
            Pull pulled = Source.Next(out RawChannel channel);
            if (pulled != Pull.Yielded) return pulled;
            Open(channel);
            return Pull.Again;
        }

        ReadOnlySpan<byte> rest = _content.Written[_position..];
        if (rest.IsEmpty)
        {
            Close(RuleOfEnd);
            return Pull.Again;
        }

        var items = new RlpReader(rest);
        if (!items.TryReadBytes(out ReadOnlySpan<byte> item) || item.IsEmpty)
        {
            Close(items.Error == RlpError.Truncated && _end == CompressionStatus.LimitReached ? ChannelRule.RlpLimit : ChannelRule.MalformedItem);
            return Pull.Again;
        }

        int length = rest.Length - items.Rest.Length;
        int contentLength = length == 1 ? 0 : item.Length; // a byte below 0x80 is its own header
        if (!_delivery.TryRead(length - contentLength, contentLength))
        {
            Close(RuleOfEnd);
            return Pull.Again;
        }

        _position += length;
        return Decode(item, out batch);
    }

    /// <summary>How the compressed stream ended.</summary>
    private ChannelRule RuleOfEnd => _end switch
    {
        CompressionStatus.Truncated => ChannelRule.CompressionTruncated,
        CompressionStatus.LimitReached => ChannelRule.RlpLimit,
        CompressionStatus.Complete => ChannelRule.None,
        _ => ChannelRule.CompressionCorrupt,
    };

    private Pull Decode(ReadOnlySpan<byte> item, out Batch batch)
    {
        batch = default;
        ReadOnlySpan<byte> content = item[1..];
        switch (item[0])
        {
            case SingularBatch.Version:
                if (!SingularBatch.TryDecode(content, out SingularBatch? singular))
                {
                    Close(ChannelRule.MalformedSingularBatch);
                    return Pull.Again;
                }

                batch = new Batch(singular, null, traversal.Origin);
                return Pull.Yielded;

            case SpanBatch.Version:
                return DecodeSpan(content, out batch);

            default:
                Close(ChannelRule.UnknownBatchVersion);
                return Pull.Again;
        }
    }

    private Pull DecodeSpan(ReadOnlySpan<byte> content, out Batch batch)
    {
        batch = default;
        SpanDecodeResult result = SpanBatchDecoder.Decode(content, config, out SpanBatch? span);
        if (result == SpanDecodeResult.Malformed)
        {
            Close(ChannelRule.MalformedSpanBatch);
            return Pull.Again;
        }

        if (!config.IsActive(OptimismFork.Delta, traversal.Time))
        {
            observer.BatchChecked(traversal.Origin, BatchKind.Span, span?.Timestamp ?? 0, BatchCheck.Drop(BatchRule.SpanBeforeDeltaInReader));
            return Pull.Again;
        }

        if (result == SpanDecodeResult.NotRebuildable)
        {
            observer.BatchChecked(traversal.Origin, BatchKind.Span, 0, BatchCheck.Drop(BatchRule.SpanRebuildFailed));
            return Pull.Again;
        }

        batch = new Batch(null, span, traversal.Origin);
        return Pull.Yielded;
    }

    private void Open(in RawChannel channel)
    {
        _channel = channel.Id;
        ReadOnlySpan<byte> data = channel.Data.Span;
        if (data.IsEmpty)
        {
            observer.ChannelDropped(traversal.Origin, _channel, ChannelRule.Empty);
            return;
        }

        _content.Begin(DerivationParameters.MaxRlpBytesPerChannel(config, traversal.Time));
        if ((data[0] & 15) is 8 or 15)
        {
            _end = _inflate.DecompressZlib(data, _content);
            _delivery.Begin(_inflate.FlushPoints, _content.Length, isFaulty: _end is not (CompressionStatus.Complete or CompressionStatus.LimitReached));
        }
        else if (data[0] != BrotliChannel)
        {
            observer.ChannelDropped(traversal.Origin, _channel, ChannelRule.UnknownCompression);
            return;
        }
        else if (!config.IsActive(OptimismFork.Fjord, traversal.Time))
        {
            observer.ChannelDropped(traversal.Origin, _channel, ChannelRule.BrotliBeforeFjord);
            return;
        }
        else
        {
            _end = _brotli.Decompress(data[1..], _content);
            _delivery.Begin([], _content.Length, isFaulty: false);
        }

        if (_end == CompressionStatus.BadHeader)
        {
            observer.ChannelDropped(traversal.Origin, _channel, ChannelRule.BadCompressionHeader);
            return;
        }

        _position = 0;
        _isOpen = true;
        observer.ChannelRead(traversal.Origin, _channel, data.Length, _content.Length);
    }

    private void Close(ChannelRule rule)
    {
        if (rule != ChannelRule.None) observer.ChannelDropped(traversal.Origin, _channel, rule);
        _isOpen = false;
    }
}
