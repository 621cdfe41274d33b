namespace Opal.Derivation.Tests;

/// <summary>An RLP item as a tree, read by the book and without a thought for speed. Malformed input is an exception, which tests catch.</summary>
internal sealed class PlainRlp
{
    public sealed class Malformed : Exception;

    /// <summary>A string's bytes; null for a list.</summary>
    public byte[]? Bytes { get; private init; }

    public List<PlainRlp> Items { get; } = [];

    public bool IsList => Bytes is null;

    public static PlainRlp Of(byte[] bytes) => new() { Bytes = bytes };

    public static PlainRlp List(IEnumerable<PlainRlp> items)
    {
        var list = new PlainRlp();
        list.Items.AddRange(items);
        return list;
    }

    /// <summary>Where an item's content begins and how long it is; only the header is looked at.</summary>
    public static (bool IsList, int Start, long Length) Header(byte[] data, int at)
    {
        if (at >= data.Length) throw new Malformed();
        byte first = data[at];
        if (first < 0x80) return (false, at, 1);
        bool isList = first >= 0xc0;
        int code = first - (isList ? 0xc0 : 0x80);
        if (code <= 55)
        {
            if (!isList && code == 1 && (at + 1 >= data.Length || data[at + 1] < 0x80)) throw new Malformed(); // a byte that needs no header
            return (isList, at + 1, code);
        }

        int sizeOfLength = code - 55;
        System.Numerics.BigInteger length = 0;
        for (int i = 0; i < sizeOfLength; i++)
        {
            if (at + 1 + i >= data.Length) throw new Malformed();
            length = (length * 256) + data[at + 1 + i];
        }

        if (data[at + 1] == 0 || length <= 55 || length > data.Length) throw new Malformed();
        return (isList, at + 1 + sizeOfLength, (long)length);
    }

    public static PlainRlp Read(byte[] data, ref int at)
    {
        (bool isList, int start, long length) = Header(data, at);
        if (start + length > data.Length) throw new Malformed();
        int end = (int)(start + length);
        at = end;
        if (!isList) return Of(data[start..end]);
        byte[] content = data[start..end];
        var list = new PlainRlp();
        for (int inner = 0; inner < content.Length;) list.Items.Add(Read(content, ref inner));
        return list;
    }

    /// <summary>One item that fills the data.</summary>
    public static PlainRlp ReadWhole(byte[] data)
    {
        int at = 0;
        PlainRlp item = Read(data, ref at);
        return at == data.Length ? item : throw new Malformed();
    }

    public byte[] Encode()
    {
        if (Bytes is { } bytes) return bytes.Length == 1 && bytes[0] < 0x80 ? bytes : [.. Prefix(0x80, bytes.Length), .. bytes];
        byte[] content = [.. Items.SelectMany(static item => item.Encode())];
        return [.. Prefix(0xc0, content.Length), .. content];
    }

    private static byte[] Prefix(int code, int length)
    {
        if (length <= 55) return [(byte)(code + length)];
        var digits = new List<byte>();
        for (int rest = length; rest > 0; rest >>= 8) digits.Insert(0, (byte)rest);
        return [(byte)(code + 55 + digits.Count), .. digits];
    }

    // ---- shapes ----

    public byte[] Text() => Bytes ?? throw new Malformed();

    public List<PlainRlp> Elements(int? count = null) => IsList && (count is null || Items.Count == count) ? Items : throw new Malformed();

    public byte[] Fixed(int size) => Text().Length == size ? Text() : throw new Malformed();

    /// <summary>A number without leading zeros.</summary>
    public byte[] Number(int maxSize = int.MaxValue)
    {
        byte[] bytes = Text();
        return bytes.Length <= maxSize && (bytes.Length == 0 || bytes[0] != 0) ? bytes : throw new Malformed();
    }

    public static PlainRlp OfNumber(System.Numerics.BigInteger number) => Of(number.IsZero ? [] : number.ToByteArray(isUnsigned: true, isBigEndian: true));
}
