namespace Opal.Protocol;

/// <summary>Text as UTF-8 bytes; the core has no Encoding.</summary>
internal static class Utf8
{
    internal static byte[] ToBytes(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int code = text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                code = char.ConvertToUtf32(text[i], text[i + 1]);
                i++;
            }

            if (code < 0x80)
            {
                bytes.Add((byte)code);
            }
            else if (code < 0x800)
            {
                bytes.Add((byte)(0xc0 | (code >> 6)));
                bytes.Add((byte)(0x80 | (code & 0x3f)));
            }
            else if (code < 0x10000)
            {
                bytes.Add((byte)(0xe0 | (code >> 12)));
                bytes.Add((byte)(0x80 | ((code >> 6) & 0x3f)));
                bytes.Add((byte)(0x80 | (code & 0x3f)));
            }
            else
            {
                bytes.Add((byte)(0xf0 | (code >> 18)));
                bytes.Add((byte)(0x80 | ((code >> 12) & 0x3f)));
                bytes.Add((byte)(0x80 | ((code >> 6) & 0x3f)));
                bytes.Add((byte)(0x80 | (code & 0x3f)));
            }
        }

        return bytes.ToArray();
    }
}
