namespace Opal.Derivation;

/// <summary>Decompresses Brotli streams (RFC 7932). Part of consensus: what a faulty stream gives before its fault counts.</summary>
/// <remarks>A decoder keeps its tables and may be used again; it is not for two threads at once. Cases D-CR-01 to 04, V-02.</remarks>
public sealed partial class BrotliDecoder
{
    private const int CommandCodes = 704;
    private const int MaxTrees = 256;

    private readonly BrotliCode?[] _literalCodes = new BrotliCode?[MaxTrees];
    private readonly BrotliCode?[] _commandCodes = new BrotliCode?[MaxTrees];
    private readonly BrotliCode?[] _distanceCodes = new BrotliCode?[MaxTrees];
    private readonly BrotliCode _mapCode = new();
    private readonly byte[] _literalMap = new byte[64 * 256];
    private readonly byte[] _distanceMap = new byte[4 * 256];
    private readonly byte[] _literalModes = new byte[256];
    private readonly int[] _distances = new int[4];
    private BrotliBlocks _literals = new();
    private BrotliBlocks _commands = new();
    private BrotliBlocks _distanceBlocks = new();
    private int _distanceIndex;
    private int _maxBackward;
    private int _postfixBits;
    private int _directCodes;

    /// <summary>Decompresses a stream. Bytes behind it are ignored.</summary>
    public CompressionStatus Decompress(ReadOnlySpan<byte> input, DecompressionBuffer output)
    {
        var reader = new BitReader(input);
        CompressionStatus status = ReadWindow(ref reader);
        if (status != CompressionStatus.Complete) return status;
        // the ring of last distances, newest last: 16, 15, 11, 4
        _distances[0] = 16;
        _distances[1] = 15;
        _distances[2] = 11;
        _distances[3] = 4;
        _distanceIndex = 0;
        bool last = false;
        while (!last)
        {
            status = DecodeMetaBlock(ref reader, output, out last);
            if (status != CompressionStatus.Complete) return status;
        }

        return reader.SkipToByte() ? CompressionStatus.Complete : CompressionStatus.Corrupt;
    }

    private CompressionStatus ReadWindow(ref BitReader reader)
    {
        int bits = 16;
        if (!reader.TryRead(1, out uint more)) return CompressionStatus.Truncated;
        if (more != 0)
        {
            if (!reader.TryRead(3, out uint high)) return CompressionStatus.Truncated;
            bits = 17 + (int)high;
            if (high == 0)
            {
                if (!reader.TryRead(3, out uint low)) return CompressionStatus.Truncated;
                if (low == 1) return CompressionStatus.BadHeader;
                bits = low == 0 ? 17 : 8 + (int)low;
            }
        }

        _maxBackward = (1 << bits) - 16;
        return CompressionStatus.Complete;
    }

    private CompressionStatus DecodeMetaBlock(ref BitReader reader, DecompressionBuffer output, out bool last)
    {
        last = false;
        if (!reader.TryRead(1, out uint isLast)) return CompressionStatus.Truncated;
        if (isLast != 0)
        {
            last = true;
            if (!reader.TryRead(1, out uint isEmpty)) return CompressionStatus.Truncated;
            if (isEmpty != 0) return CompressionStatus.Complete;
        }

        if (!reader.TryRead(2, out uint nibbleCode)) return CompressionStatus.Truncated;
        if (nibbleCode == 3) return SkipMetadata(ref reader);
        int nibbles = (int)nibbleCode + 4;
        int length = 0;
        for (int i = 0; i < nibbles; i++)
        {
            if (!reader.TryRead(4, out uint nibble)) return CompressionStatus.Truncated;
            if (i == nibbles - 1 && nibbles > 4 && nibble == 0) return CompressionStatus.Corrupt;
            length |= (int)nibble << (4 * i);
        }

        length++;
        if (isLast == 0)
        {
            if (!reader.TryRead(1, out uint uncompressed)) return CompressionStatus.Truncated;
            if (uncompressed != 0)
            {
                if (!reader.SkipToByte()) return CompressionStatus.Corrupt;
                ReadOnlySpan<byte> bytes = reader.TakeBytes(length);
                if (!output.TryAppend(bytes)) return CompressionStatus.LimitReached;
                return bytes.Length == length ? CompressionStatus.Complete : CompressionStatus.Truncated;
            }
        }

        CompressionStatus status = ReadCodes(ref reader);
        return status == CompressionStatus.Complete ? DecodeCommands(ref reader, output, length) : status;
    }

    private static CompressionStatus SkipMetadata(ref BitReader reader)
    {
        if (!reader.TryRead(1, out uint reserved)) return CompressionStatus.Truncated;
        if (reserved != 0) return CompressionStatus.Corrupt;
        if (!reader.TryRead(2, out uint sizeBytes)) return CompressionStatus.Truncated;
        int length = 0;
        for (int i = 0; i < sizeBytes; i++)
        {
            if (!reader.TryRead(8, out uint part)) return CompressionStatus.Truncated;
            if (i == sizeBytes - 1 && sizeBytes > 1 && part == 0) return CompressionStatus.Corrupt;
            length |= (int)part << (8 * i);
        }

        if (sizeBytes > 0) length++;
        if (!reader.SkipToByte()) return CompressionStatus.Corrupt;
        return reader.TakeBytes(length).Length == length ? CompressionStatus.Complete : CompressionStatus.Truncated;
    }

    /// <summary>Reads the header of a compressed meta-block: block types, context maps and prefix codes.</summary>
    private CompressionStatus ReadCodes(ref BitReader reader)
    {
        CompressionStatus status = _literals.ReadHeader(ref reader);
        if (status == CompressionStatus.Complete) status = _commands.ReadHeader(ref reader);
        if (status == CompressionStatus.Complete) status = _distanceBlocks.ReadHeader(ref reader);
        if (status != CompressionStatus.Complete) return status;
        if (!reader.TryRead(2, out uint postfix) || !reader.TryRead(4, out uint direct)) return CompressionStatus.Truncated;
        _postfixBits = (int)postfix;
        _directCodes = (int)direct << _postfixBits;
        for (int i = 0; i < _literals.Count; i++)
        {
            if (!reader.TryRead(2, out uint mode)) return CompressionStatus.Truncated;
            _literalModes[i] = (byte)mode;
        }

        status = ReadContextMap(ref reader, _literalMap.AsSpan(0, 64 * _literals.Count), out int literalTrees);
        if (status != CompressionStatus.Complete) return status;
        status = ReadContextMap(ref reader, _distanceMap.AsSpan(0, 4 * _distanceBlocks.Count), out int distanceTrees);
        if (status == CompressionStatus.Complete) status = ReadGroup(ref reader, _literalCodes, literalTrees, 256);
        if (status == CompressionStatus.Complete) status = ReadGroup(ref reader, _commandCodes, _commands.Count, CommandCodes);
        if (status == CompressionStatus.Complete) status = ReadGroup(ref reader, _distanceCodes, distanceTrees, 16 + _directCodes + (48 << _postfixBits));
        return status;
    }

    private static CompressionStatus ReadGroup(ref BitReader reader, BrotliCode?[] group, int count, int alphabetSize)
    {
        for (int i = 0; i < count; i++)
        {
            BrotliCode code = group[i] ??= new BrotliCode();
            CompressionStatus status = code.Read(ref reader, alphabetSize);
            if (status != CompressionStatus.Complete) return status;
        }

        return CompressionStatus.Complete;
    }

    private CompressionStatus ReadContextMap(ref BitReader reader, Span<byte> map, out int trees)
    {
        map.Clear();
        if (!BrotliBlocks.TryReadCount(ref reader, out trees)) return CompressionStatus.Truncated;
        if (trees < 2) return CompressionStatus.Complete;
        if (!reader.TryRead(1, out uint hasRuns)) return CompressionStatus.Truncated;
        int maxRun = 0;
        if (hasRuns != 0)
        {
            if (!reader.TryRead(4, out uint less1)) return CompressionStatus.Truncated;
            maxRun = (int)less1 + 1;
        }

        CompressionStatus status = _mapCode.Read(ref reader, trees + maxRun);
        if (status != CompressionStatus.Complete) return status;
        for (int i = 0; i < map.Length;)
        {
            int symbol = _mapCode.Decode(ref reader);
            if (symbol < 0) return CompressionStatus.Truncated;
            if (symbol == 0)
            {
                i++;
            }
            else if (symbol > maxRun)
            {
                map[i++] = (byte)(symbol - maxRun);
            }
            else
            {
                if (!reader.TryRead(symbol, out uint extra)) return CompressionStatus.Truncated;
                int run = (1 << symbol) + (int)extra;
                if (run > map.Length - i) return CompressionStatus.Corrupt;
                i += run; // zeros stand there already
            }
        }

        if (!reader.TryRead(1, out uint moveToFront)) return CompressionStatus.Truncated;
        if (moveToFront != 0) UndoMoveToFront(map);
        return CompressionStatus.Complete;
    }

    private static void UndoMoveToFront(Span<byte> map)
    {
        Span<byte> order = stackalloc byte[256];
        for (int i = 0; i < 256; i++) order[i] = (byte)i;
        for (int i = 0; i < map.Length; i++)
        {
            int index = map[i];
            byte value = order[index];
            map[i] = value;
            order[..index].CopyTo(order[1..]);
            order[0] = value;
        }
    }
}
