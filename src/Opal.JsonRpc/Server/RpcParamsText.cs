using System.Text.Json;

namespace Opal.JsonRpc;

/// <summary>The text of a call's parameters: a JSON array that was checked. It is made a document only when a reader asks for one.</summary>
internal sealed class RpcParamsText(ReadOnlyMemory<byte> array) : IDisposable
{
    private static readonly JsonReaderOptions Reading = new() { MaxDepth = RpcRequestText.MaxDepth };
    private static readonly JsonDocumentOptions Parsing = new() { MaxDepth = RpcRequestText.MaxDepth };

    private JsonDocument? _document;

    /// <summary>The array as an element; good until disposal.</summary>
    public JsonElement Element => (_document ??= JsonDocument.Parse(array, Parsing)).RootElement;

    /// <summary>How many items the array has.</summary>
    public int Count
    {
        get
        {
            if (_document is not null) return _document.RootElement.GetArrayLength();
            var reader = new Utf8JsonReader(array.Span, Reading);
            reader.Read();
            int count = 0;
            for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++) reader.Skip();
            return count;
        }
    }

    /// <summary>Finds an item.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="type">The item's first token.</param>
    /// <param name="text">What is between the quotes of a string without escapes; else empty.</param>
    /// <returns>Whether there is such an item.</returns>
    public bool TryFind(int index, out JsonTokenType type, out ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(array.Span, Reading);
        reader.Read();
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == index)
            {
                type = reader.TokenType;
                text = type == JsonTokenType.String && !reader.ValueIsEscaped ? reader.ValueSpan : default;
                return true;
            }

            reader.Skip();
        }

        type = JsonTokenType.None;
        text = default;
        return false;
    }

    public void Dispose() => _document?.Dispose();
}
