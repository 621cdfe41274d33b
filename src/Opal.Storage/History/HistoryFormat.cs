using System.Buffers.Binary;

namespace Opal.Storage;

/// <summary>
/// The payload of a block's frame in a history. All numbers are little-endian.
/// <code>
/// block   crc32c u32 of the rest of the head | number u64 | entries u32 | label size u8 | label | groups
/// group   size u32 | crc32c u32 | entries (size bytes, up to 16 entries): read alone by a search, so it has a checksum of its own, over number, place, size and entries
/// entry   bytes shared with the key before in the group u8 | other bytes of the key u8 | size of the old value, 7 bits a byte, lowest first | bytes of the key | old value
/// </code>
/// </summary>
internal static class HistoryFormat
{
    public const byte BlockFrame = 1;
    public const int GroupHeaderSize = 8, FixedHeadSize = 17, MaxHeadSize = FixedHeadSize + HistoryRules.MaxLabelSize;

    private const int GroupEntries = 16, GroupBytes = 4096;

    /// <summary>What a block's frame begins with.</summary>
    public readonly record struct Head(uint Checksum, ulong Number, uint Entries, int LabelSize)
    {
        public int Size => FixedHeadSize + LabelSize;
    }

    /// <summary>Writes a block and tells where each entry's group is.</summary>
    /// <param name="writer">Takes the payload.</param>
    /// <param name="number">The block.</param>
    /// <param name="label">Its label.</param>
    /// <param name="entries">Its entries, ascending.</param>
    /// <param name="places">Takes the places of the entries' groups.</param>
    public static void Write(ByteWriter writer, ulong number, ReadOnlySpan<byte> label, ReadOnlySpan<HistoryEntry> entries, Span<uint> places)
    {
        writer.Clear();
        Span<byte> head = writer.Take(FixedHeadSize + label.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(head[4..], number);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], entries.Length);
        head[16] = (byte)label.Length;
        label.CopyTo(head[FixedHeadSize..]);
        BinaryPrimitives.WriteUInt32LittleEndian(head, Crc32C.Compute(head[4..]));
        for (int i = 0; i < entries.Length;)
        {
            int place = writer.Length;
            writer.Take(GroupHeaderSize);
            ReadOnlySpan<byte> before = default;
            for (int n = 0; n < GroupEntries && i < entries.Length && writer.Length - place < GroupBytes; n++, i++)
            {
                ReadOnlySpan<byte> key = entries[i].Key.Span, value = entries[i].OldValue.Span;
                int shared = before.CommonPrefixLength(key);
                Span<byte> sizes = writer.Take(2);
                sizes[0] = (byte)shared;
                sizes[1] = (byte)(key.Length - shared);
                for (uint size = (uint)value.Length; ; size >>= 7)
                {
                    writer.Take(1)[0] = (byte)(size < 0x80 ? size : size | 0x80);
                    if (size < 0x80) break;
                }

                key[shared..].CopyTo(writer.Take(key.Length - shared));
                value.CopyTo(writer.Take(value.Length));
                places[i] = (uint)place;
                before = key;
            }

            Span<byte> group = writer.Written[place..];
            BinaryPrimitives.WriteInt32LittleEndian(group, group.Length - GroupHeaderSize);
            BinaryPrimitives.WriteUInt32LittleEndian(group[4..], GroupChecksum(number, (uint)place, group[GroupHeaderSize..]));
        }
    }

    private static uint GroupChecksum(ulong number, uint place, ReadOnlySpan<byte> entries) =>
        ~Crc32C.Append(Crc32C.Append(Crc32C.Append(Crc32C.Append(~0u, number), place), (uint)entries.Length), entries);

    /// <summary>Reads a head; the bytes may go on behind it.</summary>
    public static bool TryReadHead(ReadOnlySpan<byte> bytes, out Head head)
    {
        head = default;
        if (bytes.Length < FixedHeadSize) return false;
        head = new Head(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[4..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]), bytes[16]);
        return bytes.Length >= head.Size && head.Checksum == Crc32C.Compute(bytes[4..head.Size]);
    }

    public static uint GroupSize(ReadOnlySpan<byte> groupHeader) => BinaryPrimitives.ReadUInt32LittleEndian(groupHeader);

    /// <summary>Whether a group is what was written there for a block.</summary>
    public static bool IsGroup(ulong number, uint place, ReadOnlySpan<byte> group) => BinaryPrimitives.ReadUInt32LittleEndian(group[4..]) == GroupChecksum(number, place, group[GroupHeaderSize..]);
}

/// <summary>Walks over the entries of a group.</summary>
/// <param name="entries">Its entries, without the header.</param>
/// <param name="key">Room for a key.</param>
internal ref struct HistoryGroupReader(ReadOnlySpan<byte> entries, Span<byte> key)
{
    private readonly ReadOnlySpan<byte> _entries = entries;
    private readonly Span<byte> _key = key;
    private int _at, _keySize;

    public readonly ReadOnlySpan<byte> Key => _key[.._keySize];

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether what is there could not be an entry.</summary>
    public bool IsMalformed { get; private set; }

    public bool MoveNext()
    {
        if (_at == _entries.Length) return false;
        IsMalformed = true;
        if (_entries.Length - _at < 3) return false;
        int shared = _entries[_at++], rest = _entries[_at++];
        ulong size = 0;
        for (int shift = 0; ; shift += 7)
        {
            if (_at == _entries.Length || shift > 28) return false;
            byte next = _entries[_at++];
            size |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) break;
        }

        if (shared > _keySize || shared + rest is 0 or > HistoryRules.MaxKeySize || (ulong)rest + size > (ulong)(_entries.Length - _at)) return false;
        _entries.Slice(_at, rest).CopyTo(_key[shared..]);
        _keySize = shared + rest;
        Value = _entries.Slice(_at + rest, (int)size);
        _at += rest + (int)size;
        IsMalformed = false;
        return true;
    }
}
