namespace Opal.Derivation;

/// <summary>Bytes that grow at the end.</summary>
internal sealed class ByteWriter
{
    private byte[] _bytes = new byte[256];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public byte[] ToArray() => Written.ToArray();

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

    public void WriteUvarint(ulong value) => new SpanBatchWriter(Take(SpanBatchWriter.UvarintLength(value))).WriteUvarint(value);

    /// <summary>Writes a bit list as a big-endian number: item 0 is the lowest bit of the last byte.</summary>
    public void WriteBits(List<bool> bits) => new SpanBatchWriter(Take(SpanBatchWriter.BytesOfBits(bits.Count))).WriteBits(bits);
}
