using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Storage;

namespace Opal.Node;

/// <summary>The bytes of a slot's file, which blobs it has: <c>"OPALSLT1" | { index u32 | versioned hash (32) } by index | crc32c u32 of all before</c>; numbers little-endian.</summary>
internal static class SlotFile
{
    private const int HeaderSize = 8, EntrySize = 4 + Hash256.Size, ChecksumSize = 4;

    private static ReadOnlySpan<byte> Magic => "OPALSLT1"u8;

    public static byte[] Encode(SortedDictionary<int, Hash256> blobs)
    {
        byte[] file = new byte[HeaderSize + (blobs.Count * EntrySize) + ChecksumSize];
        Magic.CopyTo(file);
        Span<byte> at = file.AsSpan(HeaderSize);
        foreach ((int index, Hash256 hash) in blobs)
        {
            BinaryPrimitives.WriteInt32LittleEndian(at, index);
            hash.CopyTo(at[4..]);
            at = at[EntrySize..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(at, Crc32C.Compute(file.AsSpan(0, file.Length - ChecksumSize)));
        return file;
    }

    /// <summary>The blobs by index; null when the file is cut, foreign or damaged.</summary>
    public static SortedDictionary<int, Hash256>? Decode(ReadOnlySpan<byte> file)
    {
        int entries = file.Length - HeaderSize - ChecksumSize;
        if (entries < 0 || entries % EntrySize != 0 || !file.StartsWith(Magic)) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(file[^ChecksumSize..]) != Crc32C.Compute(file[..^ChecksumSize])) return null;
        var blobs = new SortedDictionary<int, Hash256>();
        for (ReadOnlySpan<byte> at = file[HeaderSize..^ChecksumSize]; at.Length > 0; at = at[EntrySize..])
        {
            blobs[BinaryPrimitives.ReadInt32LittleEndian(at)] = new Hash256(at.Slice(4, Hash256.Size));
        }

        return blobs;
    }
}
