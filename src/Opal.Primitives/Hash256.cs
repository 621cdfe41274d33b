using System.Buffers.Binary;
using System.Numerics;

namespace Opal.Primitives;

/// <summary>32 bytes: a Keccak-256 or SHA-256 digest, a trie root, a storage key on the wire.</summary>
public readonly struct Hash256 : IEquatable<Hash256>, IComparable<Hash256>
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 32;

    // most significant first, so that comparing the words compares the bytes
    private readonly ulong _a, _b, _c, _d;

    /// <summary>Takes the 32 bytes of <paramref name="bytes"/>.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long (a bug in the caller).</exception>
    public Hash256(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException("a hash has 32 bytes", nameof(bytes));
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    private Hash256(ulong a, ulong b, ulong c, ulong d) => (_a, _b, _c, _d) = (a, b, c, d);

    /// <summary>32 zero bytes.</summary>
    public static Hash256 Zero => default;

    /// <summary>keccak256 of nothing: the code hash of an account without code.</summary>
    public static Hash256 EmptyCode =>
        new(0xc5d2460186f7233c, 0x927e7db2dcc703c0, 0xe500b653ca82273b, 0x7bfad8045d85a470);

    /// <summary>keccak256(rlp("")): the root of an empty trie.</summary>
    public static Hash256 EmptyTrie =>
        new(0x56e81f171bcc55a6, 0xff8345e692c0f86e, 0x5b48e01b996cadc0, 0x01622fb5e363b421);

    /// <summary>keccak256(rlp([])): the ommers hash of every block after the merge.</summary>
    public static Hash256 EmptyList =>
        new(0x1dcc4de8dec75d7a, 0xab85b567b6ccd41a, 0xd312451b948a7413, 0xf0a142fd40d49347);

    /// <summary>Whether all bytes are zero.</summary>
    public bool IsZero => (_a | _b | _c | _d) == 0;

    /// <summary>The word whose big-endian bytes these are.</summary>
    public UInt256 ToUInt256() => new(_d, _c, _b, _a);

    /// <summary>The 32 big-endian bytes of a word.</summary>
    public static Hash256 FromUInt256(in UInt256 value) => new(value.U3, value.U2, value.U1, value.U0);

    /// <summary>The 4-bit digit at <paramref name="index"/>, 0 to 63, most significant first.</summary>
    public int DigitAt(int index)
    {
        ulong word = (index >> 4) switch { 0 => _a, 1 => _b, 2 => _c, _ => _d };
        return (int)((word >> (60 - ((index & 15) << 2))) & 15);
    }

    /// <summary>The first <paramref name="count"/> digits, 0 to 64, followed by zeros.</summary>
    public Hash256 FirstDigits(int count) => new(Top(_a, count), Top(_b, count - 16), Top(_c, count - 32), Top(_d, count - 48));

    /// <summary>The same with the digit at <paramref name="index"/> replaced.</summary>
    public Hash256 WithDigit(int index, int digit)
    {
        int shift = 60 - ((index & 15) << 2);
        ulong mask = ~(15UL << shift), bits = (ulong)digit << shift;
        return (index >> 4) switch
        {
            0 => new Hash256((_a & mask) | bits, _b, _c, _d),
            1 => new Hash256(_a, (_b & mask) | bits, _c, _d),
            2 => new Hash256(_a, _b, (_c & mask) | bits, _d),
            _ => new Hash256(_a, _b, _c, (_d & mask) | bits),
        };
    }

    /// <summary>How many first digits are the same as those of <paramref name="other"/>, 0 to 64.</summary>
    public int CommonDigits(in Hash256 other)
    {
        if (_a != other._a) return BitOperations.LeadingZeroCount(_a ^ other._a) >> 2;
        if (_b != other._b) return 16 + (BitOperations.LeadingZeroCount(_b ^ other._b) >> 2);
        if (_c != other._c) return 32 + (BitOperations.LeadingZeroCount(_c ^ other._c) >> 2);
        return 48 + (BitOperations.LeadingZeroCount(_d ^ other._d) >> 2);
    }

    private static ulong Top(ulong word, int digits) => digits <= 0 ? 0 : digits >= 16 ? word : word & (ulong.MaxValue << (64 - (digits << 2)));

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>The 32 bytes in a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Parses 64 hexadecimal digits with or without 0x.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool ok = Hex.TryDecode(text, bytes);
        hash = ok ? new Hash256(bytes) : default;
        return ok;
    }

    /// <summary>Parses text that the program itself wrote.</summary>
    /// <exception cref="FormatException">Not 64 hexadecimal digits.</exception>
    public static Hash256 Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Hash256 hash) ? hash : throw new FormatException("a hash has 64 hexadecimal digits");

    /// <inheritdoc/>
    public bool Equals(Hash256 other) => ((_a ^ other._a) | (_b ^ other._b) | (_c ^ other._c) | (_d ^ other._d)) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Hash256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)((_a ^ (_b * 0x9E3779B97F4A7C15) ^ (_d * 0xC2B2AE3D27D4EB4F)) >> 32));

    /// <inheritdoc/>
    public int CompareTo(Hash256 other)
    {
        if (_a != other._a) return _a < other._a ? -1 : 1;
        if (_b != other._b) return _b < other._b ? -1 : 1;
        if (_c != other._c) return _c < other._c ? -1 : 1;
        return _d == other._d ? 0 : _d < other._d ? -1 : 1;
    }

    /// <summary>0x and 64 digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Hex.Encode(bytes);
    }

    public static bool operator ==(Hash256 a, Hash256 b) => a.Equals(b);
    public static bool operator !=(Hash256 a, Hash256 b) => !a.Equals(b);
    public static bool operator <(Hash256 a, Hash256 b) => a.CompareTo(b) < 0;
    public static bool operator >(Hash256 a, Hash256 b) => a.CompareTo(b) > 0;
    public static bool operator <=(Hash256 a, Hash256 b) => a.CompareTo(b) <= 0;
    public static bool operator >=(Hash256 a, Hash256 b) => a.CompareTo(b) >= 0;
}
