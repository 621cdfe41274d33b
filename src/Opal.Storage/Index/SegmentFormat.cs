using System.Buffers.Binary;

namespace Opal.Storage;

/// <summary>
/// The bytes of an index segment <c>FIRST-LAST.seg</c>. All numbers are little-endian.
/// <code>
/// header  "OPALSEG1" | hash of 0 u64 | first block u64 | last block u64 | entries u64 | keys u64 | flags u32 | stamp u32 | 0 u32 | crc32c u32 (64 bytes)
/// table   crc32c u32 of each page of the body; the header's crc32c covers header and table; zeros to a multiple of 4,096 bytes
/// body    entries (16 bytes each, ascending) | keys (16 bytes each, ascending) | addresses (8 bytes a block, if flag 1) | Bloom filter, from a multiple of 64
/// </code>
/// The body's pages of 4,096 bytes are checked when they are first touched, so opening costs little and a flipped bit never answers.
/// </summary>
/// <param name="HashCheck">The keyed hash of eight zeros: says which key the fingerprints were made with.</param>
/// <param name="First">The first block.</param>
/// <param name="Last">The last block.</param>
/// <param name="Entries">How many entries.</param>
/// <param name="Keys">How many keys in order.</param>
/// <param name="HasAddresses">Whether the addresses of blocks are there.</param>
/// <param name="Stamp">What its owner wants to know the last block by.</param>
internal readonly record struct SegmentHeader(ulong HashCheck, ulong First, ulong Last, long Entries, long Keys, bool HasAddresses, uint Stamp)
{
    public const int Size = 64, PageSize = 4096, PairSize = 16, AddressSize = 8;

    private const long Most = 1L << 40;

    private static ReadOnlySpan<byte> Magic => "OPALSEG1"u8;

    public long KeysAt => Entries * PairSize;

    public long AddressesAt => KeysAt + Keys * PairSize;

    public long BloomAt => (AddressesAt + (HasAddresses ? (long)(Last - First + 1) * AddressSize : 0) + Bloom.LineSize - 1) / Bloom.LineSize * Bloom.LineSize;

    public long BloomSize => Bloom.SizeFor(Entries);

    public long BodySize => BloomAt + BloomSize;

    public long Pages => (BodySize + PageSize - 1) / PageSize;

    /// <summary>Where the body begins in the file.</summary>
    public long BodyAt => (Size + Pages * 4 + PageSize - 1) / PageSize * PageSize;

    public long FileSize => BodyAt + Pages * PageSize;

    /// <summary>Writes the header before its table, whose checksums are there already.</summary>
    public void Write(Span<byte> headerAndTable)
    {
        Magic.CopyTo(headerAndTable);
        BinaryPrimitives.WriteUInt64LittleEndian(headerAndTable[8..], HashCheck);
        BinaryPrimitives.WriteUInt64LittleEndian(headerAndTable[16..], First);
        BinaryPrimitives.WriteUInt64LittleEndian(headerAndTable[24..], Last);
        BinaryPrimitives.WriteInt64LittleEndian(headerAndTable[32..], Entries);
        BinaryPrimitives.WriteInt64LittleEndian(headerAndTable[40..], Keys);
        BinaryPrimitives.WriteUInt32LittleEndian(headerAndTable[48..], HasAddresses ? 1u : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(headerAndTable[52..], Stamp);
        headerAndTable[56..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(headerAndTable[60..], Crc32C.Compute(headerAndTable));
    }

    /// <summary>Reads a header; whether its checksum holds shows when the table is there (<see cref="IsWhole"/>).</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < Size || !bytes.StartsWith(Magic)) return false;
        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]) == 1, BinaryPrimitives.ReadUInt32LittleEndian(bytes[52..]));
        return header.Last >= header.First && header.Last - header.First < uint.MaxValue && header.Entries is >= 0 and < Most && header.Keys is >= 0 and < Most;
    }

    public static bool IsWhole(ReadOnlySpan<byte> headerAndTable)
    {
        uint state = Crc32C.Append(~0u, headerAndTable[..60]);
        return BinaryPrimitives.ReadUInt32LittleEndian(headerAndTable[60..]) == ~Crc32C.Append(Crc32C.Append(state, 0u), headerAndTable[Size..]);
    }
}
