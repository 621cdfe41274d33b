using Opal.Primitives;

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

    /// <summary>The complete channel. It takes no frames any more.</summary>
    public RawChannel Close() => new(Id, Join(), _frames);

    /// <summary>The data of all frames, in order.</summary>
    private ReadOnlyMemory<byte> Join()
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

    /// <summary>Another channel with the same frames, which frames added to this one do not reach.</summary>
    public Channel Copy()
    {
        var copy = new Channel(Id, OpenBlock) { _end = _end, Size = Size };
        copy._frames.AddRange(_frames);
        return copy;
    }

    /// <summary>Writes the channel, for a snapshot: [id, open block, size, closing frame + 1, [[number, data, is last]…]].</summary>
    public void Write(RlpWriter writer)
    {
        Span<byte> id = stackalloc byte[ChannelId.Size];
        Id.CopyTo(id);
        int list = writer.BeginList();
        writer.WriteBytes(id);
        writer.WriteUInt64(OpenBlock);
        writer.WriteUInt64(Size);
        writer.WriteUInt64((ulong)(_end + 1));
        int frames = writer.BeginList();
        foreach (Frame frame in _frames)
        {
            int item = writer.BeginList();
            writer.WriteUInt64(frame.Number);
            writer.WriteBytes(frame.Data.Span);
            writer.WriteBool(frame.IsLast);
            writer.EndList(item);
        }

        writer.EndList(frames);
        writer.EndList(list);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static bool TryRead(ref RlpReader reader, out Channel? channel)
    {
        channel = null;
        if (!reader.TryReadList(out RlpReader fields) || !fields.TryReadFixed(ChannelId.Size, out ReadOnlySpan<byte> idBytes)) return false;
        if (!fields.TryReadUInt64(out ulong openBlock) || !fields.TryReadUInt64(out ulong size)) return false;
        if (!fields.TryReadUInt64(out ulong end) || end > ushort.MaxValue + 1 || !fields.TryReadList(out RlpReader frames) || !fields.TryEnd()) return false;
        var id = new ChannelId(idBytes);
        var read = new Channel(id, openBlock) { _end = (int)end - 1, Size = size };
        while (!frames.AtEnd)
        {
            if (!frames.TryReadList(out RlpReader item) || !item.TryReadUInt64(out ulong number) || number > ushort.MaxValue) return false;
            if (!item.TryReadBytes(out ReadOnlySpan<byte> data) || !item.TryReadBool(out bool isLast) || !item.TryEnd()) return false;
            read._frames.Add(new Frame(id, (ushort)number, data.ToArray(), isLast));
        }

        channel = read;
        return true;
    }
}
