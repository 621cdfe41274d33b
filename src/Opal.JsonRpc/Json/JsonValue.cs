using System.Text.Json;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>A JSON value and the name of its place, read strictly by type.</summary>
/// <remarks>
/// Ethereum's JSON has two kinds of hexadecimal text: a <em>quantity</em> (a number; no leading zeros, "0x0" for zero) and
/// <em>data</em> (bytes; two digits each). Readers throw <see cref="JsonFormatException"/>, with the name and the offending text.
/// </remarks>
public readonly struct JsonValue(JsonElement element, string name)
{
    /// <summary>The element itself.</summary>
    public JsonElement Element { get; } = element;

    /// <summary>The name of the place, for messages.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the value is absent or null.</summary>
    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>A fault at this place.</summary>
    public JsonFormatException Fault(string what)
    {
        string text = IsNull ? "null" : Element.GetRawText();
        if (text.Length > 80) text = string.Concat(text.AsSpan(0, 80), "…");
        return new JsonFormatException($"{Name}: {what}, got {text}");
    }

    /// <summary>A field of this object.</summary>
    /// <exception cref="JsonFormatException">This is no object, or the field is absent or null.</exception>
    public JsonValue this[string field] =>
        TryGet(field, out JsonValue value) ? value : throw new JsonFormatException($"{Name}: field \"{field}\" is missing");

    /// <summary>A field of this object, if it is there and not null.</summary>
    public bool TryGet(string field, out JsonValue value)
    {
        if (Element.ValueKind != JsonValueKind.Object) throw Fault("expected an object");
        bool found;
        JsonElement inner;
        try
        {
            found = Element.TryGetProperty(field, out inner) && inner.ValueKind != JsonValueKind.Null;
        }
        catch (InvalidOperationException)
        {
            throw new JsonFormatException($"{Name}: a field's name is no text");
        }

        value = new JsonValue(found ? inner : default, field);
        return found;
    }

    /// <summary>The text of a string. Escapes may spell halves of characters, which the parser finds only here.</summary>
    private string Text()
    {
        try
        {
            return Element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new JsonFormatException($"{Name}: the string is no text");
        }
    }

    /// <summary>Reads an optional field: null when it is absent or null.</summary>
    public T? OrNull<T>(string field, Func<JsonValue, T> read) where T : struct => TryGet(field, out JsonValue value) ? read(value) : null;

    /// <summary>Reads an optional field: null when it is absent or null.</summary>
    public T? OrNone<T>(string field, Func<JsonValue, T> read) where T : class => TryGet(field, out JsonValue value) ? read(value) : null;

    /// <summary>The number of items of this array.</summary>
    public int Count => Element.ValueKind == JsonValueKind.Array ? Element.GetArrayLength() : throw Fault("expected an array");

    /// <summary>Reads every item of this array.</summary>
    public T[] AsArray<T>(Func<JsonValue, T> read)
    {
        var items = new T[Count];
        int at = 0;
        foreach (JsonElement item in Element.EnumerateArray())
        {
            items[at] = read(new JsonValue(item, $"{Name}[{at}]"));
            at++;
        }

        return items;
    }

    /// <summary>A string.</summary>
    public string AsString() => Element.ValueKind == JsonValueKind.String ? Text() : throw Fault("expected a string");

    /// <summary>A boolean.</summary>
    public bool AsBool() => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fault("expected true or false"),
    };

    /// <summary>A quantity below 2^64.</summary>
    public ulong AsQuantity()
    {
        UInt256 value = AsUInt256();
        return value.IsUInt64 ? value.U0 : throw Fault("expected a quantity below 2^64");
    }

    /// <summary>A quantity below 2^256.</summary>
    public UInt256 AsUInt256()
    {
        if (Element.ValueKind != JsonValueKind.String) throw Fault("expected a quantity (0x and hexadecimal digits, as a string)");
        ReadOnlySpan<char> text = Text();
        if (!text.StartsWith("0x", StringComparison.Ordinal)) throw Fault("expected a quantity, which begins with 0x");
        if (text.Length == 2) throw Fault("expected a quantity; zero is written 0x0");
        if (text.Length > 3 && text[2] == '0') throw Fault("expected a quantity, which has no leading zeros");
        return UInt256.TryParse(text, out UInt256 value) ? value : throw Fault("expected a quantity below 2^256");
    }

    /// <summary>A storage position: a quantity, with or without leading zeros, of at most 32 bytes.</summary>
    public UInt256 AsSlot()
    {
        if (Element.ValueKind != JsonValueKind.String) throw Fault("expected a storage position (0x and hexadecimal digits, as a string)");
        ReadOnlySpan<char> text = Text();
        if (text.Length > 66) throw Fault("expected a storage position of at most 32 bytes");
        if (!text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || text.Length == 2 || !UInt256.TryParse(text, out UInt256 value))
        {
            throw Fault("expected a storage position, 0x and hexadecimal digits");
        }

        return value;
    }

    /// <summary>A plain JSON number, or a quantity, below 2^64.</summary>
    public ulong AsNumber()
    {
        if (Element.ValueKind == JsonValueKind.Number) return Element.TryGetUInt64(out ulong number) ? number : throw Fault("expected a whole number below 2^64");
        return AsQuantity();
    }

    /// <summary>A number as configuration files write it: a JSON number, decimal text, or 0x text with or without leading zeros.</summary>
    public UInt256 AsLooseNumber()
    {
        string? text = Element.ValueKind switch
        {
            JsonValueKind.Number => Element.GetRawText(),
            JsonValueKind.String => Text(),
            _ => null,
        };
        if (text is not null && TryParseLoose(text, out UInt256 value)) return value;
        throw Fault("expected a whole number, decimal or 0x hexadecimal, below 2^256");
    }

    private static bool TryParseLoose(string text, out UInt256 value)
    {
        if (UInt256.TryParse(text, out value)) return true;

        // Some generators print large JSON numbers as 1e+24 or 21000.0; accept them while they are whole.
        if (!System.Numerics.BigInteger.TryParse(text, System.Globalization.NumberStyles.AllowExponent | System.Globalization.NumberStyles.AllowDecimalPoint,
                System.Globalization.CultureInfo.InvariantCulture, out System.Numerics.BigInteger big)
            || big.Sign < 0 || big.GetBitLength() > 256)
        {
            return false;
        }

        value = UInt256.FromBigEndian(big.ToByteArray(isUnsigned: true, isBigEndian: true));
        return true;
    }

    /// <summary>A number as configuration files write it, below 2^64.</summary>
    public ulong AsLooseUInt64()
    {
        UInt256 value = AsLooseNumber();
        return value.IsUInt64 ? value.U0 : throw Fault("expected a number below 2^64");
    }

    /// <summary>Bytes of any length.</summary>
    public byte[] AsData()
    {
        if (Element.ValueKind != JsonValueKind.String) throw Fault("expected data (0x and two hexadecimal digits a byte, as a string)");
        ReadOnlySpan<char> text = Text();
        if (!text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) throw Fault("expected data, which begins with 0x");
        if ((text.Length & 1) != 0) throw Fault("expected data, which has two digits a byte");
        return Hex.TryDecode(text, out byte[] bytes) ? bytes : throw Fault("expected data, which has hexadecimal digits only");
    }

    /// <summary>Exactly <paramref name="size"/> bytes.</summary>
    public byte[] AsData(int size)
    {
        byte[] bytes = AsData();
        return bytes.Length == size ? bytes : throw Fault($"expected {size} bytes");
    }

    /// <summary>A 32-byte hash.</summary>
    public Hash256 AsHash()
    {
        if (Element.ValueKind == JsonValueKind.String && Text() is { Length: 66 } text && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && Hash256.TryParse(text, out Hash256 hash))
        {
            return hash;
        }

        throw Fault("expected a 32-byte hash, 0x and 64 hexadecimal digits");
    }

    /// <summary>A 20-byte address.</summary>
    public Address AsAddress()
    {
        if (Element.ValueKind == JsonValueKind.String && Text() is { Length: 42 } text && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && Address.TryParse(text, out Address address))
        {
            return address;
        }

        throw Fault("expected a 20-byte address, 0x and 40 hexadecimal digits");
    }
}
