using System.Text.Json;

namespace Opal.Execution;

/// <summary>Sees nothing: for measuring.</summary>
internal sealed class NoopTracer : TransactionTracer
{
    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteEndObject();
    }
}
