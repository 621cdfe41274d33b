using System.Globalization;
using System.Text.Json;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>Reads the loose JSON of test vectors: numbers may be JSON numbers, decimal or hexadecimal text.</summary>
internal static class JsonValues
{
    public static JsonElement Load(string relative) => JsonDocument.Parse(Vectors.Read(relative)).RootElement;

    public static UInt256 Number(this JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Number) return new UInt256(element.GetUInt64());
        string text = element.GetString()!;
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            string digits = text[2..].TrimStart('0');
            return UInt256.FromBigEndian(Hex.Decode(digits.Length % 2 == 0 ? digits : "0" + digits));
        }

        UInt256 value = UInt256.Zero;
        foreach (char c in text) value = (value * 10) + (ulong)(c - '0');
        return value;
    }

    public static ulong ULong(this JsonElement element) => (ulong)element.Number();

    public static byte[] Bytes(this JsonElement element) => Hex.Decode(element.GetString()!);

    public static Hash256 Hash(this JsonElement element) => Hash256.Parse(element.GetString()!);

    public static Address Address(this JsonElement element) => Primitives.Address.Parse(element.GetString()!);

    public static bool Has(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    public static JsonElement At(this JsonElement element, string name) => element.GetProperty(name);

    public static ulong? OptionalULong(this JsonElement element, string name) => element.Has(name) ? element.At(name).ULong() : null;

    public static Hash256? OptionalHash(this JsonElement element, string name) => element.Has(name) ? element.At(name).Hash() : null;
}
