namespace Opal.Primitives;

/// <summary>Writes RLP into a buffer that grows and can be used again.</summary>
/// <remarks>
/// A list is written between <see cref="BeginList"/> and <see cref="EndList"/>; its header is put in front of the payload when
/// its length is known. Not for use by two threads at once.
/// </remarks>
public sealed class RlpWriter
{
    private byte[] _buffer;
    private int _length;

    /// <summary>A writer with room for <paramref name="capacity"/> bytes before it grows.</summary>
    public RlpWriter(int capacity = 256) => _buffer = new byte[capacity];

    /// <summary>The number of bytes written.</summary>
    public int Length => _length;

    /// <summary>What was written; valid until the next write or <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>What was written, in a new array.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Clear() => _length = 0;

    /// <summary>Forgets what was written behind a length.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length, nameof(length));
        _length = length;
    }

    private Span<byte> Take(int count)
    {
        int needed = _length + count;
        if (needed > _buffer.Length)
        {
            var larger = new byte[Math.Max(needed, _buffer.Length * 2)];
            Written.CopyTo(larger);
            _buffer = larger;
        }

        Span<byte> taken = _buffer.AsSpan(_length, count);
        _length = needed;
        return taken;
    }

    /// <summary>Begins a list.</summary>
    /// <returns>A mark to hand to <see cref="EndList"/>.</returns>
    public int BeginList() => _length;

    /// <summary>Ends the list that began at <paramref name="mark"/>.</summary>
    public void EndList(int mark)
    {
        int payload = _length - mark;
        int header = HeaderLength(payload);
        Take(header);
        Span<byte> all = _buffer.AsSpan(mark, header + payload);
        all[..payload].CopyTo(all[header..]);
        WriteHeader(all, payload, 0xc0);
    }

    /// <summary>The size of the header of a list, or of a string other than a single byte below 0x80.</summary>
    public static int HeaderLength(int payloadLength) => payloadLength <= 55 ? 1 : 1 + LengthOfLength(payloadLength);

    private static int LengthOfLength(int length) => length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : length < 1 << 24 ? 3 : 4;

    private static void WriteHeader(Span<byte> destination, int payloadLength, int offset)
    {
        if (payloadLength <= 55)
        {
            destination[0] = (byte)(offset + payloadLength);
            return;
        }

        int size = LengthOfLength(payloadLength);
        destination[0] = (byte)(offset + 55 + size);
        for (int i = 0; i < size; i++) destination[1 + i] = unchecked((byte)(payloadLength >> (8 * (size - 1 - i))));
    }

    /// <summary>Writes a string.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 1 && bytes[0] < 0x80)
        {
            Take(1)[0] = bytes[0];
            return;
        }

        int header = HeaderLength(bytes.Length);
        Span<byte> destination = Take(header + bytes.Length);
        WriteHeader(destination, bytes.Length, 0x80);
        bytes.CopyTo(destination[header..]);
    }

    /// <summary>Writes the header of a string.</summary>
    /// <param name="length">The string's length; not that of a single byte below 0x80, which has no header.</param>
    /// <returns>Where the string is to be written; valid until the next write.</returns>
    public Span<byte> BeginString(int length)
    {
        int header = HeaderLength(length);
        Span<byte> destination = Take(header + length);
        WriteHeader(destination, length, 0x80);
        return destination[header..];
    }

    /// <summary>Writes a number without leading zeros.</summary>
    public void WriteUInt64(ulong value) => WriteUInt256(new UInt256(value));

    /// <summary>Writes a number without leading zeros.</summary>
    public void WriteUInt256(in UInt256 value)
    {
        Span<byte> bytes = stackalloc byte[32];
        int length = value.WriteMinimalBigEndian(bytes);
        WriteBytes(bytes[..length]);
    }

    /// <summary>Writes a boolean: the empty string or 0x01.</summary>
    public void WriteBool(bool value) => WriteUInt64(value ? 1UL : 0UL);

    /// <summary>Writes 32 bytes.</summary>
    public void WriteHash(in Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        hash.CopyTo(bytes);
        WriteBytes(bytes);
    }

    /// <summary>Writes 20 bytes.</summary>
    public void WriteAddress(in Address address)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        address.CopyTo(bytes);
        WriteBytes(bytes);
    }

    /// <summary>Writes 20 bytes, or the empty string when there is no address.</summary>
    public void WriteOptionalAddress(Address? address)
    {
        if (address is { } present) WriteAddress(present);
        else WriteBytes(default);
    }

    /// <summary>Writes an item that is encoded already.</summary>
    public void WriteRaw(ReadOnlySpan<byte> encoding) => encoding.CopyTo(Take(encoding.Length));
}
