using System.Buffers.Binary;

namespace Opal.Storage;

/// <summary>
/// A block of a history as a frame: [number 8][label length 1][label][count 4][offset of each entry 4 ...], then the entries in order of keys, each
/// [key length 1][value length 4][key][value][CRC32C over number, key and value 4]. Little-endian; offsets count from the payload's begin.
/// </summary>
internal static class HistoryFrame
{
    public const byte Type = 1;
    public const int EntryHeaderSize = 5, ChecksumSize = 4;
    private const int FixedSize = 8 + 1 + 4;

    public static byte[] Encode(ulong number, ReadOnlySpan<byte> label, ReadOnlySpan<HistoryEntry> entries, Span<uint> offsets)
    {
        long size = FixedSize + label.Length + (4L * entries.Length);
        foreach (ref readonly HistoryEntry entry in entries) size += EntryHeaderSize + entry.Key.Length + entry.OldValue.Length + ChecksumSize;
        byte[] frame = new byte[checked((int)size)];
        BinaryPrimitives.WriteUInt64LittleEndian(frame, number);
        frame[8] = (byte)label.Length;
        label.CopyTo(frame.AsSpan(9));
        int table = 9 + label.Length;
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(table), entries.Length);
        int at = table + 4 + (4 * entries.Length);
        for (int i = 0; i < entries.Length; i++)
        {
            offsets[i] = (uint)at;
            BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(table + 4 + (4 * i)), (uint)at);
            at += WriteEntry(frame.AsSpan(at), number, entries[i].Key.Span, entries[i].OldValue.Span);
        }

        return frame;
    }

    private static int WriteEntry(Span<byte> to, ulong number, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        to[0] = (byte)key.Length;
        BinaryPrimitives.WriteInt32LittleEndian(to[1..], value.Length);
        key.CopyTo(to[EntryHeaderSize..]);
        value.CopyTo(to[(EntryHeaderSize + key.Length)..]);
        int content = key.Length + value.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(to[(EntryHeaderSize + content)..], Checksum(number, to.Slice(EntryHeaderSize, content)));
        return EntryHeaderSize + content + ChecksumSize;
    }

    public static uint Checksum(ulong number, ReadOnlySpan<byte> content)
    {
        // cheap, and enough: the block's number is mixed in, so that an entry is not taken for one of another block
        return Crc32C.Compute(content) ^ (uint)number ^ (uint)(number >> 32);
    }

    /// <summary>A frame that was read whole.</summary>
    public readonly struct Reader
    {
        private readonly ReadOnlyMemory<byte> _frame;
        private readonly int _table;

        /// <exception cref="StoreCorruptException">The frame is no block of a history.</exception>
        public Reader(in Frame frame)
        {
            _frame = frame.Payload;
            ReadOnlySpan<byte> bytes = _frame.Span;
            if (frame.Type != Type || bytes.Length < FixedSize || bytes.Length < FixedSize + bytes[8]) throw Foreign(frame);
            Number = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            _table = 9 + bytes[8];
            Count = BinaryPrimitives.ReadInt32LittleEndian(bytes[_table..]);
            if (Count < 0 || _table + 4 + (4L * Count) > bytes.Length) throw Foreign(frame);
        }

        public ulong Number { get; }

        public int Count { get; }

        public ReadOnlyMemory<byte> Label => _frame[9.._table];

        public uint OffsetOf(int index) => BinaryPrimitives.ReadUInt32LittleEndian(_frame.Span[(_table + 4 + (4 * index))..]);

        public HistoryEntry this[int index]
        {
            get
            {
                int at = (int)OffsetOf(index);
                int key = _frame.Span[at], value = BinaryPrimitives.ReadInt32LittleEndian(_frame.Span[(at + 1)..]);
                return new HistoryEntry(_frame.Slice(at + EntryHeaderSize, key), _frame.Slice(at + EntryHeaderSize + key, value));
            }
        }

        private static StoreCorruptException Foreign(in Frame frame) => new($"frame {frame.Address.File:D8}:{frame.Address.Offset} of a history log is no block of a history: the file is damaged or foreign");
    }
}
