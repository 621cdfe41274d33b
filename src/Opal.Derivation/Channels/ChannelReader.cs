using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Hands out the batches of complete channels, in the order in which the channels come.</summary>
internal sealed class ChannelReader(RollupConfig config, L1Traversal traversal, IDerivationObserver observer)
{
    private readonly ChannelDecoder _decoder = new(config);
    private ChannelId _channel;

    /// <summary>Where channels come from; exchanged at Holocene.</summary>
    public required IChannelSource Source { get; set; }

    /// <summary>Whether a channel is being read.</summary>
    public bool IsReading => _decoder.IsOpen;

    /// <summary>Forgets the rest of the channel.</summary>
    public void Reset() => _decoder.Close();

    /// <summary>Forgets the rest of the channel because a batch was invalid.</summary>
    public void Flush()
    {
        if (_decoder.IsOpen) observer.ChannelDropped(traversal.Origin, _channel, ChannelRule.Flushed);
        _decoder.Close();
    }

    public Pull Next(out Batch batch)
    {
        batch = default;
        if (!_decoder.IsOpen)
        {
            Pull pulled = Source.Next(out RawChannel channel);
            if (pulled != Pull.Yielded) return pulled;
            Open(channel);
            return Pull.Again;
        }

        if (!_decoder.TryRead(traversal.Time, out ChannelItem item))
        {
            if (_decoder.End != ChannelRule.None) observer.ChannelDropped(traversal.Origin, _channel, _decoder.End);
            return Pull.Again;
        }

        if (item.Rule != BatchRule.None)
        {
            observer.BatchChecked(traversal.Origin, item.Kind, item.Span?.Timestamp ?? 0, BatchCheck.Drop(item.Rule));
            return Pull.Again;
        }

        batch = new Batch(item.Singular, item.Span, traversal.Origin);
        return Pull.Yielded;
    }

    private void Open(in RawChannel channel)
    {
        _channel = channel.Id;
        ChannelRule rule = _decoder.Open(channel.Data.Span, traversal.Time);
        if (rule == ChannelRule.None) observer.ChannelRead(traversal.Origin, _channel, channel.Data.Length, _decoder.ContentLength);
        else observer.ChannelDropped(traversal.Origin, _channel, rule);
    }
}
