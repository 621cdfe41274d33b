using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Opal.Primitives;

namespace Opal.Storage;

/// <summary>
/// The index of hashes in files of one folder: segments as a history has them (<see cref="SegmentHeader"/>; the place of an entry is the position of the hash),
/// and a log of the fingerprints that are in none yet. 17 bytes a hash. It keeps no hash, so what is damaged cannot be made again here: the index then ends
/// before it, and its owner adds the blocks from there on again.
/// </summary>
/// <remarks>
/// A frame of the log covers a range of blocks, of which the last has the hashes: <c>first block u64 | last block u64 | fingerprints u64 each</c>. It is not synced: killing
/// the process loses nothing, a power cut the newest blocks. The file <c>index.base</c> says from which block on there is an index.
/// </remarks>
public sealed class FileHashIndex : IHashIndex
{
    private const string KeyFile = "index.key", BaseFile = "index.base";
    private const byte BlockFrame = 1;
    private const int FrameStart = 16, BaseSize = 12;

    private readonly string _folder;
    private readonly FileHashIndexOptions _options;
    private readonly SipHash _hash;
    private readonly SegmentedIndex _index;
    private readonly Lock _writer = new();
    private FileFrameLog _log;
    private ulong _logged; // blocks below it are in segments or in the log

    private FileHashIndex(string folder, FileHashIndexOptions options, SipHash hash)
    {
        _folder = folder;
        _options = options;
        _hash = hash;
        _index = new SegmentedIndex(folder, hash, options.SealAt, options.Report);
        _log = OpenLog();
    }

    /// <inheritdoc/>
    public ulong Next => _index.State.Next;

    /// <inheritdoc/>
    public long Size => _log.Size + _index.Size;

    /// <summary>Opens an index, or makes one.</summary>
    /// <param name="folder">Made when there is none.</param>
    /// <param name="options">Null for the defaults.</param>
    public static FileHashIndex Open(string folder, FileHashIndexOptions? options = null)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        var index = new FileHashIndex(folder, options ?? new FileHashIndexOptions(), FingerprintKey.Open(Path.Combine(folder, KeyFile), out bool made));
        try
        {
            index.OpenParts(made);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private FileFrameLog OpenLog()
    {
        try
        {
            return FileFrameLog.Open(_folder, new FileFrameLogOptions { Report = _options.Report });
        }
        catch (StoreCorruptException error)
        {
            return RemoveLog(error.Message);
        }
    }

    private FileFrameLog RemoveLog(string why)
    {
        _options.Report?.Invoke($"{_folder}: the newest part of the index is lost and has to be added again: {why}");
        foreach (string path in Directory.GetFiles(_folder, "*.log").OrderDescending()) File.Delete(path);
        return FileFrameLog.Open(_folder, new FileFrameLogOptions { Report = _options.Report });
    }

    private void OpenParts(bool newKey)
    {
        List<IndexPart> parts = [];
        ulong? from = ReadBase();
        foreach (SegmentFile segment in _index.OpenSegments())
        {
            bool fits = from is { } first && (parts.Count == 0 ? segment.First <= first : segment.First == parts[^1].Last + 1);
            if (fits) parts.Add(segment);
            else _index.Discard(segment.Path, "what belongs before it is missing");
        }

        _logged = parts.Count > 0 ? parts[^1].Last + 1 : from ?? 0;
        if (newKey || from is null)
        {
            if (_log.Begin != _log.End)
            {
                _log.Dispose();
                _log = RemoveLog("the file of its key, or of its beginning, is missing or damaged");
            }
        }
        else
        {
            ReadLog(parts);
        }

        _index.Start(parts, from ?? 0);
    }

    private void ReadLog(List<IndexPart> parts)
    {
        FrameAddress good = _log.Begin;
        string? bad = null;
        List<IndexRun> runs = [];
        try
        {
            foreach (Frame frame in _log.ReadFrom(_log.Begin))
            {
                ReadOnlySpan<byte> payload = frame.Payload.Span;
                good = frame.Address;
                (ulong first, ulong last) = payload.Length >= FrameStart && payload.Length % 8 == 0
                    ? (BinaryPrimitives.ReadUInt64LittleEndian(payload), BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]))
                    : (ulong.MaxValue, 0);
                if (first <= last && last < _logged) continue; // in a segment by now
                if (first != _logged || last < first)
                {
                    bad = $"block {_logged} is missing in the log";
                    break;
                }

                var fingerprints = new ulong[(payload.Length - FrameStart) / 8];
                for (int i = 0; i < fingerprints.Length; i++) fingerprints[i] = BinaryPrimitives.ReadUInt64LittleEndian(payload[(FrameStart + (8 * i))..]);
                IndexRun run = RunOf(first, last, fingerprints);
                while (runs.Count > 0 && runs[^1].Entries.Count < 2 * run.Entries.Count + 2)
                {
                    run = runs[^1].Join(run);
                    runs.RemoveAt(runs.Count - 1);
                }

                runs.Add(run);
                _logged = last + 1;
                good = _log.End;
            }
        }
        catch (StoreCorruptException error)
        {
            bad = error.Message;
        }

        parts.AddRange(runs);
        if (bad is null) return;
        _options.Report?.Invoke($"{_folder}: the newest part of the index is lost and has to be added again: {bad}");
        _log.Truncate(good);
    }

    private static IndexRun RunOf(ulong first, ulong last, ulong[] fingerprints)
    {
        var entries = new Pair[fingerprints.Length];
        for (int i = 0; i < entries.Length; i++) entries[i] = new Pair(fingerprints[i], ((last - first) << 32) | (uint)i);
        Array.Sort(entries);
        return new IndexRun(first, last, entries, [], null);
    }

    private ulong? ReadBase()
    {
        string path = Path.Combine(_folder, BaseFile);
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        return bytes.Length == BaseSize && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)) == Crc32C.Compute(bytes.AsSpan(0, 8)) ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : null;
    }

    private void WriteBase(ulong first)
    {
        var bytes = new byte[BaseSize];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, first);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Crc32C.Compute(bytes.AsSpan(0, 8)));
        DurableFile.Write(Path.Combine(_folder, BaseFile), bytes);
    }

    /// <inheritdoc/>
    public void Append(ulong number, ReadOnlySpan<Hash256> hashes)
    {
        lock (_writer)
        {
            IndexState state = _index.State;
            ArgumentOutOfRangeException.ThrowIfLessThan(number, state.Next);
            ulong first = state.Next;
            if (state.Parts.Length == 0)
            {
                _log.Truncate(_log.Begin); // what may be left of before
                WriteBase(number);
                _logged = first = number;
            }

            ArgumentOutOfRangeException.ThrowIfGreaterThan(number - first, uint.MaxValue);
            var fingerprints = new ulong[hashes.Length];
            Span<byte> bytes = stackalloc byte[Hash256.Size];
            for (int i = 0; i < fingerprints.Length; i++)
            {
                hashes[i].CopyTo(bytes);
                fingerprints[i] = _hash.Compute(bytes);
            }

            var payload = new byte[FrameStart + (8 * fingerprints.Length)];
            BinaryPrimitives.WriteUInt64LittleEndian(payload, _logged);
            BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(8), number);
            for (int i = 0; i < fingerprints.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(FrameStart + (8 * i)), fingerprints[i]);
            _log.Append(BlockFrame, payload);
            _logged = number + 1;
            if (_index.Push(RunOf(first, number, fingerprints), 0)) _log.Truncate(_log.Begin);
        }
    }

    /// <inheritdoc/>
    public void Find(in Hash256 hash, List<HashPlace> places)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        hash.CopyTo(bytes);
        ulong fingerprint = _hash.Compute(bytes);
        IndexState state = _index.State;
        for (int i = state.Parts.Length - 1; i >= 0; i--)
        {
            IndexPart part = state.Parts[i];
            if (!part.MayHave(fingerprint)) continue;
            int from = places.Count;
            for (long at = part.Entries.LowerBound(new Pair(fingerprint, 0)); at < part.Entries.Count && part.Entries[at] is var entry && entry.A == fingerprint; at++)
            {
                (ulong block, uint position) = part.Take(entry);
                places.Add(new HashPlace(block, position));
            }

            CollectionsMarshal.AsSpan(places)[from..].Reverse();
        }
    }

    /// <inheritdoc/>
    public void TruncateAfter(ulong number)
    {
        lock (_writer)
        {
            IndexState state = _index.State;
            if (state.Parts.Length == 0 || number + 1 >= state.Next) return;
            ulong logged = 0;
            foreach (Frame frame in _log.ReadFrom(_log.Begin))
            {
                ulong last = BinaryPrimitives.ReadUInt64LittleEndian(frame.Payload.Span[8..]);
                if (last > number)
                {
                    _log.Truncate(frame.Address); // first: the log never goes on where the segments do not
                    break;
                }

                logged = last + 1;
            }

            _index.TruncateAfter(number, 0);
            ulong sealedTo = _index.State.Parts.OfType<SegmentFile>().Select(s => s.Last + 1).LastOrDefault();
            _logged = Math.Max(Math.Max(logged, sealedTo), ReadBase() ?? 0);
        }
    }

    /// <inheritdoc/>
    public void PruneBefore(ulong number)
    {
        lock (_writer)
        {
            IndexState state = _index.State;
            if (state.Parts.Length == 0 || number <= state.First) return;
            int keep = state.PartOf(Math.Min(number, state.Next - 1));
            if (keep == 0) return;
            WriteBase(state.Parts[keep].First);
            _index.DropBefore(state.Parts[keep].First);
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
