using System.Buffers.Binary;

namespace Opal.Storage;

/// <summary>How a history on disk is kept.</summary>
public sealed record HistoryLogOptions
{
    /// <summary>Entries whose index is in memory before it is written as a segment.</summary>
    public int TailEntries { get; init; } = 64 * 1024;

    /// <summary>Whether <see cref="IHistoryLog.KeysBetween"/> is wanted, for 4 bytes an entry.</summary>
    public bool HasOrder { get; init; } = true;

    /// <summary>Told what had to be made anew, and why.</summary>
    public Action<string>? Report { get; init; }
}

/// <summary>
/// A history on disk: a log with a frame a block, and over it immutable sorted index segments (see state-store's section on history). The index of the newest
/// blocks is in memory and is made anew from the log at the start. A look-up costs a probe of each segment since the block asked for, and two reads of the log.
/// </summary>
/// <remarks>
/// The log alone is the truth; the index beside it can be deleted and is made again. Every entry carries a checksum, so that one is read without its block.
/// <see cref="KeysBetween"/> costs a binary search, of some twenty reads of the log, in each segment and each block of the tail.
/// </remarks>
public sealed partial class FileHistoryLog : IHistoryLog
{
    private readonly IFrameLog _log;
    private readonly HistoryLogOptions _options;
    private readonly SipHash _hash;
    private readonly BlockPositions _positions;
    private readonly SegmentSet _segments;
    private readonly TailIndex _tail = new();

    /// <summary>Guards the tail, and what is published together with it; not held while the log is read.</summary>
    private readonly Lock _gate = new();
    private ulong _tailFirst;
    private ulong _first;
    private ulong _next;

    /// <summary>Opens a history, or makes an empty one.</summary>
    /// <param name="directory">Where its index is.</param>
    /// <param name="log">Its log, uncompressed; disposed with it.</param>
    /// <param name="options">How it is kept.</param>
    /// <exception cref="StoreCorruptException">The log is damaged.</exception>
    public FileHistoryLog(string directory, IFrameLog log, HistoryLogOptions? options = null)
    {
        _log = log;
        _options = options ?? new HistoryLogOptions();
        Directory.CreateDirectory(directory);
        _hash = FingerprintKey.ReadOrCreate(Path.Combine(directory, "fingerprint.key"));
        _positions = new BlockPositions(Path.Combine(directory, "positions"));
        FindBlocks();
        _segments = new SegmentSet(directory, (_first, _next), _options.Report);
        IndexTail();
    }

    /// <inheritdoc/>
    public ulong First
    {
        get
        {
            lock (_gate) return _first;
        }
    }

    /// <inheritdoc/>
    public ulong Next
    {
        get
        {
            lock (_gate) return _next;
        }
    }

    /// <inheritdoc/>
    public long Size => _log.Size + _segments.Size;

    /// <summary>Finds out which blocks the log has; the positions of those whose frames were lost are dropped, missing ones are added.</summary>
    private void FindBlocks()
    {
        Frame? begin = null;
        foreach (Frame frame in _log.ReadFrom(_log.Begin))
        {
            begin = frame;
            break;
        }

        if (begin is not { } oldest)
        {
            _positions.Reset(0);
            return;
        }

        _first = new HistoryFrame.Reader(oldest).Number;
        long count = _positions.Count;
        if (count == 0 || _positions.First > _first)
        {
            _positions.Reset(_first);
            count = 0;
        }

        while (count > 0 && _positions[_positions.First + (ulong)count - 1].Value >= _log.End.Value) count--;
        ulong known = _positions.First + (ulong)count;
        FrameAddress from = _log.Begin;
        if (known > _first && IsAt(known - 1)) from = _positions[known - 1];
        else known = _first + 1; // not to be trusted: read the whole log
        if (from == _log.Begin && known == _first + 1) _positions.Reset(_first);
        else _positions.Truncate((long)(known - 1 - _positions.First));
        _next = known - 1;
        foreach (Frame frame in _log.ReadFrom(from))
        {
            ulong number = new HistoryFrame.Reader(frame).Number;
            if (number != _next) throw new StoreCorruptException($"the history log has block {number} where block {_next} is due: a file of it is missing or foreign");
            _positions.Add(frame.Address);
            _next++;
        }
    }

    /// <summary>Whether the frame at a block's position is that block.</summary>
    private bool IsAt(ulong number)
    {
        Span<byte> found = stackalloc byte[8];
        try
        {
            _log.ReadPart(_positions[number], 0, found);
        }
        catch (StoreCorruptException)
        {
            return false; // a position that leads nowhere; a damaged log is found when it is read
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(found) == number;
    }

    /// <summary>Indexes the blocks that no segment covers.</summary>
    private void IndexTail()
    {
        _tailFirst = Math.Max(_segments.Next ?? _first, _first);
        for (ulong number = _tailFirst; number < _next; number++)
        {
            var block = new HistoryFrame.Reader(_log.Read(_positions[number]));
            for (int i = 0; i < block.Count; i++) _tail.Add(new SegmentEntry(_hash.Hash(block[i].Key.Span), number, block.OffsetOf(i)));
            SealTail(number);
        }
    }

    /// <inheritdoc/>
    public void Append(ulong number, ReadOnlySpan<byte> label, ReadOnlySpan<HistoryEntry> entries)
    {
        HistoryRules.Check(label, entries);
        bool isEmpty = _first == _next;
        if (!isEmpty) HistoryRules.CheckNext(number, _next);
        uint[] offsets = new uint[entries.Length];
        byte[] frame = HistoryFrame.Encode(number, label, entries, offsets);
        FrameAddress address = _log.Append(HistoryFrame.Type, frame);
        try
        {
            if (isEmpty) _positions.Reset(number);
            _positions.Add(address);
        }
        catch (IOException)
        {
            _log.Truncate(address);
            throw;
        }

        lock (_gate)
        {
            if (isEmpty) _first = _tailFirst = number;
            for (int i = 0; i < entries.Length; i++) _tail.Add(new SegmentEntry(_hash.Hash(entries[i].Key.Span), number, offsets[i]));
            _next = number + 1;
        }

        SealTail(number);
    }

    /// <summary>Writes the tail as a segment when it is large enough. A failure is told and tried again later: the tail serves meanwhile.</summary>
    private void SealTail(ulong last)
    {
        if (_tail.Count < _options.TailEntries) return;
        try
        {
            _log.Sync();
            SegmentEntry[] sorted = _tail.ToSorted();
            _segments.Add(_tailFirst, last, sorted, _options.HasOrder ? SegmentMerge.OrderOf(sorted, KeyOf) : []);
            lock (_gate)
            {
                _tail.Clear();
                _tailFirst = last + 1;
            }

            _segments.Merge(_options.HasOrder ? KeyOf : null);
        }
        catch (IOException fault)
        {
            _options.Report?.Invoke($"An index segment could not be written: {fault.Message}. It is tried again.");
        }
    }

    private byte[] KeyOf(SegmentEntry entry) => ReadEntry(entry).Key.ToArray();

    /// <inheritdoc/>
    public void Sync() => _log.Sync();

    /// <inheritdoc/>
    public void TruncateAfter(ulong number)
    {
        if (_first == _next || number >= _next - 1) return;
        bool all = number < _first;
        FrameAddress cut = all ? _log.Begin : _positions[number + 1];
        _segments.TruncateAfter(number); // the index first: it can be made again
        lock (_gate)
        {
            _tail.Clear();
            _next = all ? 0 : number + 1;
            if (all) _first = _tailFirst = 0;
        }

        _log.Truncate(cut);
        _positions.Truncate(all ? 0 : (long)(number + 1 - _positions.First));
        if (!all) IndexTail();
    }

    /// <inheritdoc/>
    public void PruneBefore(ulong number)
    {
        if (_first == _next) return;
        number = Math.Min(number, _next - 1);
        if (number <= _first) return;
        _log.DropBefore(_positions[number]);
        foreach (Frame frame in _log.ReadFrom(_log.Begin))
        {
            lock (_gate) _first = new HistoryFrame.Reader(frame).Number;
            break;
        }

        _segments.PruneBefore(_first);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _segments.Dispose();
        _positions.Dispose();
        _log.Dispose();
    }
}
