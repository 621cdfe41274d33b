using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Opal.Storage;

/// <summary>
/// An immutable sorted index over the keys of a range of blocks, mapped into memory. File: a header of 64 bytes (magic, version, count, first and last block,
/// whether there is an order, CRC32C of the rest, CRC32C of the header), then fingerprints (8 bytes each, ascending), places (block less first block, place;
/// 4 bytes each), the entries' numbers in the order of their keys (4 bytes each; where there is an order), and a Bloom filter of 8 bits an entry. Little-endian.
/// </summary>
/// <remarks>Used between <see cref="TryAcquire"/> and <see cref="Release"/>; closed when the last user is gone. The body is verified when it is first used.</remarks>
internal sealed unsafe class IndexSegment : IDisposable
{
    public const int HeaderSize = 64;
    public const uint Magic = 0x5347504f, Version = 1;
    public const int BloomProbes = 5;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _bytes;
    private readonly uint _bodyChecksum;
    private readonly int _bodySize;
    private int _users = 1;
    private int _verified;

    private IndexSegment(string path, MemoryMappedFile file, MemoryMappedViewAccessor view, byte* bytes, ReadOnlySpan<byte> header)
    {
        Path = path;
        _file = file;
        _view = view;
        _bytes = bytes;
        Count = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        HasOrder = header[12] == 1;
        First = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        Last = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        _bodyChecksum = BinaryPrimitives.ReadUInt32LittleEndian(header[32..]);
        _bodySize = BodySize(Count, HasOrder);
    }

    public string Path { get; }

    public int Count { get; }

    public bool HasOrder { get; }

    /// <summary>The lowest block it covers.</summary>
    public ulong First { get; }

    /// <summary>The highest block it covers.</summary>
    public ulong Last { get; }

    public long Size => HeaderSize + _bodySize;

    private ReadOnlySpan<ulong> Fingerprints => new(_bytes + HeaderSize, Count);

    private ReadOnlySpan<uint> Places => new(_bytes + HeaderSize + (8L * Count), Count * 2);

    private ReadOnlySpan<uint> Order => HasOrder ? new(_bytes + HeaderSize + (16L * Count), Count) : throw new InvalidOperationException("this index keeps no order of keys");

    private ReadOnlySpan<byte> Bloom => new(_bytes + HeaderSize + ((HasOrder ? 20L : 16L) * Count), BloomSize(Count));

    /// <summary>Bytes of a filter: a byte an entry, whole words.</summary>
    public static int BloomSize(int count) => (count + 7) & ~7;

    public static int BodySize(int count, bool hasOrder) => checked(((hasOrder ? 20 : 16) * count) + BloomSize(count));

    /// <summary>Opens a segment; its header and size are checked.</summary>
    /// <exception cref="StoreCorruptException">It is no segment, or not whole.</exception>
    public static IndexSegment Open(string path)
    {
        long length = new FileInfo(path).Length;
        if (length < HeaderSize) throw Damaged(path, "it is too short");
        MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        MemoryMappedViewAccessor view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* bytes = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref bytes);
        var header = new ReadOnlySpan<byte>(bytes, HeaderSize);
        string? problem = BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic || BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != Version ? "it is no index segment of this version"
            : Crc32C.Compute(header[..60]) != BinaryPrimitives.ReadUInt32LittleEndian(header[60..]) ? "its header is damaged"
            : null;
        if (problem is null)
        {
            var segment = new IndexSegment(path, file, view, bytes, header);
            if (segment.Size == length) return segment;
            problem = "its size is wrong";
        }

        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
        throw Damaged(path, problem);
    }

    public static StoreCorruptException Damaged(string path, string problem) =>
        new($"the index segment {path} is damaged: {problem}. Delete it and start again: it is made anew from the log beside it.");

    /// <summary>Whether it may be used; <see cref="Release"/> then ends the use.</summary>
    public bool TryAcquire()
    {
        for (int users = Volatile.Read(ref _users); users > 0; users = Volatile.Read(ref _users))
        {
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users) return true;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0) return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    /// <summary>Checks the whole content against its checksum, once.</summary>
    /// <exception cref="StoreCorruptException">It differs.</exception>
    public void Verify()
    {
        if (Volatile.Read(ref _verified) == 1) return;
        if (Crc32C.Compute(new ReadOnlySpan<byte>(_bytes + HeaderSize, _bodySize)) != _bodyChecksum) throw Damaged(Path, "its checksum is wrong");
        Volatile.Write(ref _verified, 1);
    }

    public SegmentEntry this[int index] => new(Fingerprints[index], First + Places[2 * index], Places[(2 * index) + 1]);

    /// <summary>The number of the entry that is at a place in the order of keys.</summary>
    public int InOrder(int place) => (int)Order[place];

    /// <summary>The first entry with a fingerprint; -1 when there is none.</summary>
    public int Find(ulong fingerprint)
    {
        Verify();
        if (!MayHold(fingerprint)) return -1;
        ReadOnlySpan<ulong> all = Fingerprints;
        int low = 0, high = all.Length; // the answer lies in [low, high]
        while (low < high)
        {
            // fingerprints are uniform: guess by value, but never leave the inner part, so that a bad guess still halves
            ulong from = low == 0 ? 0 : all[low - 1], to = high == all.Length ? ulong.MaxValue : all[high];
            int span = high - low, middle;
            if (span < 8 || to <= from || fingerprint < from) middle = low + (span >> 1);
            else middle = low + (int)UInt128.Clamp((UInt128)(fingerprint - from) * (UInt128)span / ((UInt128)(to - from) + 1), (UInt128)(span >> 3), (UInt128)(span - 1 - (span >> 3)));
            if (all[middle] < fingerprint) low = middle + 1;
            else high = middle;
        }

        return low < all.Length && all[low] == fingerprint ? low : -1;
    }

    private bool MayHold(ulong fingerprint)
    {
        ReadOnlySpan<byte> bloom = Bloom;
        uint bits = (uint)bloom.Length * 8;
        for (int probe = 0; probe < BloomProbes; probe++)
        {
            uint bit = BloomBit(fingerprint, probe, bits);
            if ((bloom[(int)(bit >> 3)] & (1 << (int)(bit & 7))) == 0) return false;
        }

        return true;
    }

    /// <summary>Two halves of the fingerprint, combined: as good as that many hashes.</summary>
    public static uint BloomBit(ulong fingerprint, int probe, uint bits) => (uint)(((fingerprint >> 32) + ((ulong)probe * ((fingerprint & 0xffffffff) | 1))) % bits);

    public void Dispose() => Release();
}
