using System.Buffers.Binary;
using Opal.Primitives;

namespace Opal.Trie;

/// <summary>A place in a trie of 32-byte keys: the digits on the way to it.</summary>
public readonly struct TriePath : IEquatable<TriePath>, IComparable<TriePath>
{
    /// <summary>The most digits that fit the short form of <see cref="WriteKey"/>.</summary>
    public const int MaxShortLength = 14;

    /// <summary>The size of the long form of <see cref="WriteKey"/>: 15 digits and the escape in 8 bytes, 49 digits in 25, the length.</summary>
    public const int MaxKeySize = 34;

    private const int Escape = 15;

    /// <summary>The first <paramref name="length"/> digits of <paramref name="key"/>.</summary>
    public TriePath(in Hash256 key, int length)
    {
        Digits = key.FirstDigits(length);
        Length = length;
    }

    /// <summary>The digits, most significant first, then zeros.</summary>
    public Hash256 Digits { get; }

    /// <summary>The number of digits, 0 to 64.</summary>
    public int Length { get; }

    /// <summary>Whether <paramref name="key"/> is at or below this place.</summary>
    public bool Covers(in Hash256 key) => key.CommonDigits(Digits) >= Length;

    /// <summary>Writes the database key: the digits left-aligned in 60 bits and their count in the low 4 bits, big-endian; count 15 means that the rest of the digits and the true length follow.</summary>
    /// <param name="destination">At least <see cref="MaxKeySize"/> bytes.</param>
    /// <returns>8, or <see cref="MaxKeySize"/> for more than <see cref="MaxShortLength"/> digits. Bytewise, a parent is directly before what is below it.</returns>
    public int WriteKey(Span<byte> destination)
    {
        if (Length <= MaxShortLength)
        {
            Span<byte> digits = stackalloc byte[Hash256.Size];
            Digits.CopyTo(digits);
            digits[..8].CopyTo(destination);
            destination[7] |= (byte)Length;
            return 8;
        }

        // one digit makes room for the escape: all after it move by half a byte
        Span<byte> all = stackalloc byte[Hash256.Size + 1];
        all[Hash256.Size] = 0;
        Digits.CopyTo(all);
        all[..8].CopyTo(destination);
        destination[7] = (byte)((all[7] & 0xf0) | Escape);
        for (int i = 0; i < 25; i++) destination[8 + i] = (byte)(((all[7 + i] & 15) << 4) | (all[8 + i] >> 4));
        destination[33] = (byte)Length;
        return MaxKeySize;
    }

    /// <summary>Reads what <see cref="WriteKey"/> wrote; false when it did not write this.</summary>
    public static bool TryReadKey(ReadOnlySpan<byte> key, out TriePath path)
    {
        path = default;
        if (key.Length < 8) return false;
        Span<byte> all = stackalloc byte[Hash256.Size + 1];
        all.Clear();
        key[..8].CopyTo(all);
        int length = all[7] & 15;
        all[7] &= 0xf0;
        if (length == Escape)
        {
            if (key.Length != MaxKeySize) return false;
            for (int i = 0; i < 25; i++)
            {
                all[7 + i] |= (byte)(key[8 + i] >> 4);
                all[8 + i] = (byte)((key[8 + i] & 15) << 4);
            }

            length = key[33];
            if (length is <= MaxShortLength or > 64) return false;
        }
        else if (key.Length != 8)
        {
            return false;
        }

        path = new TriePath(new Hash256(all[..Hash256.Size]), length);
        Span<byte> again = stackalloc byte[MaxKeySize];
        return key.SequenceEqual(again[..path.WriteKey(again)]);
    }

    /// <inheritdoc/>
    public bool Equals(TriePath other) => Length == other.Length && Digits == other.Digits;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TriePath other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked(Digits.GetHashCode() + (Length * 0x61C88647));

    /// <summary>In the order of keys, a parent before what is below it.</summary>
    public int CompareTo(TriePath other)
    {
        int order = Digits.CompareTo(other.Digits);
        return order != 0 ? order : Length.CompareTo(other.Length);
    }

    public static bool operator ==(TriePath a, TriePath b) => a.Equals(b);
    public static bool operator !=(TriePath a, TriePath b) => !a.Equals(b);
    public static bool operator <(TriePath a, TriePath b) => a.CompareTo(b) < 0;
    public static bool operator >(TriePath a, TriePath b) => a.CompareTo(b) > 0;
    public static bool operator <=(TriePath a, TriePath b) => a.CompareTo(b) <= 0;
    public static bool operator >=(TriePath a, TriePath b) => a.CompareTo(b) >= 0;
}
