using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>The positional parameters of a call, read by type.</summary>
/// <remarks>
/// <c>GetX(i)</c> needs the parameter; <c>GetXOrNull(i)</c> takes an absent or null one as null. Every reader throws an
/// <see cref="RpcException"/> with -32602 and a message naming the argument's index when the value is missing or malformed.
/// </remarks>
public readonly struct RpcParams
{
    private readonly RpcParamsText? _text;
    private readonly int _skipped;

    private RpcParams(RpcParamsText text, int skipped) => (_text, _skipped) = (text, skipped);

    /// <summary>The parameters in <paramref name="array"/>, a JSON array; an undefined element or null means no parameters.</summary>
    /// <exception cref="RpcException">The element is neither.</exception>
    public static RpcParams From(JsonElement array) => array.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
        ? default : From(new RpcParamsText(JsonMarshal.GetRawUtf8Value(array).ToArray()), array.ValueKind == JsonValueKind.Array);

    /// <exception cref="RpcException">The text is no array.</exception>
    internal static RpcParams From(RpcParamsText? text, bool isArray)
    {
        if (text is null) return default;
        return isArray ? new RpcParams(text, 0) : throw RpcException.InvalidParams("non-array args");
    }

    /// <summary>How many parameters were given, trailing nulls included.</summary>
    public int Count => _text is null ? 0 : Math.Max(0, _text.Count - _skipped);

    /// <summary>Whether parameter <paramref name="index"/> is there and not null.</summary>
    public bool Has(int index) => index >= 0 && _text is not null && _text.TryFind(index + _skipped, out JsonTokenType type, out _) && type != JsonTokenType.Null;

    /// <summary>The parameters after the first <paramref name="count"/>.</summary>
    public RpcParams Skip(int count) => _text is null ? default : new(_text, _skipped + count);

    /// <summary>Refuses a call with more parameters than the method has.</summary>
    public void RequireAtMost(int count)
    {
        if (Count > count) throw RpcException.InvalidParams($"too many arguments, want at most {count}");
    }

    /// <summary>Parameter <paramref name="index"/> for reading by hand; see <see cref="JsonValue"/>.</summary>
    public JsonValue this[int index] => Has(index)
        ? new JsonValue(_text!.Element[index + _skipped], $"argument {index}")
        : throw RpcException.InvalidParams($"missing value for required argument {index}");

    /// <summary>The parameter's text where it is a string without escapes; else empty. What comes of it is right or not used: the strict readers say what is wrong.</summary>
    private ReadOnlySpan<byte> PlainText(int index) => _text is not null && index >= 0 && _text.TryFind(index + _skipped, out _, out ReadOnlySpan<byte> text) ? text : default;

    private static bool TryReadHex(ReadOnlySpan<byte> text, Span<byte> bytes) =>
        text.Length == 2 + (2 * bytes.Length) && text.StartsWith("0x"u8) && Convert.FromHexString(text[2..], bytes, out _, out _) == OperationStatus.Done;

    private static bool TryReadQuantity(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        return text.Length is > 2 and <= 18 && text.StartsWith("0x"u8) && (text[2] != '0' || text.Length == 3)
            && Utf8Parser.TryParse(text[2..], out value, out int used, 'x') && used == text.Length - 2;
    }

    private static bool TryReadBlock(ReadOnlySpan<byte> text, out BlockParameter block)
    {
        block = BlockParameter.Latest;
        if (text.SequenceEqual("latest"u8)) return true;
        if (!TryReadQuantity(text, out ulong number)) return false;
        block = BlockParameter.At(number);
        return true;
    }

    private T Read<T>(int index, Func<JsonValue, T> read)
    {
        JsonValue value = this[index];
        try
        {
            return read(value);
        }
        catch (JsonFormatException error)
        {
            throw RpcException.InvalidParams($"invalid argument {index}: {error.Message}");
        }
    }

    private T? ReadOrNull<T>(int index, Func<JsonValue, T> read) where T : struct => Has(index) ? Read(index, read) : null;

    /// <summary>Reads the parameter with a codec of the caller's; a <see cref="JsonFormatException"/> becomes -32602.</summary>
    public T Get<T>(int index, Func<JsonValue, T> read) => Read(index, read);

    /// <summary>As <see cref="Get"/>; null when the parameter is absent or null.</summary>
    public T? GetOrNull<T>(int index, Func<JsonValue, T> read) where T : class => Has(index) ? Read(index, read) : null;

    /// <summary>A number below 2^64.</summary>
    public ulong GetQuantity(int index) => TryReadQuantity(PlainText(index), out ulong number) ? number : Read(index, static v => v.AsQuantity());
    /// <summary>A number below 2^64, or null.</summary>
    public ulong? GetQuantityOrNull(int index) => ReadOrNull(index, static v => v.AsQuantity());
    /// <summary>A number below 2^256.</summary>
    public UInt256 GetUInt256(int index) => Read(index, static v => v.AsUInt256());
    /// <summary>A number below 2^256, or null.</summary>
    public UInt256? GetUInt256OrNull(int index) => ReadOrNull(index, static v => v.AsUInt256());
    /// <summary>A word that may be given as quantity or as 32 bytes, as storage positions are.</summary>
    public UInt256 GetSlot(int index) => Read(index, static v => v.AsSlot());
    /// <summary>A 32-byte hash.</summary>
    public Hash256 GetHash(int index)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        return TryReadHex(PlainText(index), bytes) ? new Hash256(bytes) : Read(index, static v => v.AsHash());
    }

    /// <summary>A 32-byte hash, or null.</summary>
    public Hash256? GetHashOrNull(int index) => ReadOrNull(index, static v => v.AsHash());
    /// <summary>A 20-byte address.</summary>
    public Address GetAddress(int index)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        return TryReadHex(PlainText(index), bytes) ? new Address(bytes) : Read(index, static v => v.AsAddress());
    }

    /// <summary>Bytes.</summary>
    public byte[] GetData(int index) => Read(index, static v => v.AsData());
    /// <summary>A string.</summary>
    public string GetString(int index) => Read(index, static v => v.AsString());
    /// <summary>A string, or null.</summary>
    public string? GetStringOrNull(int index) => GetOrNull(index, static v => v.AsString());
    /// <summary>A boolean.</summary>
    public bool GetBool(int index) => Read(index, static v => v.AsBool());
    /// <summary>A boolean, or null.</summary>
    public bool? GetBoolOrNull(int index) => ReadOrNull(index, static v => v.AsBool());
    /// <summary>A plain JSON number or a quantity, below 2^64: fee history's block count is given both ways.</summary>
    public ulong GetNumber(int index) => Read(index, static v => v.AsNumber());
    /// <summary>A block by tag, number, hash, or EIP-1898 object.</summary>
    public BlockParameter GetBlock(int index) => TryReadBlock(PlainText(index), out BlockParameter block) ? block : Read(index, BlockParameter.Read);
    /// <summary>A block by tag, number, hash, or EIP-1898 object; <c>latest</c> when absent.</summary>
    public BlockParameter GetBlockOrLatest(int index) => Has(index) ? GetBlock(index) : BlockParameter.Latest;
}
