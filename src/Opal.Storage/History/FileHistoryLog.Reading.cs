using System.Buffers.Binary;

namespace Opal.Storage;

/// <content>Look-ups, beside the writer.</content>
public sealed partial class FileHistoryLog
{
    /// <inheritdoc/>
    public bool TryFind(ReadOnlySpan<byte> key, ulong after, ulong upTo, out ReadOnlyMemory<byte> oldValue)
    {
        oldValue = default;
        if (after >= upTo) return false;
        ulong fingerprint = _hash.Hash(key);
        while (true)
        {
            IndexSegment[] segments;
            SegmentEntry? inTail;
            lock (_gate)
            {
                HistoryRules.CheckKept(after, upTo, _first, _next);
                segments = _segments.Segments;
                inTail = _tail.FindOldest(fingerprint, after, upTo);
            }

            if (!TryFindIn(segments, key, fingerprint, after, upTo, out bool found, out oldValue)) continue; // they were merged meanwhile
            if (found) return true;
            if (inTail is not { } entry) return false;
            HistoryEntry read = ReadEntry(entry);
            if (read.Key.Span.SequenceEqual(key))
            {
                oldValue = read.OldValue;
                return true;
            }

            return TryFindColliding(key, fingerprint, after, upTo, out oldValue);
        }
    }

    /// <summary>Looks through segments; false when one of them was closed meanwhile.</summary>
    private bool TryFindIn(IndexSegment[] segments, ReadOnlySpan<byte> key, ulong fingerprint, ulong after, ulong upTo, out bool found, out ReadOnlyMemory<byte> oldValue)
    {
        oldValue = default;
        found = false;
        for (int i = FirstAfter(segments, after); i < segments.Length && segments[i].First <= upTo && !found; i++)
        {
            IndexSegment segment = segments[i];
            if (!segment.TryAcquire()) return false;
            try
            {
                int at = segment.Find(fingerprint);
                for (; at >= 0 && at < segment.Count; at++)
                {
                    SegmentEntry entry = segment[at];
                    if (entry.Fingerprint != fingerprint || entry.Block > upTo) break;
                    if (entry.Block <= after) continue;
                    HistoryEntry read = ReadEntry(entry);
                    if (!read.Key.Span.SequenceEqual(key)) continue;
                    oldValue = read.OldValue;
                    found = true;
                    break;
                }
            }
            finally
            {
                segment.Release();
            }
        }

        return true;
    }

    /// <summary>The first segment that reaches above a block.</summary>
    private static int FirstAfter(IndexSegment[] segments, ulong after)
    {
        int low = 0, high = segments.Length;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (segments[middle].Last <= after) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>Two keys of the tail share a fingerprint: all its entries are looked at.</summary>
    private bool TryFindColliding(ReadOnlySpan<byte> key, ulong fingerprint, ulong after, ulong upTo, out ReadOnlyMemory<byte> oldValue)
    {
        var entries = new List<SegmentEntry>();
        lock (_gate) _tail.Find(fingerprint, entries);
        oldValue = default;
        for (int i = entries.Count - 1; i >= 0; i--)
        {
            if (entries[i].Block <= after || entries[i].Block > upTo) continue;
            HistoryEntry read = ReadEntry(entries[i]);
            if (!read.Key.Span.SequenceEqual(key)) continue;
            oldValue = read.OldValue;
            return true;
        }

        return false;
    }

    /// <exception cref="StoreCorruptException">The entry is damaged.</exception>
    private HistoryEntry ReadEntry(in SegmentEntry entry)
    {
        FrameAddress address = _positions[entry.Block];
        Span<byte> head = stackalloc byte[HistoryFrame.EntryHeaderSize];
        _log.ReadPart(address, (int)entry.Place, head);
        int key = head[0], value = BinaryPrimitives.ReadInt32LittleEndian(head[1..]);
        if (key == 0 || value is < 0 or > 1 << 30) throw DamagedEntry(entry, address);
        byte[] content = new byte[key + value + HistoryFrame.ChecksumSize];
        _log.ReadPart(address, (int)entry.Place + HistoryFrame.EntryHeaderSize, content);
        if (HistoryFrame.Checksum(entry.Block, content.AsSpan(0, key + value)) != BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(key + value))) throw DamagedEntry(entry, address);
        return new HistoryEntry(content.AsMemory(0, key), content.AsMemory(key, value));
    }

    private static StoreCorruptException DamagedEntry(in SegmentEntry entry, FrameAddress address) => new(
        $"the history of block {entry.Block} is damaged (log file {address.File:D8}.log, frame at {address.Offset}, entry at {entry.Place}): a bit has flipped on disk; restore the directory from a backup, or sync again");

    /// <inheritdoc/>
    public IEnumerable<ReadOnlyMemory<byte>> KeysBetween(ReadOnlyMemory<byte> lowest, ReadOnlyMemory<byte> highest, ulong after, ulong upTo)
    {
        if (!_options.HasOrder) throw new InvalidOperationException("this history keeps no order of keys");
        if (after >= upTo) return [];
        while (true)
        {
            IndexSegment[] segments;
            ulong tailFirst;
            lock (_gate)
            {
                HistoryRules.CheckKept(after, upTo, _first, _next);
                (segments, tailFirst) = (_segments.Segments, _tailFirst);
            }

            var keys = new SortedSet<ReadOnlyMemory<byte>>(HistoryRules.KeyOrder);
            if (!TryAddKeys(segments, lowest.Span, highest.Span, after, upTo, keys)) continue;
            for (ulong number = Math.Max(tailFirst, after + 1); number <= upTo; number++) AddKeys(number, lowest.Span, highest.Span, keys);
            return keys;
        }
    }

    private bool TryAddKeys(IndexSegment[] segments, ReadOnlySpan<byte> lowest, ReadOnlySpan<byte> highest, ulong after, ulong upTo, SortedSet<ReadOnlyMemory<byte>> keys)
    {
        for (int i = FirstAfter(segments, after); i < segments.Length && segments[i].First <= upTo; i++)
        {
            IndexSegment segment = segments[i];
            if (!segment.TryAcquire()) return false;
            try
            {
                segment.Verify();
                int low = 0, high = segment.Count;
                while (low < high)
                {
                    int middle = (low + high) >> 1;
                    if (ReadEntry(segment[segment.InOrder(middle)]).Key.Span.SequenceCompareTo(lowest) < 0) low = middle + 1;
                    else high = middle;
                }

                for (; low < segment.Count; low++)
                {
                    SegmentEntry entry = segment[segment.InOrder(low)];
                    ReadOnlyMemory<byte> key = ReadEntry(entry).Key;
                    if (key.Span.SequenceCompareTo(highest) > 0) break;
                    if (entry.Block > after && entry.Block <= upTo) keys.Add(key);
                }
            }
            finally
            {
                segment.Release();
            }
        }

        return true;
    }

    private void AddKeys(ulong number, ReadOnlySpan<byte> lowest, ReadOnlySpan<byte> highest, SortedSet<ReadOnlyMemory<byte>> keys)
    {
        var block = new HistoryFrame.Reader(_log.Read(_positions[number]));
        int low = 0, high = block.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (block[middle].Key.Span.SequenceCompareTo(lowest) < 0) low = middle + 1;
            else high = middle;
        }

        for (; low < block.Count && block[low].Key.Span.SequenceCompareTo(highest) <= 0; low++) keys.Add(block[low].Key);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Label(ulong number)
    {
        CheckHas(number);
        Span<byte> head = stackalloc byte[9];
        FrameAddress address = _positions[number];
        _log.ReadPart(address, 0, head);
        if (BinaryPrimitives.ReadUInt64LittleEndian(head) != number) throw new StoreCorruptException($"the history log has another block where block {number} is due (file {address.File:D8}.log)");
        byte[] label = new byte[head[8]];
        _log.ReadPart(address, 9, label);
        return label;
    }

    /// <inheritdoc/>
    public IEnumerable<HistoryEntry> ReadBlock(ulong number)
    {
        CheckHas(number);
        var block = new HistoryFrame.Reader(_log.Read(_positions[number]));
        var entries = new HistoryEntry[block.Count];
        for (int i = 0; i < entries.Length; i++) entries[i] = block[i];
        return entries;
    }

    private void CheckHas(ulong number)
    {
        lock (_gate)
        {
            if (number < _first || number >= _next) throw HistoryRules.NotKept(number, _first, _next);
        }
    }
}
