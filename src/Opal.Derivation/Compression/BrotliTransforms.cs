namespace Opal.Derivation;

/// <summary>The 121 transformations of dictionary words (RFC 7932, appendix B).</summary>
internal static class BrotliTransforms
{
    /// <summary>How many there are.</summary>
    public const int Count = 121;

    private const int OmitLast9 = 9;
    private const int FermentFirst = 10;
    private const int FermentAll = 11;
    private const int OmitFirst0 = 11; // types 12 to 20 leave out the first 1 to 9 bytes

    // prefix, type, suffix of each: affixes by their index, types 0 identity, 1-9 omit last, 10 and 11 ferment, 12-20 omit first
    private static ReadOnlySpan<byte> Triples =>
    [
        49, 0, 49, 49, 0, 0, 0, 0, 0, 49, 12, 49, 49, 10, 0, 49, 0, 47, 0, 0, 49, 4, 0, 0, 49, 0, 3, 49, 10, 49,
        49, 0, 6, 49, 13, 49, 49, 1, 49, 1, 0, 0, 49, 0, 1, 0, 10, 0, 49, 0, 7, 49, 0, 9, 48, 0, 0, 49, 0, 8,
        49, 0, 5, 49, 0, 10, 49, 0, 11, 49, 3, 49, 49, 0, 13, 49, 0, 14, 49, 14, 49, 49, 2, 49, 49, 0, 15, 49, 0, 16,
        0, 10, 49, 49, 0, 12, 5, 0, 49, 0, 0, 1, 49, 15, 49, 49, 0, 18, 49, 0, 17, 49, 0, 19, 49, 0, 20, 49, 16, 49,
        49, 17, 49, 47, 0, 49, 49, 4, 49, 49, 0, 22, 49, 11, 49, 49, 0, 23, 49, 0, 24, 49, 0, 25, 49, 7, 49, 49, 1, 26,
        49, 0, 27, 49, 0, 28, 0, 0, 12, 49, 0, 29, 49, 20, 49, 49, 18, 49, 49, 6, 49, 49, 0, 21, 49, 10, 1, 49, 8, 49,
        49, 0, 31, 49, 0, 32, 47, 0, 3, 49, 5, 49, 49, 9, 49, 0, 10, 1, 49, 10, 8, 5, 0, 21, 49, 11, 0, 49, 10, 10,
        49, 0, 30, 0, 0, 5, 35, 0, 49, 47, 0, 2, 49, 10, 17, 49, 0, 36, 49, 0, 33, 5, 0, 0, 49, 10, 21, 49, 10, 5,
        49, 0, 37, 0, 0, 30, 49, 0, 38, 0, 11, 0, 49, 0, 39, 0, 11, 49, 49, 0, 34, 49, 11, 8, 49, 10, 12, 0, 0, 21,
        49, 0, 40, 0, 10, 12, 49, 0, 41, 49, 0, 42, 49, 11, 17, 49, 0, 43, 0, 10, 5, 49, 11, 10, 0, 0, 34, 49, 10, 33,
        49, 0, 44, 49, 11, 5, 45, 0, 49, 0, 0, 33, 49, 10, 30, 49, 11, 30, 49, 0, 46, 49, 11, 1, 49, 10, 34, 0, 10, 33,
        0, 11, 30, 0, 11, 1, 49, 11, 33, 49, 11, 21, 49, 11, 12, 0, 11, 5, 49, 11, 34, 0, 11, 12, 0, 10, 30, 0, 11, 34,
        0, 10, 34,
    ];

    // each affix: its length, then its bytes
    private static ReadOnlySpan<byte> Affixes =>
    [
        1, 32, 2, 44, 32, 8, 32, 111, 102, 32, 116, 104, 101, 32, 4, 32, 111, 102, 32, 2, 115, 32, 1, 46, 5, 32, 97, 110, 100, 32,
        4, 32, 105, 110, 32, 1, 34, 4, 32, 116, 111, 32, 2, 34, 62, 1, 10, 2, 46, 32, 1, 93, 5, 32, 102, 111, 114, 32, 3, 32,
        97, 32, 6, 32, 116, 104, 97, 116, 32, 1, 39, 6, 32, 119, 105, 116, 104, 32, 6, 32, 102, 114, 111, 109, 32, 4, 32, 98, 121, 32,
        1, 40, 6, 46, 32, 84, 104, 101, 32, 4, 32, 111, 110, 32, 4, 32, 97, 115, 32, 4, 32, 105, 115, 32, 4, 105, 110, 103, 32, 2,
        10, 9, 1, 58, 3, 101, 100, 32, 2, 61, 34, 4, 32, 97, 116, 32, 3, 108, 121, 32, 1, 44, 2, 61, 39, 5, 46, 99, 111, 109,
        47, 7, 46, 32, 84, 104, 105, 115, 32, 5, 32, 110, 111, 116, 32, 3, 101, 114, 32, 3, 97, 108, 32, 4, 102, 117, 108, 32, 4, 105,
        118, 101, 32, 5, 108, 101, 115, 115, 32, 4, 101, 115, 116, 32, 4, 105, 122, 101, 32, 2, 194, 160, 4, 111, 117, 115, 32, 5, 32, 116,
        104, 101, 32, 2, 101, 32, 0,
    ];

    private static ReadOnlySpan<byte> AffixStarts =>
    [
        0, 2, 5, 14, 19, 22, 24, 30, 35, 37, 42, 45, 47, 50, 52, 58, 62, 69, 71, 78, 85, 90, 92, 99, 104, 109, 114, 119, 122, 124, 128, 131, 136, 140, 142, 145, 151, 159, 165, 169, 173, 178, 183, 189, 194, 199, 202, 207, 213, 216,
    ];

    /// <summary>Writes the transformed word.</summary>
    /// <returns>Its length; it has at most 13 bytes more than the word.</returns>
    public static int Apply(int transform, ReadOnlySpan<byte> word, Span<byte> destination)
    {
        ReadOnlySpan<byte> triple = Triples.Slice(transform * 3, 3);
        int length = CopyAffix(triple[0], destination);
        int type = triple[1];
        if (type <= OmitLast9) word = type >= word.Length ? default : word[..^type];
        else if (type > FermentAll) word = type - OmitFirst0 >= word.Length ? default : word[(type - OmitFirst0)..];
        Span<byte> body = destination.Slice(length, word.Length);
        word.CopyTo(body);
        if (type == FermentFirst && !body.IsEmpty)
        {
            Ferment(body);
        }
        else if (type == FermentAll)
        {
            for (Span<byte> rest = body; !rest.IsEmpty;) rest = rest[Math.Min(Ferment(rest), rest.Length)..];
        }

        length += word.Length;
        return length + CopyAffix(triple[2], destination[length..]);
    }

    private static int CopyAffix(int index, Span<byte> destination)
    {
        int start = AffixStarts[index];
        int length = Affixes[start];
        Affixes.Slice(start + 1, length).CopyTo(destination);
        return length;
    }

    /// <summary>Makes the first character upper case, by the format's own simple idea of UTF-8.</summary>
    /// <returns>The number of bytes that the character counts for.</returns>
    private static int Ferment(Span<byte> text)
    {
        byte first = text[0];
        if (first < 0xc0)
        {
            if (first is >= (byte)'a' and <= (byte)'z') text[0] ^= 32;
            return 1;
        }

        if (first < 0xe0)
        {
            if (text.Length > 1) text[1] ^= 32;
            return 2;
        }

        if (text.Length > 2) text[2] ^= 5;
        return 3;
    }
}
