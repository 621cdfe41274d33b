using System.Text.Json;
using System.Text.Unicode;

namespace Opal.JsonRpc;

/// <summary>Where the parts of one JSON-RPC request lie in its text. Of equal keys the last one counts.</summary>
internal readonly struct RpcRequestText
{
    /// <summary>The deepest nesting that is read.</summary>
    public const int MaxDepth = 256;

    private static readonly JsonReaderOptions Reading = new() { MaxDepth = MaxDepth };

    private enum Key : byte
    {
        None,
        Version,
        Id,
        Method,
        Params,
    }

    /// <summary>Where the text after this request begins.</summary>
    public int End { get; private init; }

    /// <summary>Whether there is an id, of whatever type: it asks for an answer.</summary>
    public bool HasId { get; private init; }

    /// <summary>The id as it was written; empty when there is none, or it is neither text, number nor null.</summary>
    public Range Id { get; private init; }

    /// <summary>The method's name as text with its quotes; empty when there is none, or it is no text, or the version is not 2.0.</summary>
    public Range Method { get; private init; }

    /// <summary>Whether the method's name holds escapes.</summary>
    public bool IsMethodEscaped { get; private init; }

    /// <summary>Whether the version is text with halves of characters.</summary>
    public bool IsBroken { get; private init; }

    /// <summary>The parameters as they were written; empty when there are none, or they are null.</summary>
    public Range Params { get; private init; }

    /// <summary>Whether the parameters are an array.</summary>
    public bool IsParamsArray { get; private init; }

    /// <summary>Whether this is a call or a notification, well formed but for what its method will say.</summary>
    public bool IsRequest(int length) => Method.GetOffsetAndLength(length).Length > 2 && (!HasId || Id.GetOffsetAndLength(length).Length > 0);

    /// <summary>Checks a whole text.</summary>
    /// <param name="text">One JSON value.</param>
    /// <param name="request">The request, unless it is a batch.</param>
    /// <param name="batch">How many items a batch has; -1 when it is none.</param>
    /// <returns>Whether it is JSON.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, out RpcRequestText request, out int batch)
    {
        (request, batch) = (default, -1);
        if (!Utf8.IsValid(text)) return false;
        var reader = new Utf8JsonReader(text, Reading);
        try
        {
            if (!reader.Read()) return false;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                batch = 0;
                for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; batch++) reader.Skip();
            }
            else
            {
                request = Read(ref reader, 0);
            }

            return !reader.Read(); // more text is an exception
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads the next item of a batch that was checked.</summary>
    /// <param name="batch">The batch's text.</param>
    /// <param name="at">Where to begin: 0, then the <see cref="End"/> of the item before.</param>
    public static RpcRequestText ReadItem(ReadOnlySpan<byte> batch, int at)
    {
        if (at == 0) at = batch.IndexOf((byte)'[') + 1;
        at += batch[at..].IndexOfAnyExcept(" \t\r\n,"u8);
        var reader = new Utf8JsonReader(batch[at..], Reading);
        reader.Read();
        return Read(ref reader, at);
    }

    /// <summary>Reads the value whose first token the reader has read.</summary>
    private static RpcRequestText Read(ref Utf8JsonReader reader, int offset)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return new RpcRequestText { End = offset + (int)reader.BytesConsumed };
        }

        bool hasId = false, isVersion = false, isBroken = false, isEscaped = false, isArray = false;
        Range id = default, method = default, parameters = default;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            Key key = KeyOf(ref reader);
            reader.Read();
            int start = offset + (int)reader.TokenStartIndex;
            JsonTokenType type = reader.TokenType;
            if (key == Key.Version) isVersion = IsVersion(ref reader, out isBroken);
            isEscaped = key == Key.Method ? reader.ValueIsEscaped : isEscaped;
            reader.Skip();
            Range value = start..(offset + (int)reader.BytesConsumed);
            switch (key)
            {
                case Key.Id:
                    hasId = true;
                    id = type is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.Null ? value : default;
                    break;
                case Key.Method:
                    method = type == JsonTokenType.String ? value : default;
                    break;
                case Key.Params:
                    parameters = type == JsonTokenType.Null ? default : value;
                    isArray = type == JsonTokenType.StartArray;
                    break;
            }
        }

        return new RpcRequestText
        {
            End = offset + (int)reader.BytesConsumed,
            HasId = hasId,
            Id = id,
            Method = isVersion ? method : default,
            IsMethodEscaped = isEscaped,
            IsBroken = isBroken,
            Params = parameters,
            IsParamsArray = isArray,
        };
    }

    private static Key KeyOf(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.Length switch
            {
                2 when reader.ValueSpan.SequenceEqual("id"u8) => Key.Id,
                6 when reader.ValueSpan.SequenceEqual("method"u8) => Key.Method,
                6 when reader.ValueSpan.SequenceEqual("params"u8) => Key.Params,
                7 when reader.ValueSpan.SequenceEqual("jsonrpc"u8) => Key.Version,
                _ => Key.None,
            };
        }

        try
        {
            return reader.GetString() switch { "id" => Key.Id, "method" => Key.Method, "params" => Key.Params, "jsonrpc" => Key.Version, _ => Key.None };
        }
        catch (InvalidOperationException)
        {
            return Key.None; // half of a character: no name of ours
        }
    }

    private static bool IsVersion(ref Utf8JsonReader reader, out bool isBroken)
    {
        isBroken = false;
        if (reader.TokenType != JsonTokenType.String) return false;
        try
        {
            return reader.ValueTextEquals("2.0"u8);
        }
        catch (InvalidOperationException)
        {
            isBroken = true;
            return false;
        }
    }
}
