using System.Text.Json;

namespace Opal.JsonRpc;

/// <summary>Finds out what a message from a server belongs to, without reading all of it.</summary>
internal static class AnswerId
{
    /// <summary>The id of an answer, or of the first item of a batch's answer that has one; null when there is none.</summary>
    /// <param name="utf8">The message.</param>
    /// <param name="isNotification">Whether it is no answer but a notification of a subscription.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static int? Find(ReadOnlySpan<byte> utf8, out bool isNotification)
    {
        isNotification = false;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 512 });
        if (!reader.Read()) return null;
        if (reader.TokenType == JsonTokenType.StartObject) return FindIn(ref reader, out isNotification);
        if (reader.TokenType != JsonTokenType.StartArray) return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (FindIn(ref reader, out _) is { } id) return id;
        }

        return null;
    }

    /// <summary>Reads one object, as far as its id.</summary>
    private static int? FindIn(ref Utf8JsonReader reader, out bool isNotification)
    {
        isNotification = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isId = reader.ValueTextEquals("id"u8);
            isNotification |= reader.ValueTextEquals("method"u8);
            if (!reader.Read()) return null;
            if (isId && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int id)) return id;
            reader.Skip();
        }

        return null;
    }
}
