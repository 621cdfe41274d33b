namespace Opal.Derivation;

/// <summary>Where a decoder puts its output: grows up to a limit and is used again.</summary>
public sealed class DecompressionBuffer
{
    /// <summary>A buffer kept between channels is not larger than this, so that one huge channel does not pin its memory.</summary>
    private const int KeptBytes = 16 << 20;

    private byte[] _bytes = [];

    /// <summary>The number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The most bytes that may be written.</summary>
    public int Limit { get; private set; }

    /// <summary>What was written; valid until the next <see cref="Begin"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>What was written; valid until the next <see cref="Begin"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>Forgets the content.</summary>
    /// <param name="limit">The most bytes that may be written now.</param>
    public void Begin(int limit)
    {
        if (_bytes.Length > KeptBytes) _bytes = [];
        Length = 0;
        Limit = limit;
    }

    internal bool IsFull => Length == Limit;

    /// <summary>Writes a byte. False: the limit is reached.</summary>
    internal bool TryAppend(byte value)
    {
        if (Length == _bytes.Length && !Grow(1)) return false;
        _bytes[Length++] = value;
        return true;
    }

    /// <summary>Writes as much as fits. False: not all did.</summary>
    internal bool TryAppend(ReadOnlySpan<byte> values)
    {
        Grow(values.Length);
        int count = Math.Min(values.Length, Limit - Length);
        values[..count].CopyTo(_bytes.AsSpan(Length));
        Length += count;
        return count == values.Length;
    }

    /// <summary>Repeats output from <paramref name="distance"/> bytes back, byte by byte in effect. False: the limit cut it short.</summary>
    internal bool TryCopyBack(int distance, int count)
    {
        Grow(count);
        int taken = Math.Min(count, Limit - Length);
        Span<byte> all = _bytes;
        int from = Length - distance, to = Length;
        if (distance >= taken)
        {
            all.Slice(from, taken).CopyTo(all[to..]);
        }
        else if (distance == 1)
        {
            all.Slice(to, taken).Fill(all[from]);
        }
        else
        {
            for (int i = 0; i < taken; i++) all[to + i] = all[from + i];
        }

        Length += taken;
        return taken == count;
    }

    /// <summary>The byte <paramref name="distance"/> back; zero before the start.</summary>
    internal byte Back(int distance) => distance > Length ? (byte)0 : _bytes[Length - distance];

    /// <summary>Makes room for as much of <paramref name="count"/> as the limit allows. False: for nothing.</summary>
    private bool Grow(int count)
    {
        int wanted = (int)Math.Min((long)Length + count, Limit);
        if (wanted > _bytes.Length)
        {
            int size = (int)Math.Min(Math.Max(Math.Max(wanted, 65_536), 2L * _bytes.Length), Limit);
            var larger = new byte[size];
            Written.CopyTo(larger);
            _bytes = larger;
        }

        return Length < Limit && Length < _bytes.Length;
    }
}
