namespace Opal.Derivation;

/// <summary>A prefix code of Brotli (RFC 7932, section 3): codes of up to 15 bits, or one symbol without bits.</summary>
internal sealed class BrotliCode
{
    private const int MaxBits = 15;
    private const int TableBits = 8;
    private const int MaxAlphabet = 704;
    private const int CodeLengthCodes = 18;

    // symbol << 4 | length for every window of eight bits; 0 where the code is longer
    private readonly ushort[] _table = new ushort[1 << TableBits];
    private readonly ushort[] _counts = new ushort[MaxBits + 1];
    private ushort[] _symbols = [];
    private int _only = -1;

    private static ReadOnlySpan<byte> CodeLengthOrder => [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    // the fixed code of code lengths' lengths, by the next four bits
    private static ReadOnlySpan<byte> LengthBits => [2, 2, 2, 3, 2, 2, 2, 4, 2, 2, 2, 3, 2, 2, 2, 4];

    private static ReadOnlySpan<byte> LengthValues => [0, 4, 3, 2, 0, 4, 3, 1, 0, 4, 3, 2, 0, 4, 3, 5];

    /// <summary>Decodes a symbol. -1: the input ends before.</summary>
    public int Decode(ref BitReader reader)
    {
        if (_only >= 0) return _only;
        if (reader.Available < MaxBits) reader.Fill();
        ushort entry = _table[reader.Peek & ((1 << TableBits) - 1)];
        int length = entry & 15;
        if (length == 0) return DecodeLong(ref reader);
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

        return -1; // only with bits missing: the code is complete
    }

    /// <summary>Reads a code over an alphabet.</summary>
    public CompressionStatus Read(ref BitReader reader, int alphabetSize)
    {
        if (!reader.TryRead(2, out uint kind)) return CompressionStatus.Truncated;
        return kind == 1 ? ReadSimple(ref reader, alphabetSize) : ReadComplex(ref reader, alphabetSize, (int)kind);
    }

    private CompressionStatus ReadSimple(ref BitReader reader, int alphabetSize)
    {
        if (!reader.TryRead(2, out uint countLess1)) return CompressionStatus.Truncated;
        int count = (int)countLess1 + 1;
        int bits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)(alphabetSize - 1));
        Span<int> symbols = stackalloc int[4];
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryRead(bits, out uint symbol)) return CompressionStatus.Truncated;
            if (symbol >= alphabetSize) return CompressionStatus.Corrupt;
            symbols[i] = (int)symbol;
        }

        for (int i = 0; i < count; i++)
        {
            for (int j = i + 1; j < count; j++)
            {
                if (symbols[i] == symbols[j]) return CompressionStatus.Corrupt;
            }
        }

        uint deep = 0;
        if (count == 4 && !reader.TryRead(1, out deep)) return CompressionStatus.Truncated;
        Span<byte> lengths = stackalloc byte[MaxAlphabet];
        lengths = lengths[..alphabetSize];
        lengths.Clear();
        ReadOnlySpan<byte> shape = count switch { 1 => [0], 2 => [1, 1], 3 => [1, 2, 2], _ => deep == 0 ? [2, 2, 2, 2] : [1, 2, 3, 3] };
        for (int i = 0; i < count; i++) lengths[symbols[i]] = shape[i];
        if (count == 1) SetOnly(symbols[0]);
        else Build(lengths);
        return CompressionStatus.Complete;
    }

    private CompressionStatus ReadComplex(ref BitReader reader, int alphabetSize, int skipped)
    {
        Span<byte> lengthsOfLengths = stackalloc byte[CodeLengthCodes];
        lengthsOfLengths.Clear();
        int space = 32, codes = 0, lastLength = 0;
        for (int i = skipped; i < CodeLengthCodes && space > 0; i++)
        {
            reader.Fill();
            int window = (int)(reader.Peek & 15);
            if (LengthBits[window] > reader.Available) return CompressionStatus.Truncated;
            reader.Skip(LengthBits[window]);
            byte length = LengthValues[window];
            lengthsOfLengths[CodeLengthOrder[i]] = length;
            if (length == 0) continue;
            space -= 32 >> length;
            codes++;
            lastLength = CodeLengthOrder[i];
        }

        if (space != 0 && codes != 1) return CompressionStatus.Corrupt;
        if (codes == 1) SetOnly(lastLength);
        else Build(lengthsOfLengths);

        // this code now reads the lengths of the real one, and is then rebuilt
        Span<byte> lengths = stackalloc byte[MaxAlphabet];
        lengths = lengths[..alphabetSize];
        lengths.Clear();
        int room = 1 << MaxBits, symbol = 0, repeat = 0;
        byte previous = 8, repeated = 0;
        while (symbol < alphabetSize && room != 0)
        {
            int length = Decode(ref reader);
            if (length < 0) return CompressionStatus.Truncated;
            if (length < 16)
            {
                repeat = 0;
                lengths[symbol++] = (byte)length;
                if (length == 0) continue;
                previous = (byte)length;
                room -= (1 << MaxBits) >> length;
                continue;
            }

            int bits = length - 14;
            if (!reader.TryRead(bits, out uint extra)) return CompressionStatus.Truncated;
            byte value = length == 16 ? previous : (byte)0;
            if (repeated != value)
            {
                repeat = 0;
                repeated = value;
            }

            int before = repeat;
            if (repeat > 0) repeat = (repeat - 2) << bits;
            repeat += (int)extra + 3;
            int added = repeat - before;
            if (added > alphabetSize - symbol) return CompressionStatus.Corrupt;
            lengths.Slice(symbol, added).Fill(value);
            symbol += added;
            if (value != 0) room -= added << (MaxBits - value);
        }

        if (room != 0) return CompressionStatus.Corrupt;
        Build(lengths);
        return CompressionStatus.Complete;
    }

    private void SetOnly(int symbol) => _only = symbol;

    /// <summary>Builds a complete code from lengths.</summary>
    private void Build(ReadOnlySpan<byte> lengths)
    {
        _only = -1;
        Array.Clear(_counts);
        Array.Clear(_table);
        if (_symbols.Length < lengths.Length) _symbols = new ushort[lengths.Length];
        foreach (byte length in lengths) _counts[length]++;
        _counts[0] = 0;
        Span<int> next = stackalloc int[MaxBits + 2];
        Span<int> codes = stackalloc int[MaxBits + 2];
        next.Clear();
        codes.Clear();
        for (int length = 1; length <= MaxBits; length++)
        {
            next[length + 1] = next[length] + _counts[length];
            codes[length + 1] = (codes[length] + _counts[length]) << 1;
        }

        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0) continue;
            _symbols[next[length]++] = (ushort)symbol;
            int code = codes[length]++;
            if (length > TableBits) continue;
            int reversed = 0;
            for (int i = 0; i < length; i++) reversed |= ((code >> i) & 1) << (length - 1 - i);
            for (int window = reversed; window < 1 << TableBits; window += 1 << length) _table[window] = (ushort)((symbol << 4) | length);
        }
    }
}
