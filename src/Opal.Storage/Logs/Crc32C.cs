using System.Buffers.Binary;
using System.Numerics;

namespace Opal.Storage;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4), by the processor's instruction where it has one.</summary>
public static class Crc32C
{
    /// <summary>The checksum of some bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Append(~0u, bytes);

    /// <summary>Takes more bytes into a running state, which begins as all ones and whose complement is the checksum.</summary>
    internal static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..]) state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes) state = BitOperations.Crc32C(state, value);
        return state;
    }

    internal static uint Append(uint state, uint value) => BitOperations.Crc32C(state, value);

    internal static uint Append(uint state, ulong value) => BitOperations.Crc32C(state, value);
}
