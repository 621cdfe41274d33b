using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Opal.Storage;

/// <summary>Writes index segments: whole and durable, or not at all.</summary>
internal static class SegmentWriter
{
    /// <summary>Writes a segment under a temporary name, makes it durable and gives it its name.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="first">The lowest block it covers.</param>
    /// <param name="last">The highest block it covers.</param>
    /// <param name="entries">Sorted.</param>
    /// <param name="order">The entries' numbers in the order of their keys; empty for none.</param>
    public static void Write(string path, ulong first, ulong last, ReadOnlySpan<SegmentEntry> entries, ReadOnlySpan<uint> order)
    {
        bool hasOrder = !order.IsEmpty || entries.IsEmpty;
        int bodySize = IndexSegment.BodySize(entries.Length, hasOrder);
        byte[] file = new byte[IndexSegment.HeaderSize + bodySize];
        Span<byte> body = file.AsSpan(IndexSegment.HeaderSize);
        for (int i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(body[(8 * i)..], entries[i].Fingerprint);
            BinaryPrimitives.WriteUInt32LittleEndian(body[((8 * entries.Length) + (8 * i))..], checked((uint)(entries[i].Block - first)));
            BinaryPrimitives.WriteUInt32LittleEndian(body[((8 * entries.Length) + (8 * i) + 4)..], entries[i].Place);
            if (hasOrder) BinaryPrimitives.WriteUInt32LittleEndian(body[((16 * entries.Length) + (4 * i))..], order[i]);
        }

        Span<byte> bloom = body[((hasOrder ? 20 : 16) * entries.Length)..];
        foreach (ref readonly SegmentEntry entry in entries)
        {
            for (int probe = 0; probe < IndexSegment.BloomProbes; probe++)
            {
                uint bit = IndexSegment.BloomBit(entry.Fingerprint, probe, (uint)bloom.Length * 8);
                bloom[(int)(bit >> 3)] |= (byte)(1 << (int)(bit & 7));
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(file, IndexSegment.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), IndexSegment.Version);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(8), entries.Length);
        file[12] = hasOrder ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), first);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), last);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(32), Crc32C.Compute(body));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(60), Crc32C.Compute(file.AsSpan(0, 60)));
        StoreFolder.WriteWhole(path, file);
    }
}
