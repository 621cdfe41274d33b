using System.Buffers.Binary;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Opal.Storage;

/// <summary>CRC-32C (Castagnoli; RFC 3720 appendix B.4), by the processor's instruction where it has one.</summary>
public static class Crc32C
{
    private const uint ReversedPolynomial = 0x82f63b78;
    private static readonly uint[] Table = MakeTable();

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ ReversedPolynomial;
            table[i] = value;
        }

        return table;
    }

    /// <summary>The checksum of some bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Update(uint.MaxValue, bytes);

    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (Sse42.X64.IsSupported)
        {
            ulong wide = crc;
            for (; bytes.Length >= 8; bytes = bytes[8..]) wide = Sse42.X64.Crc32(wide, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            crc = (uint)wide;
            foreach (byte b in bytes) crc = Sse42.Crc32(crc, b);
            return crc;
        }

        if (Crc32.Arm64.IsSupported)
        {
            for (; bytes.Length >= 8; bytes = bytes[8..]) crc = Crc32.Arm64.ComputeCrc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            foreach (byte b in bytes) crc = Crc32.ComputeCrc32C(crc, b);
            return crc;
        }

        return UpdateByTable(crc, bytes);
    }

    private static uint UpdateByTable(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes) crc = (crc >> 8) ^ Table[(byte)(crc ^ b)];
        return crc;
    }

    /// <summary>The same without the processor's instruction, for machines that lack it.</summary>
    internal static uint ComputeByTable(ReadOnlySpan<byte> bytes) => ~UpdateByTable(uint.MaxValue, bytes);
}
