namespace Opal.Derivation;

/// <summary>A canonical Huffman code of DEFLATE: codes of up to 15 bits over up to 288 symbols.</summary>
internal sealed class DeflateCode
{
    private const int MaxBits = 15;
    private const int TableBits = 10;

    // symbol << 4 | length for every window of ten bits; 0 where the code is longer or there is none
    private readonly ushort[] _table = new ushort[1 << TableBits];
    private readonly ushort[] _symbols = new ushort[288];
    private readonly ushort[] _counts = new ushort[MaxBits + 1];

    /// <summary>How many bits must be there before a symbol is decoded.</summary>
    /// <remarks>The shortest code, or for literals the code of end-of-block if that is longer: the reference reader takes that many at a time, which decides what a truncated stream still gives.</remarks>
    public int MinBits { get; private set; }

    /// <summary>Builds the code. False: the lengths are no complete code; a single code of one bit and no code at all are allowed.</summary>
    public bool TryBuild(ReadOnlySpan<byte> lengths)
    {
        Array.Clear(_counts);
        foreach (byte length in lengths) _counts[length]++;
        _counts[0] = 0;
        int shortest = 0, longest = 0, left = 1;
        for (int length = 1; length <= MaxBits; length++)
        {
            left = (left << 1) - _counts[length];
            if (left < 0) return false;
            if (_counts[length] == 0) continue;
            if (shortest == 0) shortest = length;
            longest = length;
        }

        if (longest != 0 && left != 0 && !(longest == 1 && _counts[1] == 1)) return false;
        MinBits = shortest;
        Span<int> next = stackalloc int[MaxBits + 2];
        Span<int> codes = stackalloc int[MaxBits + 2];
        next.Clear();
        codes.Clear();
        for (int length = 1; length <= MaxBits; length++)
        {
            next[length + 1] = next[length] + _counts[length];
            codes[length + 1] = (codes[length] + _counts[length]) << 1;
        }

        Array.Clear(_table);
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0) continue;
            _symbols[next[length]++] = (ushort)symbol;
            int code = codes[length]++;
            if (length > TableBits) continue;
            ushort entry = (ushort)((symbol << 4) | length);
            for (int window = Reverse(code, length); window < 1 << TableBits; window += 1 << length) _table[window] = entry;
        }

        return true;
    }

    /// <summary>Asks for at least the bits of one symbol's code; see <see cref="MinBits"/>.</summary>
    public void RequireAtLeast(int bits)
    {
        if (MinBits < bits) MinBits = bits;
    }

    /// <summary>Decodes a symbol.</summary>
    /// <returns>The symbol; -1 when the input ends, -2 when the bits are no code.</returns>
    public int Decode(ref BitReader reader)
    {
        if (reader.Available < MaxBits) reader.Fill();
        if (reader.Available < MinBits || MinBits == 0) return MinBits == 0 && reader.Available > 0 ? -2 : -1;
        ushort entry = _table[reader.Peek & ((1 << TableBits) - 1)];
        if (entry == 0) return DecodeLong(ref reader);
        int length = entry & 15;
        if (length > reader.Available) return -1;
        reader.Skip(length);
        return entry >> 4;
    }

    private int DecodeLong(ref BitReader reader)
    {
        int code = 0, first = 0, index = 0;
        ulong bits = reader.Peek;
        for (int length = 1; length <= MaxBits; length++)
        {
            code |= (int)(bits & 1);
            bits >>= 1;
            int count = _counts[length];
            if (code - first < count)
            {
                if (length > reader.Available) return -1;
                reader.Skip(length);
                return _symbols[index + (code - first)];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        return -2;
    }

    private static int Reverse(int code, int length)
    {
        int reversed = 0;
        for (int i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i);
        return reversed;
    }
}
