namespace Opal.Storage;

/// <summary>A buffer that grows and is used again.</summary>
internal sealed class ByteWriter
{
    private const int Kept = 16 << 20;

    private byte[] _bytes = new byte[64 << 10];

    public int Length { get; private set; }

    public Span<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > Kept) _bytes = new byte[64 << 10];
    }

    /// <summary>The next bytes, to be filled at once.</summary>
    /// <exception cref="InvalidOperationException">It would be more than a frame holds.</exception>
    public Span<byte> Take(int size)
    {
        long length = (long)Length + size;
        if (length > FrameFormat.MaxPayload) throw new InvalidOperationException("a block's history is over 2 GiB: it does not fit into a frame; change less in one block");
        if (length > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Math.Max(length, 2L * _bytes.Length), FrameFormat.MaxPayload));
        Span<byte> span = _bytes.AsSpan(Length, size);
        Length = (int)length;
        return span;
    }
}
