using System.Buffers.Binary;

namespace Opal.Primitives;

/// <summary>A 20-byte account address.</summary>
public readonly struct Address : IEquatable<Address>, IComparable<Address>
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 20;

    private readonly ulong _a, _b;
    private readonly uint _c;

    /// <summary>Takes the 20 bytes of <paramref name="bytes"/>.</summary>
    /// <exception cref="ArgumentException">The span is not 20 bytes long (a bug in the caller).</exception>
    public Address(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException("an address has 20 bytes", nameof(bytes));
        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    private Address(ulong a, ulong b, uint c) => (_a, _b, _c) = (a, b, c);

    /// <summary>20 zero bytes.</summary>
    public static Address Zero => default;

    /// <summary>Whether all bytes are zero.</summary>
    public bool IsZero => (_a | _b | _c) == 0;

    /// <summary>The low 160 bits of a word, as the EVM reads an address from its stack.</summary>
    public static Address FromUInt256(in UInt256 word) => unchecked(new(
        (word.U2 << 32) | (word.U1 >> 32),
        (word.U1 << 32) | (word.U0 >> 32),
        (uint)word.U0));

    /// <summary>The address as a word, zeros on the left.</summary>
    public UInt256 ToUInt256() => new((_b << 32) | _c, (_a << 32) | (_b >> 32), _a >> 32);

    /// <summary>The small address 0x…<paramref name="value"/>, as precompiles have.</summary>
    public static Address FromNumber(ulong value) => FromUInt256(new UInt256(value));

    /// <summary>Whether the address is 0x…<paramref name="value"/> or below, and if so which: for precompile look-up.</summary>
    public bool TryGetSmall(out uint value)
    {
        value = _c;
        return (_a | _b) == 0;
    }

    /// <summary>Writes the 20 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _c);
    }

    /// <summary>The 20 bytes in a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Parses 40 hexadecimal digits with or without 0x; a checksum in the letter case is not verified.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Address address)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool ok = Hex.TryDecode(text, bytes);
        address = ok ? new Address(bytes) : default;
        return ok;
    }

    /// <summary>Parses text that the program itself wrote.</summary>
    /// <exception cref="FormatException">Not 40 hexadecimal digits.</exception>
    public static Address Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Address address) ? address : throw new FormatException("an address has 40 hexadecimal digits");

    /// <summary>keccak256 of the 20 bytes: the account's key in the state trie.</summary>
    public Hash256 Keccak()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Keccak256.Hash(bytes);
    }

    /// <inheritdoc/>
    public bool Equals(Address other) => ((_a ^ other._a) | (_b ^ other._b) | (_c ^ other._c)) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Address other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        unchecked
        {
            ulong h = ((_a * 0x9E3779B97F4A7C15) ^ _b ^ ((ulong)_c << 17)) * 0xC2B2AE3D27D4EB4F;
            return (int)(h >> 32);
        }
    }

    /// <inheritdoc/>
    public int CompareTo(Address other)
    {
        if (_a != other._a) return _a < other._a ? -1 : 1;
        if (_b != other._b) return _b < other._b ? -1 : 1;
        return _c == other._c ? 0 : _c < other._c ? -1 : 1;
    }

    /// <summary>0x and 40 lower-case digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Hex.Encode(bytes);
    }

    /// <summary>0x and 40 digits with the letter case of EIP-55.</summary>
    public string ToChecksumString()
    {
        Span<char> digits = stackalloc char[42];
        Span<byte> bytes = stackalloc byte[Size];
        Span<byte> ascii = stackalloc byte[40];
        Span<byte> hash = stackalloc byte[32];
        CopyTo(bytes);
        digits[0] = '0';
        digits[1] = 'x';
        Hex.WriteDigits(bytes, digits[2..]);
        for (int i = 0; i < 40; i++) ascii[i] = (byte)digits[i + 2];
        Keccak256.Hash(ascii, hash);
        for (int i = 0; i < 40; i++)
        {
            int nibble = (i & 1) == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15;
            if (nibble >= 8 && digits[i + 2] is >= 'a' and <= 'f') digits[i + 2] = (char)(digits[i + 2] - 32);
        }

        return new string(digits);
    }

    public static bool operator ==(Address a, Address b) => a.Equals(b);
    public static bool operator !=(Address a, Address b) => !a.Equals(b);
    public static bool operator <(Address a, Address b) => a.CompareTo(b) < 0;
    public static bool operator >(Address a, Address b) => a.CompareTo(b) > 0;
    public static bool operator <=(Address a, Address b) => a.CompareTo(b) <= 0;
    public static bool operator >=(Address a, Address b) => a.CompareTo(b) >= 0;
}
