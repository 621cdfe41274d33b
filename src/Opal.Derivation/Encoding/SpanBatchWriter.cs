namespace Opal.Derivation;

/// <summary>Writes the columns of a span batch one behind the other.</summary>
internal ref struct SpanBatchWriter(Span<byte> destination)
{
    private Span<byte> _rest = destination;

    /// <summary>The bytes that a bit list takes.</summary>
    public static int BytesOfBits(int bits) => (bits + 7) / 8;

    /// <summary>The bytes that a base-128 number takes.</summary>
    public static int UvarintLength(ulong value) => 1 + ((63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7);

    /// <summary>Makes room for bytes, to be written at once.</summary>
    public Span<byte> Take(int count)
    {
        Span<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public void Write(byte value) => Take(1)[0] = value;

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void WriteUvarint(ulong value)
    {
        while (value >= 0x80)
        {
            Write((byte)((value & 0x7f) | 0x80));
            value >>= 7;
        }

        Write((byte)value);
    }

    /// <summary>Writes a bit list as a big-endian number: item 0 is the lowest bit of the last byte.</summary>
    public void WriteBits(List<bool> bits)
    {
        Span<byte> bytes = Take(BytesOfBits(bits.Count));
        bytes.Clear();
        for (int i = 0; i < bits.Count; i++)
        {
            if (bits[i]) bytes[bytes.Length - 1 - (i >> 3)] |= (byte)(1 << (i & 7));
        }
    }

    /// <summary>That the length was the right one.</summary>
    public readonly void End()
    {
        if (!_rest.IsEmpty) throw new InvalidOperationException($"{_rest.Length} bytes of a span batch were not written");
    }
}
