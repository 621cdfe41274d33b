using System.Text.Encodings.Web;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.Cli.EvmTool;

/// <summary>Reads the loose JSON of tests and tools: numbers may be JSON numbers, decimal or hexadecimal text, and a fault is an <see cref="InputFormatException"/>.</summary>
internal static class ToolJson
{
    /// <summary>How results are written.</summary>
    public static JsonWriterOptions Indented { get; } = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A member that must be there.</summary>
    public static JsonElement Member(this JsonElement parent, string name) =>
        parent.TryMember(name, out JsonElement value) ? value : throw new InputFormatException($"no \"{name}\"");

    /// <summary>A member that may be absent or null.</summary>
    public static bool TryMember(this JsonElement parent, string name, out JsonElement value)
    {
        value = default;
        return parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>Text.</summary>
    public static string Text(this JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new InputFormatException($"{value.GetRawText()} is no text");

    /// <summary>A number of 256 bits; empty text is 0.</summary>
    public static UInt256 Word(this JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            return value.TryGetUInt64(out ulong number) ? new UInt256(number) : throw new InputFormatException($"{value.GetRawText()} is no whole number of 64 bits");
        }

        return ToWord(value.Text());
    }

    /// <summary>A number of 256 bits; empty text is 0.</summary>
    public static UInt256 ToWord(string text)
    {
        if (text is "0x" or "") return default;
        return UInt256.TryParse(text, out UInt256 value) ? value : throw new InputFormatException($"\"{text}\" is no number of 256 bits");
    }

    /// <summary>A number of 64 bits.</summary>
    public static ulong ULong(this JsonElement value)
    {
        UInt256 word = value.Word();
        return word.IsUInt64 ? word.U0 : throw new InputFormatException($"{value.GetRawText()} is no number of 64 bits");
    }

    /// <summary>A member's number; null when it is absent.</summary>
    public static UInt256? OptionalWord(this JsonElement parent, string name) => parent.TryMember(name, out JsonElement value) ? value.Word() : null;

    /// <summary>A member's number; null when it is absent.</summary>
    public static ulong? OptionalULong(this JsonElement parent, string name) => parent.TryMember(name, out JsonElement value) ? value.ULong() : null;

    /// <summary>A member's hash; null when it is absent.</summary>
    public static Hash256? OptionalHash(this JsonElement parent, string name) => parent.TryMember(name, out JsonElement value) ? value.Hash() : null;

    /// <summary>Bytes in hexadecimal.</summary>
    public static byte[] Bytes(this JsonElement value) =>
        Hex.TryDecode(value.Text(), out byte[] bytes) ? bytes : throw new InputFormatException($"{Shorten(value)} is no hexadecimal");

    /// <summary>A hash; shorter numbers are padded at the left.</summary>
    public static Hash256 Hash(this JsonElement value) => Hash256.FromUInt256(value.Word());

    /// <summary>An address.</summary>
    public static Address Address(this JsonElement value) => ToAddress(value.Text());

    /// <summary>An address.</summary>
    public static Address ToAddress(string text) =>
        Primitives.Address.TryParse(text, out Address address) ? address : throw new InputFormatException($"\"{text}\" is no address");

    private static string Shorten(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= 80 ? text : text[..77] + "...";
    }
}
