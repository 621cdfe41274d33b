namespace Opal.Derivation;

/// <summary>Tells whether the last item of a faulty zlib stream is read before the fault shows.</summary>
/// <remarks>
/// Public chains read channels through a buffer of 4,096 bytes from a decompressor that hands out what it has whenever its window of
/// 32,768 bytes is full, at an empty stored block, and when it meets its end or a fault; the fault is reported together with the last
/// bytes. A read of 4,096 bytes or more goes past the buffer and sees the fault, so an item whose last piece is read that way fails
/// although all its bytes are there. Which batch stands is consensus, so this is followed (V-03).
/// </remarks>
internal sealed class DeliveryModel
{
    private const int BufferSize = 4096;
    private const int WindowSize = 32_768;

    private IReadOnlyList<int> _flushes = [];
    private int _nextFlush, _at, _bufferedTo, _end;
    private bool _faultComesWithEnd;

    /// <summary>Begins with the output of a stream.</summary>
    /// <param name="flushes">Output positions of empty stored blocks, rising.</param>
    /// <param name="end">The length of the output.</param>
    /// <param name="isFaulty">Whether the stream ended with a fault.</param>
    public void Begin(IReadOnlyList<int> flushes, int end, bool isFaulty)
    {
        _flushes = flushes;
        _nextFlush = 0;
        _at = 0;
        _bufferedTo = 0;
        _end = end;
        bool allDelivered = end % WindowSize == 0 || (flushes.Count > 0 && flushes[^1] == end);
        _faultComesWithEnd = isFaulty && !allDelivered;
    }

    /// <summary>Reads an item. False: its last piece came together with the fault.</summary>
    public bool TryRead(int headerLength, int contentLength)
    {
        if (!_faultComesWithEnd) return true;
        for (int i = 0; i < headerLength; i++) Buffer(1);
        int rest = contentLength;
        while (rest > 0)
        {
            if (_at < _bufferedTo || rest < BufferSize)
            {
                rest -= Buffer(rest);
                continue;
            }

            int read = Math.Min(rest, NextHandOut() - _at);
            _at += read;
            _bufferedTo = _at;
            rest -= read;
            if (_at == _end) return false;
        }

        return true;
    }

    /// <summary>Takes up to <paramref name="count"/> bytes from the buffer, filling it first when it is empty.</summary>
    private int Buffer(int count)
    {
        if (_at == _bufferedTo) _bufferedTo = Math.Min(_at + BufferSize, NextHandOut());
        int taken = Math.Min(count, _bufferedTo - _at);
        _at += taken;
        return taken;
    }

    /// <summary>Where the piece that the decompressor has in hand ends.</summary>
    private int NextHandOut()
    {
        while (_nextFlush < _flushes.Count && _flushes[_nextFlush] <= _at) _nextFlush++;
        int next = Math.Min(_end, (int)Math.Min(((long)(_at / WindowSize) + 1) * WindowSize, int.MaxValue));
        return _nextFlush < _flushes.Count ? Math.Min(next, _flushes[_nextFlush]) : next;
    }
}
