namespace Opal.Primitives;

/// <content>Decimal and hexadecimal text.</content>
public partial struct UInt256
{
    /// <summary>Parses a decimal number, or a hexadecimal one with a 0x prefix. Leading zeros are allowed; signs and separators are not.</summary>
    /// <returns>False when the text is empty, has another character, or does not fit 256 bits.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out UInt256 value)
    {
        value = default;
        if (text.Length >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x')
        {
            ReadOnlySpan<char> digits = text[2..];
            if (digits.IsEmpty) return false;
            foreach (char c in digits)
            {
                int nibble = Hex.NibbleOf(c);
                if (nibble < 0 || (value.U3 >> 60) != 0) return false;
                ShiftLeft(value, 4, out value);
                value.U0 |= (uint)nibble;
            }

            return true;
        }

        if (text.IsEmpty) return false;
        foreach (char c in text)
        {
            if (c is < '0' or > '9') return false;
            if (!TryMultiply(value, 10, out value) || !TryAdd(value, (ulong)(c - '0'), out value)) return false;
        }

        return true;
    }

    /// <summary>The value in decimal.</summary>
    public override readonly string ToString()
    {
        if (IsZero) return "0";
        Span<char> buffer = stackalloc char[80];
        int at = buffer.Length;
        UInt256 rest = this;
        while (!rest.IsZero)
        {
            DivRem(rest, 10_000_000_000_000_000_000, out rest, out UInt256 group);
            ulong digits = group.U0;
            for (int i = 0; i < 19 && (digits != 0 || !rest.IsZero); i++)
            {
                buffer[--at] = (char)('0' + (int)(digits % 10));
                digits /= 10;
            }
        }

        return new string(buffer[at..]);
    }

    /// <summary>The value as a JSON-RPC quantity: 0x and hexadecimal digits without leading zeros.</summary>
    public readonly string ToQuantity()
    {
        if (IsZero) return "0x0";
        Span<char> buffer = stackalloc char[66];
        int digits = (BitLength + 3) >> 2;
        buffer[0] = '0';
        buffer[1] = 'x';
        for (int i = 0; i < digits; i++)
        {
            int shift = (digits - 1 - i) << 2;
            buffer[2 + i] = Hex.DigitOf((int)((Limb(shift >> 6) >> (shift & 63)) & 15));
        }

        return new string(buffer[..(2 + digits)]);
    }
}
