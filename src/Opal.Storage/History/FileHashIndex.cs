using Opal.Primitives;

namespace Opal.Storage;

/// <summary>How an index of hashes on disk is kept.</summary>
public sealed record HashIndexOptions
{
    /// <summary>Hashes that are in memory before they are written as a segment: as many are added again by the owner after a crash.</summary>
    public int TailEntries { get; init; } = 64 * 1024;

    /// <summary>Told what was removed because it was damaged; its owner adds it again.</summary>
    public Action<string>? Report { get; init; }
}

/// <summary>The index of hashes on disk: immutable sorted segments, the newest hashes in memory until they fill one.</summary>
public sealed class FileHashIndex : IHashIndex
{
    private readonly HashIndexOptions _options;
    private readonly SipHash _hash;
    private readonly SegmentSet _segments;
    private readonly TailIndex _tail = new();
    private readonly Lock _gate = new();
    private ulong _tailFirst;
    private ulong _next;

    /// <summary>Opens an index, or makes an empty one.</summary>
    /// <param name="directory">Where its files are; nothing else may be there.</param>
    /// <param name="options">How it is kept.</param>
    /// <exception cref="StoreCorruptException">The key of its fingerprints is damaged.</exception>
    public FileHashIndex(string directory, HashIndexOptions? options = null)
    {
        _options = options ?? new HashIndexOptions();
        Directory.CreateDirectory(directory);
        _hash = FingerprintKey.ReadOrCreate(Path.Combine(directory, "fingerprint.key"));
        _segments = new SegmentSet(directory, blocks: null, _options.Report);
        _next = _tailFirst = _segments.Next ?? 0;
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
    public long Size => _segments.Size;

    private ulong FingerprintOf(in Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        hash.CopyTo(bytes);
        return _hash.Hash(bytes);
    }

    /// <inheritdoc/>
    public void Append(ulong number, ReadOnlySpan<Hash256> hashes)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(number, _next);
            for (int i = 0; i < hashes.Length; i++) _tail.Add(new SegmentEntry(FingerprintOf(hashes[i]), number, (uint)i));
            _next = number + 1;
        }

        if (_tail.Count >= _options.TailEntries) Seal();
    }

    private void Seal()
    {
        try
        {
            ulong last = _next - 1;
            _segments.Add(_tailFirst, last, _tail.ToSorted(), []);
            lock (_gate)
            {
                _tail.Clear();
                _tailFirst = last + 1;
            }

            _segments.Merge(keyOf: null);
        }
        catch (IOException fault)
        {
            _options.Report?.Invoke($"An index segment could not be written: {fault.Message}. It is tried again.");
        }
    }

    /// <inheritdoc/>
    public void Find(in Hash256 hash, List<HashPlace> places)
    {
        ulong fingerprint = FingerprintOf(hash);
        int had = places.Count;
        while (!TryFind(fingerprint, places)) places.RemoveRange(had, places.Count - had);
    }

    /// <summary>False when a segment was closed meanwhile, because it was merged.</summary>
    private bool TryFind(ulong fingerprint, List<HashPlace> places)
    {
        var recent = new List<SegmentEntry>();
        IndexSegment[] segments;
        ulong tailFirst;
        lock (_gate)
        {
            _tail.Find(fingerprint, recent);
            (segments, tailFirst) = (_segments.Segments, _tailFirst);
        }

        foreach (SegmentEntry entry in recent) places.Add(new HashPlace(entry.Block, entry.Place));
        for (int i = segments.Length - 1; i >= 0; i--)
        {
            IndexSegment segment = segments[i];
            if (segment.First >= tailFirst) continue; // just written, and in the tail still
            if (!segment.TryAcquire()) return false;
            try
            {
                int first = segment.Find(fingerprint), end = first;
                if (first < 0) continue;
                while (end < segment.Count && segment[end].Fingerprint == fingerprint) end++;
                for (int at = end - 1; at >= first; at--) places.Add(new HashPlace(segment[at].Block, segment[at].Place));
            }
            finally
            {
                segment.Release();
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void TruncateAfter(ulong number)
    {
        if (_next <= number + 1) return;
        if (_tailFirst <= number + 1)
        {
            lock (_gate)
            {
                _tail.TruncateAfter(number);
                _next = number + 1;
            }

            return;
        }

        // what the cut segments have below the cut comes into memory again
        SegmentEntry[] kept = [.. _segments.Segments.Where(segment => segment.Last > number).SelectMany(segment => Enumerable.Range(0, segment.Count).Select(i => segment[i])).Where(entry => entry.Block <= number).OrderBy(entry => entry.Block).ThenBy(entry => entry.Place)];
        _segments.TruncateAfter(number);
        lock (_gate)
        {
            _tail.Clear();
            _tailFirst = _segments.Next ?? 0;
            foreach (SegmentEntry entry in kept) _tail.Add(entry);
            _next = number + 1;
        }

        if (_tail.Count >= _options.TailEntries) Seal();
    }

    /// <inheritdoc/>
    public void PruneBefore(ulong number) => _segments.PruneBefore(number);

    /// <inheritdoc/>
    public void Dispose() => _segments.Dispose();
}
