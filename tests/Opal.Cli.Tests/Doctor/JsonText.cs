using System.Text;
using System.Text.Json;

namespace Opal.Cli.Tests.Doctor;

/// <summary>What a writer writes, as text.</summary>
internal static class JsonText
{
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
