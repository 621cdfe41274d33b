namespace Opal.Derivation;

/// <summary>Reads the pieces that span batches are made of.</summary>
internal ref struct SpanReader(ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Reads a base-128 number. Padding with empty groups is allowed; more than 64 bits are not (V-05).</summary>
    public bool TryReadUvarint(out ulong value)
    {
        value = 0;
        for (int i = 0; i < 10; i++)
        {
            if (i >= _rest.Length) return false;
            byte group = _rest[i];
            if (group < 0x80)
            {
                if (i == 9 && group > 1) return false;
                value |= (ulong)group << (7 * i);
                _rest = _rest[(i + 1)..];
                return true;
            }

            value |= (ulong)(group & 0x7f) << (7 * i);
        }

        return false;
    }

    /// <summary>Reads exactly <paramref name="count"/> bytes.</summary>
    public bool TryReadBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (count > _rest.Length) return false;
        bytes = _rest[..count];
        _rest = _rest[count..];
        return true;
    }

    /// <summary>Reads a bit list: a big-endian number of as many bytes as hold <paramref name="count"/> bits. Higher bits must be zero (V-06).</summary>
    public bool TryReadBits(int count, out BitList bits)
    {
        bits = default;
        if (!TryReadBytes((count + 7) / 8, out ReadOnlySpan<byte> bytes)) return false;
        int used = count & 7;
        if (used != 0 && bytes[0] >> used != 0) return false;
        bits = new BitList(bytes);
        return true;
    }
}

/// <summary>A big-endian bit list: bit 0 is the lowest bit of the last byte.</summary>
internal readonly ref struct BitList(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public bool this[int index] => ((_bytes[_bytes.Length - 1 - (index >> 3)] >> (index & 7)) & 1) != 0;

    public int CountOnes()
    {
        int ones = 0;
        foreach (byte part in _bytes) ones += System.Numerics.BitOperations.PopCount(part);
        return ones;
    }
}
