namespace Opal.Trie;

/// <summary>A run of 4-bit digits inside a packed byte array that nobody changes any more; slices share the array.</summary>
internal readonly struct NibblePath
{
    private readonly byte[] _packed;
    private readonly int _start;

    private NibblePath(byte[] packed, int start, int length)
    {
        _packed = packed;
        _start = start;
        Length = length;
    }

    /// <summary>The number of digits.</summary>
    public int Length { get; }

    /// <summary>All digits of a key, high half of each byte first.</summary>
    public static NibblePath Of(byte[] key) => new(key, 0, key.Length * 2);

    /// <summary>The digit at <paramref name="index"/>, 0 to 15.</summary>
    public int this[int index] => DigitAt(_packed, _start + index);

    /// <summary>The digit of a packed key at <paramref name="index"/>.</summary>
    public static int DigitAt(ReadOnlySpan<byte> packed, int index) => (index & 1) == 0 ? packed[index >> 1] >> 4 : packed[index >> 1] & 15;

    /// <summary>What follows the first <paramref name="start"/> digits.</summary>
    public NibblePath From(int start) => new(_packed, _start + start, Length - start);

    /// <summary>The first <paramref name="length"/> digits.</summary>
    public NibblePath First(int length) => new(_packed, _start, length);

    /// <summary>How many digits <paramref name="key"/>, from digit <paramref name="at"/> on, has in common with this path.</summary>
    public int CommonPrefix(ReadOnlySpan<byte> key, int at)
    {
        int most = Math.Min(Length, (key.Length * 2) - at);
        int i = 0;
        while (i < most && this[i] == DigitAt(key, at + i)) i++;
        return i;
    }

    /// <summary>This path and <paramref name="tail"/> in a new array.</summary>
    public NibblePath Append(NibblePath tail)
    {
        int length = Length + tail.Length;
        var packed = new byte[(length + 1) / 2];
        for (int i = 0; i < length; i++)
        {
            int digit = i < Length ? this[i] : tail[i - Length];
            packed[i >> 1] |= (byte)((i & 1) == 0 ? digit << 4 : digit);
        }

        return new NibblePath(packed, 0, length);
    }

    /// <summary>One digit and <paramref name="tail"/> in a new array.</summary>
    public static NibblePath Prepend(int digit, NibblePath tail) => new NibblePath([(byte)(digit << 4)], 0, 1).Append(tail);

    /// <summary>The size of the hex-prefix encoding.</summary>
    public int CompactLength => (Length / 2) + 1;

    /// <summary>Writes the hex-prefix encoding (Yellow Paper, appendix C): flag bit 1 for a leaf, bit 0 for an odd length.</summary>
    public void WriteCompact(Span<byte> destination, bool isLeaf)
    {
        int odd = Length & 1;
        destination[0] = (byte)(((isLeaf ? 2 : 0) + odd) << 4);
        if (odd == 1) destination[0] |= (byte)this[0];
        for (int i = odd, at = 1; i < Length; i += 2, at++) destination[at] = (byte)((this[i] << 4) | this[i + 1]);
    }

    /// <summary>Reads the hex-prefix encoding; false when the flags are unknown or the padding is not zero.</summary>
    public static bool TryReadCompact(ReadOnlySpan<byte> compact, out NibblePath path, out bool isLeaf)
    {
        path = default;
        isLeaf = false;
        if (compact.IsEmpty) return false;
        int flags = compact[0] >> 4;
        if (flags > 3) return false;
        bool odd = (flags & 1) != 0;
        if (!odd && (compact[0] & 15) != 0) return false;
        isLeaf = (flags & 2) != 0;
        path = odd
            ? new NibblePath(compact.ToArray(), 1, (compact.Length * 2) - 1)
            : new NibblePath(compact[1..].ToArray(), 0, (compact.Length - 1) * 2);
        return true;
    }
}
