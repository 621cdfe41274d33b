using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Decompresses complete channels, one after the other, and reads the batches out of them (derivation.md#channel-reader-batch-decoding).</summary>
/// <remarks>It keeps its tables and buffers from channel to channel, and is not for two threads at once.</remarks>
public sealed class ChannelDecoder(RollupConfig config)
{
    private const byte BrotliChannel = 0x01;

    private readonly Inflate _inflate = new();
    private readonly BrotliDecoder _brotli = new();
    private readonly DecompressionBuffer _content = new();
    private readonly DeliveryModel _delivery = new();
    private CompressionStatus _end;
    private int _position;

    /// <summary>Whether a channel is being read.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>How the channel opened last is compressed.</summary>
    public CompressionKind Compression { get; private set; }

    /// <summary>The bytes that the channel opened last decompresses to, up to the limit or a fault.</summary>
    public int ContentLength => _content.Length;

    /// <summary>The bytes of the content behind the last batch read.</summary>
    public int Rest => _content.Length - _position;

    /// <summary>Why reading ended after <see cref="TryRead"/> gave false; none at the regular end.</summary>
    public ChannelRule End { get; private set; }

    /// <summary>Begins with a channel.</summary>
    /// <param name="data">The data of all its frames, joined.</param>
    /// <param name="time">The time of the L1 block that completed it: it decides over limits and Brotli.</param>
    /// <returns>None, and the decoder is open; else why nothing of the channel can be read.</returns>
    public ChannelRule Open(ReadOnlySpan<byte> data, L1InclusionTime time)
    {
        IsOpen = false;
        Compression = CompressionKind.None;
        End = ChannelRule.None;
        _position = 0;
        _content.Begin(DerivationParameters.MaxRlpBytesPerChannel(config, time));
        if (data.IsEmpty) return ChannelRule.Empty;
        if ((data[0] & 15) is 8 or 15)
        {
            Compression = CompressionKind.Zlib;
            _end = _inflate.DecompressZlib(data, _content);
            _delivery.Begin(_inflate.FlushPoints, _content.Length, isFaulty: _end is not (CompressionStatus.Complete or CompressionStatus.LimitReached));
        }
        else if (data[0] != BrotliChannel)
        {
            return ChannelRule.UnknownCompression;
        }
        else
        {
            Compression = CompressionKind.Brotli;
            if (!config.IsActive(OptimismFork.Fjord, time)) return ChannelRule.BrotliBeforeFjord;
            _end = _brotli.Decompress(data[1..], _content);
            _delivery.Begin([], _content.Length, isFaulty: false);
        }

        if (_end == CompressionStatus.BadHeader) return ChannelRule.BadCompressionHeader;
        IsOpen = true;
        return ChannelRule.None;
    }

    /// <summary>Forgets the rest of the channel.</summary>
    public void Close() => IsOpen = false;

    /// <summary>Reads the next batch. False: there is none, and the channel is closed; <see cref="End"/> says why.</summary>
    /// <param name="time">The time of the L1 block being traversed: it decides over Delta.</param>
    /// <param name="item">The batch; where its rule is not none it is lost.</param>
    public bool TryRead(L1InclusionTime time, out ChannelItem item)
    {
        item = default;
        if (!IsOpen) return false;
        ReadOnlySpan<byte> rest = _content.Written[_position..];
        if (rest.IsEmpty) return EndWith(RuleOfEnd);
        var items = new RlpReader(rest);
        if (!items.TryReadBytes(out ReadOnlySpan<byte> batch) || batch.IsEmpty)
        {
            return EndWith(items.Error == RlpError.Truncated && _end == CompressionStatus.LimitReached ? ChannelRule.RlpLimit : ChannelRule.MalformedItem);
        }

        int length = rest.Length - items.Rest.Length;
        int contentLength = length == 1 ? 0 : batch.Length; // a byte below 0x80 is its own header
        if (!_delivery.TryRead(length - contentLength, contentLength)) return EndWith(RuleOfEnd);
        _position += length;
        switch (batch[0])
        {
            case SingularBatch.Version:
                if (!SingularBatch.TryDecode(batch[1..], out SingularBatch? singular)) return EndWith(ChannelRule.MalformedSingularBatch);
                item = new ChannelItem(singular, null, batch.Length, BatchRule.None);
                return true;

            case SpanBatch.Version:
                SpanDecodeResult result = SpanBatchDecoder.Decode(batch[1..], config, out SpanBatch? span);
                if (result == SpanDecodeResult.Malformed) return EndWith(ChannelRule.MalformedSpanBatch);
                BatchRule rule = !config.IsActive(OptimismFork.Delta, time) ? BatchRule.SpanBeforeDeltaInReader
                    : result == SpanDecodeResult.NotRebuildable ? BatchRule.SpanRebuildFailed
                    : BatchRule.None;
                item = new ChannelItem(null, span, batch.Length, rule);
                return true;

            default:
                return EndWith(ChannelRule.UnknownBatchVersion);
        }
    }

    private bool EndWith(ChannelRule rule)
    {
        IsOpen = false;
        End = rule;
        return false;
    }

    /// <summary>How the compressed stream ended.</summary>
    private ChannelRule RuleOfEnd => _end switch
    {
        CompressionStatus.Truncated => ChannelRule.CompressionTruncated,
        CompressionStatus.LimitReached => ChannelRule.RlpLimit,
        CompressionStatus.Complete => ChannelRule.None,
        _ => ChannelRule.CompressionCorrupt,
    };
}
