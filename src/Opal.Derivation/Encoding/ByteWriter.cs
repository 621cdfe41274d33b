namespace Opal.Derivation;

/// <summary>Bytes that grow at the end.</summary>
internal sealed class ByteWriter(int capacity = 256)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public byte[] ToArray() => Written.ToArray();

    /// <summary>What was written, without a copy where it fills its array. The writer is not to be used any more.</summary>
    public byte[] TakeAll() => Length == _bytes.Length ? _bytes : ToArray();

    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>Makes room for more bytes, to be written at once.</summary>
    public Span<byte> Take(int count)
    {
        int needed = Length + count;
        if (needed > _bytes.Length)
        {
            var larger = new byte[Math.Max(needed, _bytes.Length * 2)];
            Written.CopyTo(larger);
            _bytes = larger;
        }

        Span<byte> taken = _bytes.AsSpan(Length, count);
        Length = needed;
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
        Span<byte> bytes = Take((bits.Count + 7) / 8);
        bytes.Clear();
        for (int i = 0; i < bits.Count; i++)
        {
            if (bits[i]) bytes[bytes.Length - 1 - (i >> 3)] |= (byte)(1 << (i & 7));
        }
    }
}
