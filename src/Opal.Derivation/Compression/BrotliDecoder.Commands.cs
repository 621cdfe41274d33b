namespace Opal.Derivation;

public sealed partial class BrotliDecoder
{
    private static ReadOnlySpan<byte> InsertBits => [0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14, 24];

    private static ReadOnlySpan<ushort> InsertBase =>
        [0, 1, 2, 3, 4, 5, 6, 8, 10, 14, 18, 26, 34, 50, 66, 98, 130, 194, 322, 578, 1090, 2114, 6210, 22594];

    private static ReadOnlySpan<byte> CopyBits => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 24];

    private static ReadOnlySpan<ushort> CopyBase =>
        [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 18, 22, 30, 38, 54, 70, 102, 134, 198, 326, 582, 1094, 2118];

    // by the upper bits of a command: where its insert codes and its copy codes begin
    private static ReadOnlySpan<byte> InsertCell => [0, 0, 0, 0, 8, 8, 0, 16, 8, 16, 16];

    private static ReadOnlySpan<byte> CopyCell => [0, 8, 0, 8, 0, 8, 16, 0, 16, 8, 16];

    // the sixteen distance codes that repeat a last distance: which one, and what is added
    private static ReadOnlySpan<byte> ShortIndex => [3, 2, 1, 0, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2];

    private static ReadOnlySpan<sbyte> ShortOffset => [0, 0, 0, 0, -1, 1, -2, 2, -3, 3, -1, 1, -2, 2, -3, 3];

    private CompressionStatus DecodeCommands(ref BitReader reader, DecompressionBuffer output, int remaining)
    {
        while (remaining > 0)
        {
            if (!_commands.TryTake(ref reader)) return CompressionStatus.Truncated;
            int command = _commandCodes[_commands.Current]!.Decode(ref reader);
            if (command < 0) return CompressionStatus.Truncated;
            int cell = command >> 6;
            int insertCode = InsertCell[cell] + ((command >> 3) & 7);
            int copyCode = CopyCell[cell] + (command & 7);
            if (!reader.TryRead(InsertBits[insertCode], out uint insertExtra) || !reader.TryRead(CopyBits[copyCode], out uint copyExtra))
            {
                return CompressionStatus.Truncated;
            }

            int insert = InsertBase[insertCode] + (int)insertExtra;
            int copy = CopyBase[copyCode] + (int)copyExtra;
            if (insert > remaining) return CompressionStatus.Corrupt;
            CompressionStatus status = DecodeLiterals(ref reader, output, insert);
            if (status != CompressionStatus.Complete) return status;
            remaining -= insert;
            if (remaining == 0) break;

            int limit = Math.Min(_maxBackward, output.Length);
            int code = 0;
            if (command >= 128)
            {
                if (!_distanceBlocks.TryTake(ref reader)) return CompressionStatus.Truncated;
                int context = copy > 4 ? 3 : copy - 2;
                code = _distanceCodes[_distanceMap[(4 * _distanceBlocks.Current) + context]]!.Decode(ref reader);
                if (code < 0) return CompressionStatus.Truncated;
            }

            if (!TryReadDistance(ref reader, code, out int distance)) return CompressionStatus.Truncated;
            if (distance <= 0) return CompressionStatus.Corrupt;
            if (distance > limit)
            {
                status = CopyWord(output, copy, distance - limit - 1, ref remaining);
                if (status != CompressionStatus.Complete) return status;
                continue;
            }

            if (copy > remaining) return CompressionStatus.Corrupt;
            if (code != 0)
            {
                _distances[_distanceIndex & 3] = distance;
                _distanceIndex = (_distanceIndex + 1) & 3;
            }

            if (!output.TryCopyBack(distance, copy)) return CompressionStatus.LimitReached;
            remaining -= copy;
        }

        return CompressionStatus.Complete;
    }

    private CompressionStatus DecodeLiterals(ref BitReader reader, DecompressionBuffer output, int count)
    {
        if (count == 0) return CompressionStatus.Complete;
        byte last = output.Back(1), beforeLast = output.Back(2);
        for (int i = 0; i < count; i++)
        {
            if (!_literals.TryTake(ref reader)) return CompressionStatus.Truncated;
            int type = _literals.Current;
            int context = BrotliContext.Of(_literalModes[type], last, beforeLast);
            int literal = _literalCodes[_literalMap[(64 * type) + context]]!.Decode(ref reader);
            if (literal < 0) return CompressionStatus.Truncated;
            if (!output.TryAppend((byte)literal)) return CompressionStatus.LimitReached;
            beforeLast = last;
            last = (byte)literal;
        }

        return CompressionStatus.Complete;
    }

    /// <summary>Copies a transformed word of the static dictionary.</summary>
    private static CompressionStatus CopyWord(DecompressionBuffer output, int length, int reference, ref int remaining)
    {
        if (!BrotliDictionary.TryFind(length, reference, out ReadOnlySpan<byte> word, out int transform)) return CompressionStatus.Corrupt;
        Span<byte> text = stackalloc byte[64];
        int written = BrotliTransforms.Apply(transform, word, text);
        if (written > remaining) return CompressionStatus.Corrupt;
        if (!output.TryAppend(text[..written])) return CompressionStatus.LimitReached;
        remaining -= written;
        return CompressionStatus.Complete;
    }

    /// <summary>The distance of a code; zero or less where a short code reaches below 1. False: the input ends.</summary>
    private bool TryReadDistance(ref BitReader reader, int code, out int distance)
    {
        if (code < 16)
        {
            distance = _distances[(_distanceIndex + ShortIndex[code]) & 3] + ShortOffset[code];
            return true;
        }

        if (code < 16 + _directCodes)
        {
            distance = code - 15;
            return true;
        }

        distance = 0;
        int relative = code - _directCodes - 16;
        int bits = 1 + (relative >> (_postfixBits + 1));
        if (!reader.TryRead(bits, out uint extra)) return false;
        int high = relative >> _postfixBits;
        int low = relative & ((1 << _postfixBits) - 1);
        int offset = ((2 + (high & 1)) << bits) - 4;
        distance = ((offset + (int)extra) << _postfixBits) + low + _directCodes + 1;
        return true;
    }
}
