using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace Opal.Storage;

/// <summary>A segment, mapped read-only. It stays mapped while anybody holds it, also when its file is gone.</summary>
internal sealed unsafe class SegmentFile : IndexPart
{
    private readonly SegmentHeader _header;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int[] _verified; // a bit a page of the body
    private readonly Section _entries, _keys;

    private SegmentFile(string path, in SegmentHeader header, MemoryMappedFile map, MemoryMappedViewAccessor view, byte* start)
        : base(header.First, header.Last)
    {
        Path = path;
        _header = header;
        _map = map;
        _view = view;
        _start = start;
        _verified = new int[(header.Pages + 31) / 32];
        _entries = new Section(this, 0, header.Entries);
        _keys = new Section(this, header.KeysAt, header.Keys);
    }

    ~SegmentFile()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    public string Path { get; }

    public long FileSize => _header.FileSize;

    public uint Stamp => _header.Stamp;

    public override SortedPairs Entries => _entries;

    public override SortedPairs Keys => _keys;

    public override bool HasAddresses => _header.HasAddresses;

    /// <summary>Opens a segment; null when it is none, is damaged where that shows at once, or was made with another key.</summary>
    public static SegmentFile? TryOpen(string path, ulong hashCheck)
    {
        long size = new FileInfo(path).Length;
        if (size < SegmentHeader.Size) return null;
        MemoryMappedFile map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        MemoryMappedViewAccessor view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        if (SegmentHeader.TryRead(new ReadOnlySpan<byte>(start, SegmentHeader.Size), out SegmentHeader header) && header.HashCheck == hashCheck && header.FileSize == size
            && SegmentHeader.IsWhole(new ReadOnlySpan<byte>(start, (int)(SegmentHeader.Size + (header.Pages * 4)))))
        {
            return new SegmentFile(path, header, map, view, start);
        }

        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
        return null;
    }

    public override FrameAddress AddressOf(ulong block) => new(WordAt(_header.AddressesAt + ((long)(block - First) * SegmentHeader.AddressSize)));

    public override bool MayHave(ulong fingerprint)
    {
        long at = _header.BloomAt + Bloom.LineOf(fingerprint, _header.BloomSize);
        bool has = Bloom.Has(new ReadOnlySpan<byte>(Touch(at), Bloom.LineSize), fingerprint);
        GC.KeepAlive(this);
        return has;
    }

    private ulong WordAt(long at)
    {
        ulong word = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(Touch(at), 8));
        GC.KeepAlive(this);
        return word;
    }

    // what is at a place of the body, once its page is known to be good
    private byte* Touch(long at)
    {
        long page = at / SegmentHeader.PageSize;
        if ((Volatile.Read(ref _verified[page >> 5]) & (1 << (int)(page & 31))) == 0) Verify(page);
        return _start + _header.BodyAt + at;
    }

    private void Verify(long page)
    {
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(_start + SegmentHeader.Size + (page * 4), 4));
        long offset = _header.BodyAt + (page * SegmentHeader.PageSize);
        if (Crc32C.Compute(new ReadOnlySpan<byte>(_start + offset, SegmentHeader.PageSize)) != expected)
        {
            throw new StoreCorruptException($"{Path}: the checksum of the page at offset {offset} is wrong; remove this file (it is made again from the log at the next start)");
        }

        Interlocked.Or(ref _verified[page >> 5], 1 << (int)(page & 31));
    }

    private sealed class Section(SegmentFile segment, long at, long count) : SortedPairs
    {
        public override long Count => count;

        public override Pair this[long index]
        {
            get
            {
                byte* pair = segment.Touch(at + (index * SegmentHeader.PairSize));
                var bytes = new ReadOnlySpan<byte>(pair, SegmentHeader.PairSize);
                var value = new Pair(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
                GC.KeepAlive(segment);
                return value;
            }
        }
    }
}
