namespace Opal.Derivation;

/// <summary>A channel whose frames are being collected (derivation.md#channel-bank).</summary>
internal sealed class Channel(ChannelId id, ulong openBlock)
{
    private readonly List<Frame> _frames = []; // by number
    private int _end = -1;

    public ChannelId Id { get; } = id;

    /// <summary>The number of the L1 block that the first frame came in.</summary>
    public ulong OpenBlock { get; } = openBlock;

    /// <summary>The size by the protocol's accounting; see V-24 for closing frames below frames already held.</summary>
    public ulong Size { get; private set; }

    /// <summary>Whether the closing frame and all before it are there.</summary>
    public bool IsReady => _end >= 0 && _frames.Count == _end + 1;

    public bool IsTimedOut(ulong blockNumber, ulong timeout) => OpenBlock + timeout < blockNumber;

    /// <summary>Adds a frame unless a rule speaks against it.</summary>
    /// <param name="frame">A frame of this channel.</param>
    /// <param name="inOrder">Whether only the very next frame may come (Holocene).</param>
    public FrameRule Add(in Frame frame, bool inOrder)
    {
        bool isClosed = _end >= 0;
        if (frame.IsLast && isClosed) return FrameRule.DuplicateClose;
        int place = PlaceOf(frame.Number);
        if (place < _frames.Count && _frames[place].Number == frame.Number) return FrameRule.Duplicate;
        if (isClosed && frame.Number >= _end) return FrameRule.BeyondEnd;
        if (inOrder && frame.Number != _frames.Count) return FrameRule.OutOfOrder;
        if (frame.IsLast)
        {
            _end = frame.Number;
            if (place < _frames.Count)
            {
                // The frames behind the closing one go. All held frames are taken off the size, kept ones too: public chains count so (V-24).
                _frames.RemoveRange(place, _frames.Count - place);
                Size = 0;
            }
        }

        _frames.Insert(place, frame);
        Size += frame.AccountedSize;
        return FrameRule.None;
    }

    /// <summary>The index of the first frame whose number is not below a number.</summary>
    private int PlaceOf(ushort number)
    {
        int low = 0, high = _frames.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_frames[middle].Number < number) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    public ChannelProgress Progress
    {
        get
        {
            int missing = 0;
            while (missing < _frames.Count && _frames[missing].Number == missing) missing++;
            return new ChannelProgress(Id, OpenBlock, _frames.Count, _end < 0 ? null : _end + 1, missing);
        }
    }

    /// <summary>The data of all frames, in order.</summary>
    public ReadOnlyMemory<byte> Join()
    {
        if (_frames.Count == 1) return _frames[0].Data;
        int length = 0;
        foreach (Frame frame in _frames) length += frame.Data.Length;
        var data = new byte[length];
        int at = 0;
        foreach (Frame frame in _frames)
        {
            frame.Data.Span.CopyTo(data.AsSpan(at));
            at += frame.Data.Length;
        }

        return data;
    }
}
