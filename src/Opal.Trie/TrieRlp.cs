using Opal.Primitives;

namespace Opal.Trie;

/// <summary>The few RLP forms that nodes are made of, written straight into a buffer. All lengths are below 65,536.</summary>
internal static class TrieRlp
{
    /// <summary>The size of a list's header.</summary>
    public static int ListHeaderLength(int payload) => payload < 56 ? 1 : payload < 256 ? 2 : 3;

    /// <summary>Writes a list's header and gives its size back.</summary>
    public static int WriteListHeader(Span<byte> to, int payload)
    {
        if (payload < 56)
        {
            to[0] = (byte)(0xc0 + payload);
            return 1;
        }

        if (payload < 256)
        {
            to[1] = (byte)payload;
            to[0] = 0xf8;
            return 2;
        }

        to[2] = (byte)(payload & 255);
        to[1] = (byte)(payload >> 8);
        to[0] = 0xf9;
        return 3;
    }

    /// <summary>The size of a string of up to 255 bytes.</summary>
    public static int StringLength(ReadOnlySpan<byte> value) => value.Length == 1 && value[0] < 0x80 ? 1 : value.Length < 56 ? 1 + value.Length : 2 + value.Length;

    /// <summary>Writes a string of up to 255 bytes and gives the size back.</summary>
    public static int WriteString(Span<byte> to, ReadOnlySpan<byte> value)
    {
        int header = StringLength(value) - value.Length;
        value.CopyTo(to[header..]);
        if (header == 1)
        {
            to[0] = (byte)(0x80 + value.Length);
        }
        else if (header == 2)
        {
            to[0] = 0xb8;
            to[1] = (byte)value.Length;
        }

        return header + value.Length;
    }

    /// <summary>The size of a reference inside a node: a hash as a string, a short node as it is.</summary>
    public static int ReferenceLength(ReadOnlySpan<byte> reference) => reference.Length == Hash256.Size ? 1 + Hash256.Size : reference.Length;

    /// <summary>Writes a reference and gives the size back.</summary>
    public static int WriteReference(Span<byte> to, ReadOnlySpan<byte> reference)
    {
        if (reference.Length != Hash256.Size)
        {
            reference.CopyTo(to);
            return reference.Length;
        }

        to[0] = 0x80 + Hash256.Size;
        reference.CopyTo(to.Slice(1, Hash256.Size));
        return 1 + Hash256.Size;
    }

    /// <summary>The size of <paramref name="digits"/> digits in the hex-prefix encoding, as a string.</summary>
    public static int CompactLength(int digits) => digits < 2 ? 1 : 2 + (digits >> 1);

    /// <summary>Writes the digits of <paramref name="key"/> from <paramref name="from"/> up to <paramref name="to"/> in the hex-prefix encoding (Yellow Paper, appendix C) as a string, and gives the size back.</summary>
    public static int WriteCompact(Span<byte> destination, in Hash256 key, int from, int to, bool isLeaf)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        key.CopyTo(bytes);
        int digits = to - from, at = 0;
        if (digits > 1) destination[at++] = (byte)(0x81 + (digits >> 1));
        int flags = isLeaf ? 0x20 : 0;
        if ((digits & 1) == 1) destination[at++] = (byte)(flags | 0x10 | key.DigitAt(from++));
        else destination[at++] = (byte)flags;
        if ((from & 1) == 0)
        {
            bytes[(from >> 1)..(to >> 1)].CopyTo(destination[at..]);
            return at + ((to - from) >> 1);
        }

        for (; from < to; from += 2) destination[at++] = (byte)(((bytes[from >> 1] & 15) << 4) | (bytes[(from >> 1) + 1] >> 4));
        return at;
    }
}
