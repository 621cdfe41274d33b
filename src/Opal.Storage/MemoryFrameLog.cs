namespace Opal.Storage;

/// <summary>The frame log in memory, for tests and ephemeral networks.</summary>
public sealed class MemoryFrameLog : IFrameLog
{
    private const uint HeaderSize = 16, FrameOverhead = 12, MaxFileSize = 1 << 20;

    private readonly Lock _gate = new();
    private readonly List<Frame> _frames = [];
    private uint _file, _offset = HeaderSize;

    /// <inheritdoc/>
    public FrameAddress Begin
    {
        get
        {
            lock (_gate) return _frames.Count > 0 ? _frames[0].Address : Address;
        }
    }

    /// <inheritdoc/>
    public FrameAddress End
    {
        get
        {
            lock (_gate) return Address;
        }
    }

    /// <inheritdoc/>
    public long Size
    {
        get
        {
            lock (_gate) return _frames.Sum(f => FrameOverhead + (long)f.Payload.Length);
        }
    }

    private FrameAddress Address => new(((ulong)_file << 32) | _offset);

    /// <inheritdoc/>
    public FrameAddress Append(byte type, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfZero(type);
        lock (_gate)
        {
            if (_offset > HeaderSize && _offset + FrameOverhead + (uint)payload.Length > MaxFileSize) (_file, _offset) = (_file + 1, HeaderSize);
            var frame = new Frame(Address, type, payload.ToArray());
            _frames.Add(frame);
            _offset += FrameOverhead + (uint)payload.Length;
            return frame.Address;
        }
    }

    /// <inheritdoc/>
    public void Sync()
    {
    }

    /// <inheritdoc/>
    public Frame Read(FrameAddress address)
    {
        lock (_gate)
        {
            int index = IndexOf(address);
            return index < _frames.Count && _frames[index].Address == address ? _frames[index] : throw new StoreCorruptException($"no frame begins at {address.File}:{address.Offset} of a log in memory");
        }
    }

    /// <inheritdoc/>
    public IEnumerable<Frame> ReadFrom(FrameAddress address)
    {
        while (true)
        {
            Frame frame;
            lock (_gate)
            {
                int index = IndexOf(address);
                if (index == _frames.Count) yield break;
                frame = _frames[index];
            }

            yield return frame;
            address = new FrameAddress(frame.Address.Value + 1);
        }
    }

    /// <inheritdoc/>
    public void Truncate(FrameAddress end)
    {
        lock (_gate)
        {
            int index = IndexOf(end);
            if (index == _frames.Count) return;
            (_file, _offset) = (_frames[index].Address.File, _frames[index].Address.Offset);
            _frames.RemoveRange(index, _frames.Count - index);
        }
    }

    /// <inheritdoc/>
    public void DropBefore(FrameAddress address)
    {
        lock (_gate)
        {
            uint file = Math.Min(address.File, _file);
            _frames.RemoveRange(0, IndexOf(new FrameAddress((ulong)file << 32)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    // the first frame not below an address
    private int IndexOf(FrameAddress address)
    {
        int low = 0, high = _frames.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_frames[middle].Address.Value < address.Value) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
