using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Builds one channel at a time, from frames in strict order (holocene/derivation.md#channel-bank).</summary>
internal sealed class ChannelAssembler(RollupConfig config, IL1Position traversal, FrameQueue source, IDerivationObserver observer) : IChannelSource
{
    private Channel? _staging;

    public void Reset() => _staging = null;

    /// <summary>Forgets the staging channel because a batch was invalid.</summary>
    public void Flush()
    {
        if (_staging is not null) observer.ChannelDropped(traversal.Origin, _staging.Id, ChannelRule.Flushed);
        _staging = null;
    }

    /// <summary>A copy of the staging channel, if there is one.</summary>
    public void CopyTo(List<Channel> channels)
    {
        if (_staging is not null) channels.Add(_staging.Copy());
    }

    /// <summary>Takes the channel of a snapshot.</summary>
    public void Restore(ReadOnlySpan<Channel> channels) => _staging = channels.Length == 0 ? null : channels[0].Copy();

    public void Describe(List<ChannelProgress> channels)
    {
        if (_staging is not null) channels.Add(_staging.Progress);
    }

    public Pull Next(out RawChannel channel)
    {
        channel = default;
        if (_staging is not null && _staging.IsTimedOut(traversal.Origin.Number, DerivationParameters.ChannelTimeout(config, traversal.Time)))
        {
            observer.ChannelDropped(traversal.Origin, _staging.Id, ChannelRule.TimedOut);
            _staging = null;
        }

        Pull pulled = source.Next(out Frame frame);
        if (pulled != Pull.Yielded) return pulled;
        if (frame.Number == 0)
        {
            if (_staging is not null) observer.ChannelDropped(traversal.Origin, _staging.Id, ChannelRule.Replaced);
            _staging = new Channel(frame.Channel, traversal.Origin.Number);
        }

        if (_staging is not { } staging || staging.Id != frame.Channel)
        {
            observer.FrameDropped(traversal.Origin, frame, FrameRule.NoChannel);
            return Pull.Again;
        }

        FrameRule rule = staging.Add(frame, inOrder: true);
        if (rule != FrameRule.None)
        {
            observer.FrameDropped(traversal.Origin, frame, rule);
            return Pull.Again;
        }

        if (staging.Size > (ulong)DerivationParameters.MaxRlpBytesPerChannel(config, traversal.Time))
        {
            observer.ChannelDropped(traversal.Origin, staging.Id, ChannelRule.TooLarge);
            _staging = null;
            return Pull.Again;
        }

        if (!staging.IsReady) return Pull.Again;
        _staging = null;
        channel = staging.Close();
        return Pull.Yielded;
    }
}
