using System.Buffers.Binary;

namespace Opal.Derivation;

/// <summary>Decompresses zlib streams (RFC 1950) of DEFLATE data (RFC 1951). Part of consensus: what a faulty stream gives before its fault counts.</summary>
/// <remarks>A decoder keeps its tables and may be used again; it is not for two threads at once. Cases D-CR-01 to 04, V-03.</remarks>
public sealed class Inflate
{
    private const int EndOfBlock = 256;
    private const int MaxLiteralCodes = 286;
    private const int MaxDistanceCodes = 30;

    private readonly DeflateCode _literals = new();
    private readonly DeflateCode _distances = new();
    private readonly DeflateCode _lengths = new();
    private readonly byte[] _codeLengths = new byte[320];
    private readonly List<int> _flushes = [];

    /// <summary>Where in the output of the last stream there were empty stored blocks: the marks of a flushing compressor.</summary>
    internal IReadOnlyList<int> FlushPoints => _flushes;

    private static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthBits => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<ushort> DistanceBase =>
    [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ];

    /// <summary>Decompresses a zlib stream. Bytes behind it are ignored.</summary>
    public CompressionStatus DecompressZlib(ReadOnlySpan<byte> input, DecompressionBuffer output)
    {
        if (input.Length < 2) return CompressionStatus.BadHeader;
        int header = BinaryPrimitives.ReadUInt16BigEndian(input);
        if ((input[0] & 15) != 8 || input[0] >> 4 > 7 || header % 31 != 0) return CompressionStatus.BadHeader;
        int start = 2;
        if ((input[1] & 0x20) != 0)
        {
            // a preset dictionary: only the empty one, whose checksum is 1, is known
            if (input.Length < 6 || BinaryPrimitives.ReadUInt32BigEndian(input[2..]) != 1) return CompressionStatus.BadHeader;
            start = 6;
        }

        var reader = new BitReader(input[start..]);
        CompressionStatus status = Decompress(ref reader, output);
        if (status != CompressionStatus.Complete) return status;
        reader.SkipToByte();
        ReadOnlySpan<byte> checksum = reader.TakeBytes(4);
        if (checksum.Length < 4) return CompressionStatus.Truncated;
        return BinaryPrimitives.ReadUInt32BigEndian(checksum) == Adler32(output.Written) ? CompressionStatus.Complete : CompressionStatus.BadChecksum;
    }

    /// <summary>Decompresses bare DEFLATE data.</summary>
    internal CompressionStatus DecompressRaw(ReadOnlySpan<byte> input, DecompressionBuffer output)
    {
        var reader = new BitReader(input);
        return Decompress(ref reader, output);
    }

    private CompressionStatus Decompress(ref BitReader reader, DecompressionBuffer output)
    {
        bool last = false;
        _flushes.Clear();
        while (!last)
        {
            if (!reader.TryRead(3, out uint header)) return CompressionStatus.Truncated;
            last = (header & 1) != 0;
            CompressionStatus status = (header >> 1) switch
            {
                0 => CopyStored(ref reader, output),
                1 => UseFixedCodes() ? DecodeBlock(ref reader, output, fixedDistances: true) : CompressionStatus.Corrupt,
                2 => ReadDynamicCodes(ref reader) is var codes and not CompressionStatus.Complete ? codes : DecodeBlock(ref reader, output, fixedDistances: false),
                _ => CompressionStatus.Corrupt,
            };
            if (status != CompressionStatus.Complete) return status;
        }

        return CompressionStatus.Complete;
    }

    private CompressionStatus CopyStored(ref BitReader reader, DecompressionBuffer output)
    {
        reader.SkipToByte();
        ReadOnlySpan<byte> sizes = reader.TakeBytes(4);
        if (sizes.Length < 4) return CompressionStatus.Truncated;
        int length = BinaryPrimitives.ReadUInt16LittleEndian(sizes);
        if ((length ^ BinaryPrimitives.ReadUInt16LittleEndian(sizes[2..])) != 0xffff) return CompressionStatus.Corrupt;
        if (length == 0 && (_flushes.Count == 0 || _flushes[^1] != output.Length)) _flushes.Add(output.Length);
        ReadOnlySpan<byte> bytes = reader.TakeBytes(length);
        if (!output.TryAppend(bytes)) return CompressionStatus.LimitReached;
        return bytes.Length == length ? CompressionStatus.Complete : CompressionStatus.Truncated;
    }

    private bool UseFixedCodes()
    {
        Span<byte> lengths = _codeLengths.AsSpan(0, 288);
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        return _literals.TryBuild(lengths);
    }

    private CompressionStatus ReadDynamicCodes(ref BitReader reader)
    {
        if (!reader.TryRead(14, out uint counts)) return CompressionStatus.Truncated;
        int literalCount = (int)(counts & 31) + 257;
        int distanceCount = (int)((counts >> 5) & 31) + 1;
        int lengthCount = (int)(counts >> 10) + 4;
        if (literalCount > MaxLiteralCodes || distanceCount > MaxDistanceCodes) return CompressionStatus.Corrupt;
        Span<byte> lengths = _codeLengths;
        lengths[..19].Clear();
        for (int i = 0; i < lengthCount; i++)
        {
            if (!reader.TryRead(3, out uint length)) return CompressionStatus.Truncated;
            lengths[CodeLengthOrder[i]] = (byte)length;
        }

        if (!_lengths.TryBuild(lengths[..19])) return CompressionStatus.Corrupt;
        int total = literalCount + distanceCount;
        for (int i = 0; i < total;)
        {
            int symbol = _lengths.Decode(ref reader);
            if (symbol < 0) return symbol == -1 ? CompressionStatus.Truncated : CompressionStatus.Corrupt;
            if (symbol < 16)
            {
                lengths[i++] = (byte)symbol;
                continue;
            }

            if (symbol == 16 && i == 0) return CompressionStatus.Corrupt;
            int bits = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
            if (!reader.TryRead(bits, out uint extra)) return CompressionStatus.Truncated;
            int count = (int)extra + (symbol == 18 ? 11 : 3);
            if (count > total - i) return CompressionStatus.Corrupt;
            byte value = symbol == 16 ? lengths[i - 1] : (byte)0;
            lengths.Slice(i, count).Fill(value);
            i += count;
        }

        if (!_literals.TryBuild(lengths[..literalCount]) || !_distances.TryBuild(lengths.Slice(literalCount, distanceCount))) return CompressionStatus.Corrupt;
        _literals.RequireAtLeast(lengths[EndOfBlock]);
        return CompressionStatus.Complete;
    }

    private CompressionStatus DecodeBlock(ref BitReader reader, DecompressionBuffer output, bool fixedDistances)
    {
        while (true)
        {
            int symbol = _literals.Decode(ref reader);
            if (symbol < 0) return symbol == -1 ? CompressionStatus.Truncated : CompressionStatus.Corrupt;
            if (symbol < EndOfBlock)
            {
                if (!output.TryAppend((byte)symbol)) return CompressionStatus.LimitReached;
                continue;
            }

            if (symbol == EndOfBlock) return CompressionStatus.Complete;
            if (symbol >= MaxLiteralCodes) return CompressionStatus.Corrupt;
            int code = symbol - 257;
            if (!reader.TryRead(LengthBits[code], out uint extra)) return CompressionStatus.Truncated;
            int length = LengthBase[code] + (int)extra;

            int distanceCode;
            if (fixedDistances)
            {
                if (!reader.TryRead(5, out uint reversed)) return CompressionStatus.Truncated;
                distanceCode = (int)(((reversed & 1) << 4) | ((reversed & 2) << 2) | (reversed & 4) | ((reversed & 8) >> 2) | (reversed >> 4));
            }
            else
            {
                distanceCode = _distances.Decode(ref reader);
                if (distanceCode < 0) return distanceCode == -1 ? CompressionStatus.Truncated : CompressionStatus.Corrupt;
            }

            if (distanceCode >= MaxDistanceCodes) return CompressionStatus.Corrupt;
            int bits = distanceCode < 4 ? 0 : (distanceCode - 2) >> 1;
            if (!reader.TryRead(bits, out extra)) return CompressionStatus.Truncated;
            int distance = DistanceBase[distanceCode] + (int)extra;
            if (distance > output.Length) return CompressionStatus.Corrupt;
            if (!output.TryCopyBack(distance, length)) return CompressionStatus.LimitReached;
        }
    }

    /// <summary>RFC 1950's checksum.</summary>
    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        const uint modulus = 65521;
        const int chunk = 5552; // the most bytes whose sums fit 32 bits
        uint a = 1, b = 0;
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(chunk, bytes.Length);
            foreach (byte value in bytes[..count])
            {
                a += value;
                b += a;
            }

            a %= modulus;
            b %= modulus;
            bytes = bytes[count..];
        }

        return (b << 16) | a;
    }
}
