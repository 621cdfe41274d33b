using System.Buffers.Binary;

namespace Opal.Storage;

/// <summary>
/// The bytes of a log. All numbers are little-endian.
/// <code>
/// file    "OPALLOG1" | salt u64 | number u32 | crc32c u32 of what is before it | frames
/// frame   length u32 | type u8 | codec u8 | check u16 | crc32c u32 | payload (length bytes)
/// </code>
/// Codec 0: the payload as it is. Codec 1: its size as u32, then Brotli. Both checksums begin with the file's salt and number and the frame's offset: no
/// bytes that lay elsewhere, or that somebody put into a payload, look like a frame. <c>check</c> covers length, type and codec; <c>crc32c</c> these and the
/// payload. Frames are not padded.
/// </summary>
internal static class FrameFormat
{
    public const int FileHeaderSize = 24, FrameHeaderSize = 12;
    public const byte Plain = 0, Brotli = 1;
    public const uint MaxPayload = int.MaxValue - 63;

    public static ReadOnlySpan<byte> Magic => "OPALLOG1"u8;

    /// <summary>What a frame's header says.</summary>
    public readonly record struct Header(uint Length, byte Type, byte Codec, uint Checksum);

    public static void WriteFileHeader(Span<byte> to, ulong salt, uint number)
    {
        Magic.CopyTo(to);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], salt);
        BinaryPrimitives.WriteUInt32LittleEndian(to[16..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], Crc32C.Compute(to[..20]));
    }

    public static bool TryReadFileHeader(ReadOnlySpan<byte> from, uint number, out ulong salt)
    {
        salt = from.Length >= FileHeaderSize ? BinaryPrimitives.ReadUInt64LittleEndian(from[8..]) : 0;
        return from.Length >= FileHeaderSize && from.StartsWith(Magic) && BinaryPrimitives.ReadUInt32LittleEndian(from[20..]) == Crc32C.Compute(from[..20])
            && BinaryPrimitives.ReadUInt32LittleEndian(from[16..]) == number;
    }

    /// <summary>The state of a file's checksums before the offset.</summary>
    public static uint Seed(ulong salt, uint number) => Crc32C.Append(Crc32C.Append(~0u, salt), number);

    public static void WriteHeader(Span<byte> to, uint seed, uint offset, byte type, byte codec, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)payload.Length);
        to[4] = type;
        to[5] = codec;
        uint state = HeaderState(to, seed, offset);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], (ushort)~state);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], ~Crc32C.Append(state, payload));
    }

    public static bool TryReadHeader(ReadOnlySpan<byte> from, uint seed, uint offset, out Header header)
    {
        header = new Header(BinaryPrimitives.ReadUInt32LittleEndian(from), from[4], from[5], BinaryPrimitives.ReadUInt32LittleEndian(from[8..]));
        return header.Type != 0 && header.Codec <= Brotli && header.Length <= MaxPayload
            && BinaryPrimitives.ReadUInt16LittleEndian(from[6..]) == (ushort)~HeaderState(from, seed, offset);
    }

    public static bool IsWhole(ReadOnlySpan<byte> header, uint seed, uint offset, ReadOnlySpan<byte> payload) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == ~Crc32C.Append(HeaderState(header, seed, offset), payload);

    private static uint HeaderState(ReadOnlySpan<byte> header, uint seed, uint offset) => Crc32C.Append(Crc32C.Append(seed, offset), header[..6]);
}
