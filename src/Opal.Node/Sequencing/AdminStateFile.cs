using System.Text.Json;
using Opal.Storage;

namespace Opal.Node;

/// <summary>Keeps whether the sequencer runs over restarts, in op-node's format: <c>{"sequencerStarted":true}</c>. Written as a whole, durably.</summary>
/// <param name="path">The file; made at the first change, its folder too.</param>
public sealed class AdminStateFile(string path)
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Whether the sequencer ran last; null when nothing was ever written.</summary>
    /// <exception cref="IOException">The file cannot be read, or is none of this kind: starting by a guess could start a second sequencer.</exception>
    public bool? Read()
    {
        if (!File.Exists(Path)) return null;
        byte[] content = File.ReadAllBytes(Path);
        if (content.Length == 0) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw Malformed(null);
            if (!document.RootElement.TryGetProperty("sequencerStarted", out JsonElement started) || started.ValueKind == JsonValueKind.Null) return null;
            return started.ValueKind is JsonValueKind.True or JsonValueKind.False ? started.GetBoolean() : throw Malformed(null);
        }
        catch (JsonException error)
        {
            throw Malformed(error);
        }
    }

    /// <summary>Remembers.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(bool started)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        DurableFile.Write(Path, started ? """{"sequencerStarted":true}"""u8 : """{"sequencerStarted":false}"""u8);
    }

    private IOException Malformed(JsonException? cause) =>
        new($"{Path} does not say whether the sequencer runs; write {{\"sequencerStarted\":true}} or {{\"sequencerStarted\":false}} into it, or remove it", cause);
}
