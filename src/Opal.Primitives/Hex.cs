namespace Opal.Primitives;

/// <summary>Hexadecimal text, lower case, with a 0x prefix.</summary>
public static class Hex
{
    /// <summary>0 to 15, or -1 when the character is no hexadecimal digit.</summary>
    public static int NibbleOf(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => -1,
    };

    /// <summary>The lower-case digit of a value from 0 to 15.</summary>
    public static char DigitOf(int nibble) => (char)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);

    /// <summary>The bytes as 0x-prefixed text.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "0x";
        Span<char> chars = bytes.Length <= 256 ? stackalloc char[2 + (bytes.Length * 2)] : new char[2 + (bytes.Length * 2)];
        chars[0] = '0';
        chars[1] = 'x';
        WriteDigits(bytes, chars[2..]);
        return new string(chars);
    }

    /// <summary>The number as a JSON-RPC quantity: 0x and digits without leading zeros.</summary>
    public static string Quantity(ulong value) => new UInt256(value).ToQuantity();

    /// <summary>Writes two digits a byte, without a prefix.</summary>
    public static void WriteDigits(ReadOnlySpan<byte> bytes, Span<char> destination)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            destination[2 * i] = DigitOf(bytes[i] >> 4);
            destination[(2 * i) + 1] = DigitOf(bytes[i] & 15);
        }
    }

    /// <summary>Decodes hexadecimal text of an even number of digits; the 0x prefix may be absent.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        text = StripPrefix(text);
        bytes = [];
        if ((text.Length & 1) != 0) return false;
        var result = new byte[text.Length / 2];
        if (!TryDecode(text, result)) return false;
        bytes = result;
        return true;
    }

    /// <summary>Decodes exactly <c>destination.Length</c> bytes; the 0x prefix may be absent.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        text = StripPrefix(text);
        if (text.Length != destination.Length * 2) return false;
        for (int i = 0; i < destination.Length; i++)
        {
            int high = NibbleOf(text[2 * i]), low = NibbleOf(text[(2 * i) + 1]);
            if ((high | low) < 0) return false;
            destination[i] = (byte)((high << 4) | low);
        }

        return true;
    }

    /// <summary>Decodes text that the program itself wrote (constants, tests).</summary>
    /// <exception cref="FormatException">The text is no hexadecimal.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text) =>
        TryDecode(text, out byte[] bytes) ? bytes : throw new FormatException("not an even number of hexadecimal digits");

    private static ReadOnlySpan<char> StripPrefix(ReadOnlySpan<char> text) =>
        text.Length >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x' ? text[2..] : text;
}
