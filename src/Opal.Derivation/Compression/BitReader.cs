namespace Opal.Derivation;

/// <summary>Reads bits of a byte string, the lowest bit of a byte first, as DEFLATE and Brotli have it.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> input)
{
    private readonly ReadOnlySpan<byte> _input = input;
    private int _position;
    private ulong _bits;

    /// <summary>The number of bits that can be peeked at; at least 56 while there is that much input.</summary>
    public int Available { get; private set; }

    /// <summary>The next bits, lowest first; zeros stand where the input has ended.</summary>
    public readonly ulong Peek => _bits;

    /// <summary>Takes in as many whole bytes as fit.</summary>
    public void Fill()
    {
        while (Available <= 56 && _position < _input.Length)
        {
            _bits |= (ulong)_input[_position++] << Available;
            Available += 8;
        }
    }

    /// <summary>Passes over bits that were peeked at; at most <see cref="Available"/>.</summary>
    public void Skip(int count)
    {
        _bits >>= count;
        Available -= count;
    }

    /// <summary>Reads up to 32 bits as a number. False: the input ends before.</summary>
    public bool TryRead(int count, out uint value)
    {
        value = 0;
        if (Available < count)
        {
            Fill();
            if (Available < count) return false;
        }

        value = (uint)(_bits & ((1UL << count) - 1));
        Skip(count);
        return true;
    }

    /// <summary>Passes over the rest of a byte that was begun.</summary>
    /// <returns>Whether the bits passed over were zero.</returns>
    public bool SkipToByte()
    {
        int rest = Available & 7;
        bool zero = (_bits & ((1UL << rest) - 1)) == 0;
        Skip(rest);
        return zero;
    }

    /// <summary>Takes up to <paramref name="count"/> whole bytes; the reader stands at a byte.</summary>
    public ReadOnlySpan<byte> TakeBytes(int count)
    {
        _position -= Available >> 3;
        _bits = 0;
        Available = 0;
        int taken = Math.Min(count, _input.Length - _position);
        ReadOnlySpan<byte> bytes = _input.Slice(_position, taken);
        _position += taken;
        return bytes;
    }
}
