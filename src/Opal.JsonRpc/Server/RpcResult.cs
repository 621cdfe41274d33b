using System.Buffers;
using System.Text;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>What a handler answers: a JSON value, or an error.</summary>
/// <remarks>The writer given to <see cref="Json"/> runs after the handler returned, on the same request; it must write exactly one value.</remarks>
public readonly struct RpcResult
{
    private static readonly SearchValues<char> PlainLetters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private readonly object? _value;

    private RpcResult(object? value) => _value = value;

    /// <summary>JSON null. Also the default value of the type.</summary>
    public static RpcResult Null => default;

    /// <summary>true.</summary>
    public static RpcResult True { get; } = new("true"u8.ToArray());

    /// <summary>false.</summary>
    public static RpcResult False { get; } = new("false"u8.ToArray());

    /// <summary>The value that <paramref name="write"/> writes.</summary>
    public static RpcResult Json(Action<Utf8JsonWriter> write) => new(write);

    /// <summary>A value that is JSON text already.</summary>
    public static RpcResult Raw(byte[] utf8Json) => new(utf8Json);

    /// <summary>A string.</summary>
    public static RpcResult String(string text) => new(text);

    /// <summary>A boolean.</summary>
    public static RpcResult Bool(bool value) => value ? True : False;

    /// <summary>A number as 0x text without leading zeros.</summary>
    public static RpcResult Quantity(ulong value) => new(Hex.Quantity(value));

    /// <summary>A number as 0x text without leading zeros.</summary>
    public static RpcResult Quantity(in UInt256 value) => new(value.ToQuantity());

    /// <summary>Bytes as 0x text.</summary>
    public static RpcResult Data(ReadOnlySpan<byte> bytes) => new(Hex.Encode(bytes));

    /// <summary>A 32-byte hash as 0x text.</summary>
    public static RpcResult Hash(in Hash256 hash) => new(hash.ToString());

    /// <summary>An error.</summary>
    public static RpcResult Fail(int code, string message, string? data = null) => new(new RpcError(code, message, data));

    /// <summary>An error.</summary>
    public static RpcResult Fail(RpcError error) => new(error);

    /// <summary>The error, or null when the result is a value.</summary>
    public RpcError? Error => _value as RpcError;

    /// <summary>Writes a value that needs no writer: null, JSON text, and text of letters and digits.</summary>
    internal bool TryWriteTo(RpcBuffer answer)
    {
        switch (_value)
        {
            case null:
                answer.Append("null"u8);
                return true;
            case byte[] raw:
                answer.Append(raw);
                return true;
            case string text when !text.AsSpan().ContainsAnyExcept(PlainLetters):
                Span<byte> span = answer.GetSpan(text.Length + 2);
                span[0] = (byte)'"';
                Ascii.FromUtf16(text, span[1..], out int written);
                span[written + 1] = (byte)'"';
                answer.Advance(written + 2);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes the value (not an error).</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (_value)
        {
            case null: writer.WriteNullValue(); break;
            case Action<Utf8JsonWriter> write: write(writer); break;
            case string text: writer.WriteStringValue(text); break;
            case byte[] raw: writer.WriteRawValue(raw, skipInputValidation: true); break;
            default: throw new InvalidOperationException("an error has no value");
        }
    }
}
