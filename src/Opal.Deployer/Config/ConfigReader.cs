using System.Globalization;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.Deployer.Config;

/// <summary>
/// Reads the values of one JSON object, gathering every problem instead of stopping at the first. Numbers may be JSON numbers
/// or text, decimal or 0x-hexadecimal.
/// </summary>
internal sealed class ConfigReader(JsonElement root)
{
    private readonly HashSet<string> _read = [];

    /// <summary>What is wrong, each with its key.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>What is allowed, and probably not meant.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Notes that a key is known, though its value is not used.</summary>
    public void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys) _read.Add(key);
    }

    /// <summary>The keys of the file that nobody asked for, in the file's order.</summary>
    public IEnumerable<string> UnknownKeys() => root.EnumerateObject().Select(property => property.Name).Where(name => !_read.Contains(name));

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => TryGet(key, out _);

    public ulong? OptionalUInt64(string key)
    {
        if (!TryGet(key, out JsonElement value)) return null;
        if (TryNumber(value, out UInt256 number) && number.IsUInt64) return (ulong)number;
        Problem(key, "is not a number from 0 to 2^64 - 1");
        return null;
    }

    public ulong UInt64(string key, ulong otherwise) => OptionalUInt64(key) ?? otherwise;

    public ulong RequiredUInt64(string key)
    {
        if (!Has(key)) Problem(key, "is missing");
        else if (OptionalUInt64(key) is 0) Problem(key, "must not be zero");
        else return OptionalUInt64(key) ?? 0;
        return 0;
    }

    public uint UInt32(string key, uint otherwise)
    {
        ulong value = UInt64(key, otherwise);
        if (value <= uint.MaxValue) return (uint)value;
        Problem(key, "is not a number from 0 to 2^32 - 1");
        return otherwise;
    }

    public UInt256 UInt256(string key, in UInt256 otherwise)
    {
        if (!TryGet(key, out JsonElement value)) return otherwise;
        if (TryNumber(value, out UInt256 number)) return number;
        Problem(key, "is not a number from 0 to 2^256 - 1");
        return otherwise;
    }

    public Address Address(string key)
    {
        if (!TryGet(key, out JsonElement value)) return default;
        if (value.ValueKind == JsonValueKind.String && Opal.Primitives.Address.TryParse(value.GetString(), out Address address)) return address;
        Problem(key, "is not an address (0x and 40 hexadecimal digits)");
        return default;
    }

    public Address RequiredAddress(string key)
    {
        int before = Problems.Count;
        Address address = Address(key);
        if (address.IsZero && Problems.Count == before) Problem(key, Has(key) ? "must not be the zero address" : "is missing (an address)");
        return address;
    }

    public Hash256 Hash(string key)
    {
        if (!TryGet(key, out JsonElement value)) return default;
        if (value.ValueKind == JsonValueKind.String && Hash256.TryParse(value.GetString(), out Hash256 hash)) return hash;
        Problem(key, "is not 32 bytes (0x and 64 hexadecimal digits)");
        return default;
    }

    public bool Bool(string key, bool otherwise = false)
    {
        if (!TryGet(key, out JsonElement value)) return otherwise;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Problem(key, "is neither true nor false");
        return otherwise;
    }

    public string? OptionalText(string key)
    {
        if (!TryGet(key, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        if (value.ValueKind == JsonValueKind.Number) return value.GetRawText();
        Problem(key, "is not text");
        return null;
    }

    public byte[]? Base64(string key)
    {
        if (!TryGet(key, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out byte[]? bytes)) return bytes is { Length: 0 } ? null : bytes;
        Problem(key, "is not base64 text");
        return null;
    }

    /// <summary>A time that may be -1 for "not said".</summary>
    public ulong? TimeOrMinusOne(string key)
    {
        if (!TryGet(key, out JsonElement value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number < 0 ? null : OptionalUInt64(key);
    }

    public WithdrawalNetwork Network(string key)
    {
        if (!TryGet(key, out JsonElement value)) return WithdrawalNetwork.L1;
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        switch (text)
        {
            case "0" or "remote": return WithdrawalNetwork.L1;
            case "1" or "local": return WithdrawalNetwork.L2;
            default:
                Problem(key, "is neither 0 (or \"remote\": L1) nor 1 (or \"local\": L2)");
                return WithdrawalNetwork.L1;
        }
    }

    public void Problem(string key, string what)
    {
        string problem = $"{key} {what}";
        if (!Problems.Contains(problem)) Problems.Add(problem);
    }

    private bool TryGet(string key, out JsonElement value)
    {
        _read.Add(key);
        return root.TryGetProperty(key, out value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
    }

    private static bool TryNumber(JsonElement value, out UInt256 number)
    {
        number = default;
        return value.ValueKind switch
        {
            JsonValueKind.String => Opal.Primitives.UInt256.TryParse(value.GetString(), out number),
            JsonValueKind.Number => Opal.Primitives.UInt256.TryParse(value.GetRawText(), out number) || TryExponent(value, out number),
            _ => false,
        };
    }

    /// <summary>JSON writers may put large round numbers as 1e18.</summary>
    private static bool TryExponent(JsonElement value, out UInt256 number)
    {
        number = default;
        if (!value.TryGetDecimal(out decimal exact) || exact < 0 || decimal.Truncate(exact) != exact) return false;
        return Opal.Primitives.UInt256.TryParse(exact.ToString("0", CultureInfo.InvariantCulture), out number);
    }
}
