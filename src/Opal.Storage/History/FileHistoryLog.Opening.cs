namespace Opal.Storage;

public sealed partial class FileHistoryLog
{
    private const string KeyFile = "index.key";

    /// <summary>Opens a history, or makes one. The blocks that no segment covers are read (the newest million entries, as a rule).</summary>
    /// <param name="folder">Made when there is none.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="StoreCorruptException">The log is damaged where that shows; an index never is a reason.</exception>
    public static FileHistoryLog Open(string folder, FileHistoryOptions? options = null)
    {
        folder = Path.GetFullPath(folder);
        options ??= new FileHistoryOptions();
        FileFrameLog log = FileFrameLog.Open(folder, new FileFrameLogOptions { MaxFileSize = options.MaxFileSize, Report = options.Report });
        try
        {
            SipHash hash = FingerprintKey.Open(Path.Combine(folder, KeyFile), out _); // segments of another key are seen by their headers
            var history = new FileHistoryLog(folder, options, log, hash);
            history.OpenIndex();
            return history;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    private void OpenIndex()
    {
        List<SegmentFile> segments = _index.OpenSegments();
        if (_log.Begin == _log.End)
        {
            foreach (SegmentFile segment in segments) _index.Discard(segment.Path, "the log has no blocks");
            return;
        }

        ulong first = HeadOf(_log.Begin).Number;
        List<IndexPart> parts = [];
        foreach (SegmentFile segment in segments)
        {
            if (segment.Last < first) File.Delete(segment.Path); // pruned
            else if (!Fits(segment)) _index.Discard(segment.Path, "it does not fit the log");
            else if (_options.Ordered && segment.Keys.Count == 0 && segment.Entries.Count > 0) _index.Discard(segment.Path, "it knows no order of keys");
            else Take(parts, segment, first);
        }

        List<IndexRun> tail = IndexBlocks(parts, first, ulong.MaxValue);
        parts.AddRange(tail);
        _index.Start(parts, first);
        if (tail.Sum(r => r.Entries.Count) >= _options.SealAt) _index.Seal(HeadOf(tail[^1].AddressOf(tail[^1].Last)).Checksum);
    }

    private void Take(List<IndexPart> parts, SegmentFile segment, ulong first)
    {
        ulong next = parts.Count > 0 ? parts[^1].Last + 1 : first;
        if (segment.First > next)
        {
            _options.Report?.Invoke($"{_folder}: blocks {next} to {segment.First - 1} have no index; it is made from the log");
            IndexRun[] gap = [.. IndexBlocks(parts, first, segment.First)];
            parts.Add(_index.Write(gap, HeadOf(gap[^1].AddressOf(gap[^1].Last)).Checksum));
        }

        parts.Add(segment);
    }

    // what the segment says of its last block has to be so, and it must not say more than the log has
    private bool Fits(SegmentFile segment)
    {
        try
        {
            return segment.HasAddresses && TryReadHead(segment.AddressOf(segment.Last), out HistoryFormat.Head head) && head.Number == segment.Last && head.Checksum == segment.Stamp;
        }
        catch (StoreCorruptException)
        {
            return false; // a damaged page of the segment: as good as none, and it is made again
        }
    }

    private HistoryFormat.Head HeadOf(FrameAddress address) =>
        TryReadHead(address, out HistoryFormat.Head head) ? head : throw Damaged(address, "it is not that of a block");

    // reads the blocks behind the parts there are, up to one that has a part or to the end of the log
    private List<IndexRun> IndexBlocks(List<IndexPart> parts, ulong first, ulong until)
    {
        FrameAddress from = parts.Count > 0 ? parts[^1].AddressOf(parts[^1].Last) : _log.Begin;
        ulong next = parts.Count > 0 ? parts[^1].Last + 1 : first;
        List<IndexRun> runs = [];
        RunBuilder? run = null;
        foreach (Frame frame in _log.ReadFrom(from).Skip(parts.Count > 0 ? 1 : 0))
        {
            if (next == until) break;
            if (frame.Type != HistoryFormat.BlockFrame || !HistoryFormat.TryReadHead(frame.Payload.Span, out HistoryFormat.Head head)) throw Damaged(frame.Address, "it is not that of a block");
            if (head.Number != next) throw Damaged(frame.Address, $"it is that of block {head.Number}, and block {next} is missing");
            RunBuilder taking = run ??= new RunBuilder(next, _hash, _options.Ordered ? _order : null);
            run.AddBlock(frame.Address);
            Visit(frame, head, (key, _, place) => taking.Add(key, place));
            next++;
            if (run.Count < _options.SealAt) continue;
            runs.Add(run.Build());
            run = null;
        }

        if (run is not null) runs.Add(run.Build());
        if (until != ulong.MaxValue && next != until) throw new StoreCorruptException($"{_folder}: the log ends at block {next - 1}, its index goes on; remove the folder to go on without this history");
        return runs;
    }
}
