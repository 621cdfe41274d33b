using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Collects the frames of many channels, in any order (derivation.md#channel-bank). Before Holocene.</summary>
internal sealed class ChannelBank(RollupConfig config, IL1Position traversal, FrameQueue source, IDerivationObserver observer) : IChannelSource
{
    // in the order in which they were opened; few enough to be searched
    private readonly List<Channel> _channels = [];
    private readonly Dictionary<ChannelId, Channel> _byId = [];
    private ulong _size;

    public void Reset()
    {
        _channels.Clear();
        _byId.Clear();
        _size = 0;
    }

    /// <summary>Reads before it takes in the next frame, so that ready data leaves before it could be pruned.</summary>
    public Pull Next(out RawChannel channel)
    {
        Pull read = TryRead(out channel);
        if (read != Pull.Starved) return read;
        Pull pulled = source.Next(out Frame frame);
        if (pulled != Pull.Yielded) return pulled;
        Ingest(frame);
        return Pull.Again;
    }

    private ulong Timeout => DerivationParameters.ChannelTimeout(config, traversal.Time);

    private Pull TryRead(out RawChannel channel)
    {
        channel = default;
        if (_channels.Count == 0) return Pull.Starved;
        ulong timeout = Timeout, number = traversal.Origin.Number;
        if (_channels[0].IsTimedOut(number, timeout))
        {
            observer.ChannelDropped(traversal.Origin, _channels[0].Id, ChannelRule.TimedOut);
            Remove(0);
            return Pull.Again;
        }

        // before Canyon only the oldest channel may be read
        int readable = config.IsActive(OptimismFork.Canyon, traversal.Time) ? _channels.Count : 1;
        for (int i = 0; i < readable; i++)
        {
            Channel candidate = _channels[i];
            if (!candidate.IsReady || candidate.IsTimedOut(number, timeout)) continue;
            Remove(i);
            channel = candidate.Close();
            return Pull.Yielded;
        }

        return Pull.Starved;
    }

    private void Ingest(in Frame frame)
    {
        if (!_byId.TryGetValue(frame.Channel, out Channel? channel))
        {
            channel = new Channel(frame.Channel, traversal.Origin.Number);
            _byId.Add(frame.Channel, channel);
            _channels.Add(channel);
        }

        if (channel.IsTimedOut(traversal.Origin.Number, Timeout))
        {
            observer.FrameDropped(traversal.Origin, frame, FrameRule.ChannelTimedOut);
            return;
        }

        ulong before = channel.Size;
        FrameRule rule = channel.Add(frame, inOrder: false);
        if (rule != FrameRule.None)
        {
            observer.FrameDropped(traversal.Origin, frame, rule);
            return;
        }

        _size = _size - before + channel.Size;
        ulong limit = DerivationParameters.MaxChannelBankSize(config, traversal.Time);
        while (_size > limit)
        {
            observer.ChannelDropped(traversal.Origin, _channels[0].Id, ChannelRule.BankFull);
            Remove(0);
        }
    }

    private void Remove(int index)
    {
        Channel channel = _channels[index];
        _size -= channel.Size;
        _byId.Remove(channel.Id);
        _channels.RemoveAt(index);
    }

    /// <summary>Copies of the channels, oldest first.</summary>
    public void CopyTo(List<Channel> channels)
    {
        foreach (Channel channel in _channels) channels.Add(channel.Copy());
    }

    /// <summary>Takes the channels of a snapshot.</summary>
    public void Restore(ReadOnlySpan<Channel> channels)
    {
        Reset();
        foreach (Channel channel in channels)
        {
            Channel own = channel.Copy();
            _channels.Add(own);
            _byId[own.Id] = own;
            _size += own.Size;
        }
    }

    public void Describe(List<ChannelProgress> channels)
    {
        foreach (Channel channel in _channels) channels.Add(channel.Progress);
    }

    /// <summary>Forgets the channels because the stages are exchanged.</summary>
    public void Discard()
    {
        foreach (Channel channel in _channels) observer.ChannelDropped(traversal.Origin, channel.Id, ChannelRule.StagesExchanged);
        Reset();
    }
}
