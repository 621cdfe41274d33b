namespace Opal.Storage;

/// <summary>
/// The history in files of one folder: a frame log with a frame a block (<see cref="HistoryFormat"/>), and index segments that say by a key's fingerprint in which
/// blocks it changed (<see cref="SegmentHeader"/>). The log is the truth; an index that is missing or damaged is made again from it when the history is opened.
/// </summary>
/// <remarks>
/// A search asks the parts of the index from the oldest on that may hold an answer: a filter, then one guess and a few steps in sorted fingerprints, then it
/// reads the group of up to 16 entries in the log, whose checksum is verified. A key that another's fingerprint hides behind costs a read, never an answer.
/// </remarks>
public sealed partial class FileHistoryLog : IHistoryLog
{
    private const int FirstRead = 1024;

    private static long _opened;

    private readonly long _number = Interlocked.Increment(ref _opened);
    private readonly string _folder;
    private readonly FileHistoryOptions _options;
    private readonly FileFrameLog _log;
    private readonly SegmentedIndex _index;
    private readonly SipHash _hash;
    private readonly KeyOrder _order;
    private readonly ByteWriter _buffer = new();
    private readonly Lock _writer = new();

    private FileHistoryLog(string folder, FileHistoryOptions options, FileFrameLog log, SipHash hash)
    {
        _folder = folder;
        _options = options;
        _log = log;
        _hash = hash;
        _order = new KeyOrder(hash, options.PrefixSize);
        _index = new SegmentedIndex(folder, hash, options.SealAt, options.Report);
    }

    /// <inheritdoc/>
    public ulong First => _index.State.First;

    /// <inheritdoc/>
    public ulong Next => _index.State.Next;

    /// <inheritdoc/>
    public long Size => _log.Size + _index.Size;

    /// <inheritdoc/>
    public void Append(ulong number, ReadOnlySpan<byte> label, ReadOnlySpan<HistoryEntry> entries)
    {
        HistoryRules.Check(label, entries);
        lock (_writer)
        {
            IndexState state = _index.State;
            if (state.Parts.Length > 0) HistoryRules.CheckNext(number, state.Next);
            var places = new uint[entries.Length];
            HistoryFormat.Write(_buffer, number, label, entries, places);
            FrameAddress address = _log.Append(HistoryFormat.BlockFrame, _buffer.Written);
            uint stamp = HistoryFormat.TryReadHead(_buffer.Written, out HistoryFormat.Head head) ? head.Checksum : throw new InvalidOperationException("the head just written is none");
            var run = new RunBuilder(number, _hash, _options.Ordered ? _order : null);
            run.AddBlock(address);
            for (int i = 0; i < places.Length; i++) run.Add(entries[i].Key.Span, places[i]);
            _index.Push(run.Build(), stamp);
        }
    }

    /// <inheritdoc/>
    public void Sync() => _log.Sync();

    /// <inheritdoc/>
    public bool TryFind(ReadOnlySpan<byte> key, ulong after, ulong upTo, out ReadOnlyMemory<byte> oldValue)
    {
        oldValue = default;
        if (after >= upTo || key.IsEmpty) return false;
        ulong fingerprint = _hash.Compute(key);
        while (true)
        {
            IndexState state = _index.State;
            HistoryRules.CheckKept(after, upTo, state.First, state.Next);
            try
            {
                return TryFind(state, key, fingerprint, after, upTo, out oldValue);
            }
            catch (StoreCorruptException) when (WasCut(state))
            {
                // blocks were dropped meanwhile: what was read may have been theirs
            }
        }
    }

    // whether blocks were dropped since; one who is dropping some is waited for
    private bool WasCut(IndexState state)
    {
        lock (_writer) return _index.State.Cuts != state.Cuts;
    }

    private bool TryFind(IndexState state, ReadOnlySpan<byte> key, ulong fingerprint, ulong after, ulong upTo, out ReadOnlyMemory<byte> oldValue)
    {
        for (int i = state.PartOf(after + 1); i < state.Parts.Length && state.Parts[i].First <= upTo; i++)
        {
            IndexPart part = state.Parts[i];
            if (!part.MayHave(fingerprint)) continue;
            SortedPairs entries = part.Entries;
            ulong from = after + 1 > part.First ? after + 1 - part.First : 0;
            for (long at = entries.LowerBound(new Pair(fingerprint, from << 32)); at < entries.Count; at++)
            {
                Pair entry = entries[at];
                if (entry.A != fingerprint) break;
                (ulong block, uint place) = part.Take(entry);
                if (block > upTo) break;
                if (TryFindInGroup(state, part.AddressOf(block), block, place, key, out oldValue)) return true;
            }
        }

        oldValue = default;
        return false;
    }

    private bool TryFindInGroup(IndexState state, FrameAddress address, ulong block, uint place, ReadOnlySpan<byte> key, out ReadOnlyMemory<byte> oldValue)
    {
        Span<byte> first = stackalloc byte[FirstRead], name = stackalloc byte[HistoryRules.MaxKeySize];
        HistoryGroups read = HistoryGroups.OfThread;
        var known = new HistoryGroups.Key(_number, state.Cuts, address, place);
        if (!read.TryGet(known, out ReadOnlySpan<byte> group))
        {
            group = ReadGroup(address, block, place, first);
            read.Add(known, group);
        }

        var reader = new HistoryGroupReader(group, name);
        while (reader.MoveNext())
        {
            if (!reader.Key.SequenceEqual(key)) continue;
            oldValue = reader.Value.ToArray();
            return true;
        }

        if (reader.IsMalformed) throw Damaged(address, $"the entries of block {block} make no sense");
        oldValue = default;
        return false;
    }

    // the entries of a group, in the buffer given or in a new one
    private ReadOnlySpan<byte> ReadGroup(FrameAddress address, ulong block, uint place, Span<byte> buffer)
    {
        Span<byte> bytes = buffer[.._log.ReadUpTo(address, place, buffer)];
        if (bytes.Length < HistoryFormat.GroupHeaderSize) throw Damaged(address, $"the file ends before the entries of block {block}");
        long size = HistoryFormat.GroupHeaderSize + (long)HistoryFormat.GroupSize(bytes);
        if (size > _log.BytesAfter(address) - FrameFormat.FrameHeaderSize - place) throw Damaged(address, $"the entries of block {block} are damaged");
        if (size > bytes.Length)
        {
            bytes = new byte[size];
            if (!_log.TryReadPart(address, place, bytes)) throw Damaged(address, $"the file ends before the entries of block {block}");
        }

        bytes = bytes[..(int)size];
        if (!HistoryFormat.IsGroup(block, place, bytes)) throw Damaged(address, $"the checksum of entries of block {block} is wrong");
        return bytes[HistoryFormat.GroupHeaderSize..];
    }

    private static ArgumentOutOfRangeException Gone() => new("number", "the history was cut or pruned while it was read");

    private StoreCorruptException Damaged(FrameAddress address, string what) =>
        new($"{LogFile.PathOf(_folder, address.File)}: the frame at offset {address.Offset}: {what}; remove the folder to go on without this history, or restore it from a backup");

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Label(ulong number)
    {
        while (true)
        {
            IndexState state = _index.State;
            try
            {
                FrameAddress address = AddressOf(state, number);
                Span<byte> head = stackalloc byte[HistoryFormat.MaxHeadSize];
                head = head[.._log.ReadUpTo(address, 0, head)];
                if (!HistoryFormat.TryReadHead(head, out HistoryFormat.Head read) || read.Number != number) throw Damaged(address, $"it is not that of block {number}");
                return head.Slice(HistoryFormat.FixedHeadSize, read.LabelSize).ToArray();
            }
            catch (StoreCorruptException) when (WasCut(state))
            {
                // as in TryFind
            }
        }
    }

    private static FrameAddress AddressOf(IndexState state, ulong number)
    {
        if (state.Parts.Length == 0 || number < state.First || number >= state.Next) throw HistoryRules.NotKept(number, state.First, state.Next);
        return state.Parts[state.PartOf(number)].AddressOf(number);
    }

    /// <inheritdoc/>
    public IEnumerable<HistoryEntry> ReadBlock(ulong number) => ReadBlock(_index.State, number);

    private List<HistoryEntry> ReadBlock(IndexState state, ulong number)
    {
        FrameAddress address = AddressOf(state, number);
        Frame frame;
        try
        {
            frame = _log.Read(address);
        }
        catch (StoreCorruptException) when (WasCut(state))
        {
            throw Gone();
        }

        if (!HistoryFormat.TryReadHead(frame.Payload.Span, out HistoryFormat.Head head) || head.Number != number || frame.Type != HistoryFormat.BlockFrame) throw Damaged(address, $"it is not that of block {number}");
        List<HistoryEntry> entries = new((int)Math.Min(head.Entries, (uint)frame.Payload.Length));
        Visit(frame, head, (key, value, _) => entries.Add(new HistoryEntry(key.ToArray(), value)));
        return entries;
    }

    private delegate void Visitor(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value, uint place);

    // all entries of a frame that is known to be whole
    private void Visit(Frame frame, in HistoryFormat.Head head, Visitor visitor)
    {
        ReadOnlySpan<byte> payload = frame.Payload.Span;
        Span<byte> name = stackalloc byte[HistoryRules.MaxKeySize];
        uint count = 0;
        for (int place = head.Size; place < payload.Length;)
        {
            uint size = payload.Length - place >= HistoryFormat.GroupHeaderSize ? HistoryFormat.GroupSize(payload[place..]) : uint.MaxValue;
            if (size > payload.Length - place - HistoryFormat.GroupHeaderSize) throw Damaged(frame.Address, "its entries make no sense");
            ReadOnlySpan<byte> group = payload.Slice(place + HistoryFormat.GroupHeaderSize, (int)size);
            var reader = new HistoryGroupReader(group, name);
            for (; reader.MoveNext(); count++)
            {
                payload.Overlaps(reader.Value, out int offset);
                visitor(reader.Key, reader.Value.IsEmpty ? default : frame.Payload.Slice(offset, reader.Value.Length), (uint)place);
            }

            if (reader.IsMalformed) throw Damaged(frame.Address, "its entries make no sense");
            place += HistoryFormat.GroupHeaderSize + (int)size;
        }

        if (count != head.Entries) throw Damaged(frame.Address, "it has not as many entries as it says");
    }

    /// <inheritdoc/>
    public void TruncateAfter(ulong number)
    {
        lock (_writer)
        {
            IndexState state = _index.State;
            if (state.Parts.Length == 0 || number + 1 >= state.Next) return;
            FrameAddress end = number < state.First ? _log.Begin : AddressOf(state, number + 1);
            uint stamp = number < state.First ? 0 : StampOf(state, number);
            _index.TruncateAfter(number, stamp); // first: blocks that the index lacks are read again from the log, the other way round would be wrong answers
            _log.Truncate(end);
        }
    }

    // what a segment knows its last block by
    private uint StampOf(IndexState state, ulong number)
    {
        FrameAddress address = AddressOf(state, number);
        return TryReadHead(address, out HistoryFormat.Head head) && head.Number == number ? head.Checksum : throw Damaged(address, $"it is not that of block {number}");
    }

    private bool TryReadHead(FrameAddress address, out HistoryFormat.Head head)
    {
        Span<byte> bytes = stackalloc byte[HistoryFormat.MaxHeadSize];
        return HistoryFormat.TryReadHead(bytes[.._log.ReadUpTo(address, 0, bytes)], out head);
    }

    /// <inheritdoc/>
    public void PruneBefore(ulong number)
    {
        lock (_writer)
        {
            IndexState state = _index.State;
            if (state.Parts.Length == 0 || number <= state.First) return;
            FrameAddress begin = _log.Begin;
            _log.DropBefore(AddressOf(state, Math.Min(number, state.Next - 1)));
            if (_log.Begin == begin) return;
            if (!TryReadHead(_log.Begin, out HistoryFormat.Head head)) throw Damaged(_log.Begin, "it is not that of a block");
            _index.DropBefore(head.Number);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_writer)
        {
            _index.Dispose();
            _log.Dispose();
        }
    }
}
