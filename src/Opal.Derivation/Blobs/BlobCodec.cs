namespace Opal.Derivation;

/// <summary>Packs rollup data into blobs and back (ecotone/derivation.md#blob-encoding).</summary>
/// <remarks>
/// A blob has 4,096 field elements of 32 bytes whose two highest bits are zero. Four elements hold 127 bytes of content: 31 bytes
/// each, and three bytes spread over the low six bits of their first bytes. Content: version 0 (1 B) ++ length (u24 BE) ++ data ++ zeros.
/// </remarks>
public static class BlobCodec
{
    /// <summary>The size of a blob.</summary>
    public const int BlobSize = 131_072;

    /// <summary>The most bytes of data that a blob holds.</summary>
    public const int MaxDataLength = (127 * Rounds) - HeaderSize;

    private const int Rounds = 1024;
    private const int ElementSize = 32;
    private const int HeaderSize = 4;
    private const byte Version = 0;

    /// <summary>Writes data as a blob.</summary>
    /// <param name="data">At most <see cref="MaxDataLength"/> bytes.</param>
    /// <param name="blob">131,072 bytes; written all over.</param>
    /// <returns>False: there are more data than fit.</returns>
    public static bool TryEncode(ReadOnlySpan<byte> data, Span<byte> blob)
    {
        if (data.Length > MaxDataLength || blob.Length != BlobSize) return false;
        blob.Clear();
        Span<byte> content = stackalloc byte[127];
        content.Clear();
        content[0] = Version;
        content[1] = (byte)(data.Length >> 16);
        content[2] = (byte)((data.Length >> 8) & 0xff);
        content[3] = (byte)(data.Length & 0xff);
        int first = Math.Min(data.Length, 127 - HeaderSize);
        data[..first].CopyTo(content[HeaderSize..]);
        data = data[first..];
        for (int round = 0; ; round++)
        {
            EncodeRound(content, blob.Slice(round * 4 * ElementSize, 4 * ElementSize));
            if (data.IsEmpty) return true;
            content.Clear();
            int count = Math.Min(data.Length, 127);
            data[..count].CopyTo(content);
            data = data[count..];
        }
    }

    private static void EncodeRound(ReadOnlySpan<byte> content, Span<byte> elements)
    {
        byte x = content[31], y = content[63], z = content[95];
        elements[0] = (byte)(x & 0x3f);
        content[..31].CopyTo(elements[1..]);
        elements[32] = (byte)((y & 0x0f) | ((x & 0xc0) >> 2));
        content.Slice(32, 31).CopyTo(elements[33..]);
        elements[64] = (byte)(z & 0x3f);
        content.Slice(64, 31).CopyTo(elements[65..]);
        elements[96] = (byte)(((z & 0xc0) >> 2) | ((y & 0xf0) >> 4));
        content.Slice(96, 31).CopyTo(elements[97..]);
    }

    /// <summary>Reads the data of a blob. Cases D-BL-01 to 04.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> blob, out byte[] data, out DataRule rule)
    {
        data = [];
        rule = DataRule.BlobWrongSize;
        if (blob.Length != BlobSize) return false;
        rule = DataRule.BlobUnknownVersion;
        if (blob[1] != Version) return false;
        int length = (blob[2] << 16) | (blob[3] << 8) | blob[4];
        rule = DataRule.BlobLengthTooLarge;
        if (length > MaxDataLength) return false;

        int end = HeaderSize + length;
        int rounds = (end + 126) / 127;
        var content = new byte[rounds * 127];
        rule = DataRule.BlobHighBits;
        for (int round = 0; round < rounds; round++)
        {
            if (!TryDecodeRound(blob.Slice(round * 4 * ElementSize, 4 * ElementSize), content.AsSpan(round * 127, 127), isFirst: round == 0)) return false;
        }

        rule = DataRule.BlobTrailingData;
        if (content.AsSpan(end).ContainsAnyExcept((byte)0)) return false;
        if (blob[(rounds * 4 * ElementSize)..].ContainsAnyExcept((byte)0)) return false;
        rule = DataRule.None;
        data = content.AsSpan(HeaderSize, length).ToArray();
        return true;
    }

    private static bool TryDecodeRound(ReadOnlySpan<byte> elements, Span<byte> content, bool isFirst)
    {
        byte a = elements[0], b = elements[32], c = elements[64], d = elements[96];
        if (isFirst) a &= 0x3f; // the very first element's high bits are ignored (V-20)
        if (((a | b | c | d) & 0xc0) != 0) return false;
        elements.Slice(1, 31).CopyTo(content);
        content[31] = (byte)((a & 0x3f) | ((b & 0x30) << 2));
        elements.Slice(33, 31).CopyTo(content[32..]);
        content[63] = (byte)((b & 0x0f) | ((d & 0x0f) << 4));
        elements.Slice(65, 31).CopyTo(content[64..]);
        content[95] = (byte)((c & 0x3f) | ((d & 0x30) << 2));
        elements.Slice(97, 31).CopyTo(content[96..]);
        return true;
    }
}
