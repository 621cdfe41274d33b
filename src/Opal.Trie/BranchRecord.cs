using System.Buffers.Binary;
using System.Numerics;
using Opal.Primitives;

namespace Opal.Trie;

/// <summary>
/// A branch node as it is stored: at the path where the extension above it starts, or its own path when there is none, with the
/// references of all its children. Leaves have no record: they live in the flat state.
/// </summary>
/// <remarks>
/// [extension length u8][flags u8][mask u16][leaf mask u16](extension digits, two a byte)(references). Big-endian. A bit of the
/// mask is a child; a bit of the leaf mask a child that is a leaf. A reference is the 32-byte hash of a node; with the flag
/// <c>inline</c> (some child is shorter than 32 bytes) each has a length byte before it.
/// </remarks>
public readonly ref struct BranchRecord
{
    /// <summary>The largest record: a branch of 16 children under an extension of 63 digits, with length bytes.</summary>
    public const int MaxSize = HeaderSize + 32 + (16 * (Hash256.Size + 1));

    internal const int HeaderSize = 6;
    internal const byte InlineFlag = 1;

    private readonly ReadOnlySpan<byte> _references;
    private readonly bool _inline;

    private BranchRecord(ReadOnlySpan<byte> record)
    {
        ExtensionLength = record[0];
        _inline = (record[1] & InlineFlag) != 0;
        Mask = BinaryPrimitives.ReadUInt16BigEndian(record[2..]);
        LeafMask = BinaryPrimitives.ReadUInt16BigEndian(record[4..]);
        int digits = (ExtensionLength + 1) >> 1;
        ExtensionDigits = record.Slice(HeaderSize, digits);
        _references = record[(HeaderSize + digits)..];
    }

    /// <summary>The number of digits of the extension node above the branch; 0 when there is none.</summary>
    public int ExtensionLength { get; }

    /// <summary>The extension's digits, two a byte, the high half first.</summary>
    public ReadOnlySpan<byte> ExtensionDigits { get; }

    /// <summary>Which children there are.</summary>
    public ushort Mask { get; }

    /// <summary>Which of them are leaves.</summary>
    public ushort LeafMask { get; }

    /// <summary>Reads a record; false when it is damaged.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> bytes, out BranchRecord record)
    {
        record = default;
        if (bytes.Length < HeaderSize || bytes[0] > 63 || bytes[1] > InlineFlag) return false;
        int references = bytes.Length - HeaderSize - ((bytes[0] + 1) >> 1);
        if (references < 0) return false;
        record = new BranchRecord(bytes);
        int count = BitOperations.PopCount(record.Mask);
        if (count < 2 || (record.LeafMask & ~record.Mask) != 0) return false;
        if (!record._inline) return references == count * Hash256.Size;
        ReadOnlySpan<byte> rest = record._references;
        for (; count > 0; count--)
        {
            if (rest.IsEmpty || rest[0] is 0 or > Hash256.Size || rest.Length <= rest[0]) return false;
            rest = rest[(1 + rest[0])..];
        }

        return rest.IsEmpty;
    }

    /// <summary>The reference of a child whose bit is in the mask: 32 bytes are a hash, fewer the node itself.</summary>
    public ReadOnlySpan<byte> Reference(int digit)
    {
        int rank = BitOperations.PopCount((uint)(Mask & ((1 << digit) - 1)));
        if (!_inline) return _references.Slice(rank * Hash256.Size, Hash256.Size);
        ReadOnlySpan<byte> rest = _references;
        for (; rank > 0; rank--) rest = rest[(1 + rest[0])..];
        return rest.Slice(1, rest[0]);
    }

    /// <summary>The digits on the way to the branch itself, after those of <paramref name="path"/>, where the record is.</summary>
    internal Hash256 Extend(in TriePath path)
    {
        Hash256 digits = path.Digits;
        for (int i = 0; i < ExtensionLength; i++) digits = digits.WithDigit(path.Length + i, NibblePath.DigitAt(ExtensionDigits, i));
        return digits;
    }
}
