using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Opal.Primitives;

/// <summary>An unsigned 256-bit integer, arithmetic modulo 2^256: the word of the EVM.</summary>
/// <remarks>
/// Four 64-bit limbs, least significant first, each in the machine's own byte order; memory and wire are reached through
/// <see cref="FromBigEndian"/> and <see cref="WriteBigEndian"/>. The limbs are mutable fields so that the interpreter can work
/// on words in place in its operand stack. Operators wrap; <see cref="TryAdd"/> and its kin report overflow.
/// Static methods with <c>out</c> results allow the result to be one of the operands.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public partial struct UInt256 : IEquatable<UInt256>, IComparable<UInt256>
{
    /// <summary>Limb 0 (bits 0 to 63).</summary>
    public ulong U0;
    /// <summary>Limb 1 (bits 64 to 127).</summary>
    public ulong U1;
    /// <summary>Limb 2 (bits 128 to 191).</summary>
    public ulong U2;
    /// <summary>Limb 3 (bits 192 to 255).</summary>
    public ulong U3;

    /// <summary>Builds a value from its limbs, least significant first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt256(ulong u0, ulong u1 = 0, ulong u2 = 0, ulong u3 = 0)
    {
        U0 = u0;
        U1 = u1;
        U2 = u2;
        U3 = u3;
    }

    /// <summary>0.</summary>
    public static UInt256 Zero => default;
    /// <summary>1.</summary>
    public static UInt256 One => new(1);
    /// <summary>2^256 - 1.</summary>
    public static UInt256 MaxValue => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Whether the value is 0.</summary>
    public readonly bool IsZero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (U0 | U1 | U2 | U3) == 0;
    }

    /// <summary>Whether the value is below 2^64.</summary>
    public readonly bool IsUInt64
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (U1 | U2 | U3) == 0;
    }

    /// <summary>The number of bits without leading zeros; 0 for 0.</summary>
    public readonly int BitLength =>
        U3 != 0 ? 256 - BitOperations.LeadingZeroCount(U3)
        : U2 != 0 ? 192 - BitOperations.LeadingZeroCount(U2)
        : U1 != 0 ? 128 - BitOperations.LeadingZeroCount(U1)
        : 64 - BitOperations.LeadingZeroCount(U0);

    /// <summary>The number of bytes without leading zeros; 0 for 0.</summary>
    public readonly int ByteLength => (BitLength + 7) >> 3;

    /// <summary>Reads up to 32 bytes, most significant first.</summary>
    /// <param name="bytes">0 to 32 bytes; shorter input is extended with zeros on the left.</param>
    public static UInt256 FromBigEndian(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 32)
        {
            return new UInt256(
                BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes));
        }

        Span<byte> padded = stackalloc byte[32];
        padded.Clear();
        bytes.CopyTo(padded[(32 - bytes.Length)..]);
        return FromBigEndian(padded);
    }

    /// <summary>Writes all 32 bytes, most significant first.</summary>
    public readonly void WriteBigEndian(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], U0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], U1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], U2);
        BinaryPrimitives.WriteUInt64BigEndian(destination, U3);
    }

    /// <summary>Writes the value without leading zeros, most significant byte first.</summary>
    /// <returns>The number of bytes written, 0 to 32.</returns>
    public readonly int WriteMinimalBigEndian(Span<byte> destination)
    {
        Span<byte> full = stackalloc byte[32];
        WriteBigEndian(full);
        int length = ByteLength;
        full[(32 - length)..].CopyTo(destination);
        return length;
    }

    /// <summary>All 32 bytes, most significant first, in a new array.</summary>
    public readonly byte[] ToBigEndianArray()
    {
        var bytes = new byte[32];
        WriteBigEndian(bytes);
        return bytes;
    }

    /// <summary>The value if it is below 2^64, else 2^64 - 1.</summary>
    public readonly ulong ToUInt64Saturated() => IsUInt64 ? U0 : ulong.MaxValue;

    /// <summary>The byte at <paramref name="index"/>, 0 being the most significant of 32.</summary>
    public readonly byte ByteAt(int index) => unchecked((byte)(Limb(3 - (index >> 3)) >> ((7 - (index & 7)) << 3)));

    private readonly ulong Limb(int index) => index switch { 0 => U0, 1 => U1, 2 => U2, _ => U3 };

    /// <summary>The bit at <paramref name="index"/>, 0 being the least significant.</summary>
    public readonly bool BitAt(int index) => ((Limb(index >> 6) >> (index & 63)) & 1) != 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Equals(UInt256 other) => ((U0 ^ other.U0) | (U1 ^ other.U1) | (U2 ^ other.U2) | (U3 ^ other.U3)) == 0;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is UInt256 other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        unchecked
        {
            ulong h = (U0 ^ BitOperations.RotateLeft(U1, 23)) * 0x9E3779B97F4A7C15;
            h ^= (U2 ^ BitOperations.RotateLeft(U3, 29)) * 0xC2B2AE3D27D4EB4F;
            return (int)(h >> 32) ^ (int)h;
        }
    }

    /// <inheritdoc/>
    public readonly int CompareTo(UInt256 other)
    {
        if (U3 != other.U3) return U3 < other.U3 ? -1 : 1;
        if (U2 != other.U2) return U2 < other.U2 ? -1 : 1;
        if (U1 != other.U1) return U1 < other.U1 ? -1 : 1;
        return U0 == other.U0 ? 0 : U0 < other.U0 ? -1 : 1;
    }

    public static implicit operator UInt256(ulong value) => new(value);
    public static implicit operator UInt256(uint value) => new(value);

    /// <summary>The low 64 bits; the caller has checked <see cref="IsUInt64"/> or wants the truncation.</summary>
    public static explicit operator ulong(UInt256 value) => value.U0;

    public static bool operator ==(in UInt256 a, in UInt256 b) => a.Equals(b);
    public static bool operator !=(in UInt256 a, in UInt256 b) => !a.Equals(b);
    public static bool operator <(in UInt256 a, in UInt256 b) => Less(a, b);
    public static bool operator >(in UInt256 a, in UInt256 b) => Less(b, a);
    public static bool operator <=(in UInt256 a, in UInt256 b) => !Less(b, a);
    public static bool operator >=(in UInt256 a, in UInt256 b) => !Less(a, b);
}
