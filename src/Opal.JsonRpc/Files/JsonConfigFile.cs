using System.Text.Json;
using System.Text.Unicode;

namespace Opal.JsonRpc;

/// <summary>Reads JSON files into values and turns every fault into a <see cref="ConfigFileException"/>.</summary>
internal static class JsonConfigFile
{
    private static readonly JsonDocumentOptions Parsing = new() { MaxDepth = 64, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static T Read<T>(string path, string what, Func<JsonValue, T> read)
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigFileException(path, "there is no such file", $"name the {what}, or create it first", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigFileException(path, $"cannot be read ({error.Message})", $"check that it is the {what} and that this user may read it", error);
        }

        return Parse(path, what, text, read);
    }

    public static T Parse<T>(string path, string what, ReadOnlyMemory<byte> text, Func<JsonValue, T> read)
    {
        if (text.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) text = text[3..];
        if (!Utf8.IsValid(text.Span)) throw new ConfigFileException(path, "is no text in UTF-8", $"check that it is the {what}");
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Parsing);
            return read(new JsonValue(document.RootElement, what));
        }
        catch (JsonException error)
        {
            throw new ConfigFileException(path, $"is no JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1})", $"check that it is the {what}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new ConfigFileException(path, "holds a string with half of a character", $"correct it, or check that this is the {what}", error);
        }
        catch (JsonFormatException error)
        {
            throw new ConfigFileException(path, error.Message, $"correct this field of the {what}", error);
        }
    }
}
