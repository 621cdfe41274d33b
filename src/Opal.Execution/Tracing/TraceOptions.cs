using System.Text.Json;
using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>What a trace request asks for.</summary>
public sealed record TraceOptions
{
    /// <summary>The tracer's name; null is the struct logger.</summary>
    public string? Tracer { get; init; }

    /// <summary>Whether struct logs show memory.</summary>
    public bool EnableMemory { get; init; }

    /// <summary>Whether struct logs leave the stack out.</summary>
    public bool DisableStack { get; init; }

    /// <summary>Whether struct logs leave storage out.</summary>
    public bool DisableStorage { get; init; }

    /// <summary>Whether struct logs show return data.</summary>
    public bool EnableReturnData { get; init; }

    /// <summary>Struct logs at most; 0 sets no limit.</summary>
    public int Limit { get; init; }

    /// <summary>callTracer: the top call alone.</summary>
    public bool OnlyTopCall { get; init; }

    /// <summary>callTracer: logs too.</summary>
    public bool WithLog { get; init; }

    /// <summary>prestateTracer: what changed, before and after, instead of all that was touched.</summary>
    public bool DiffMode { get; init; }

    /// <summary>prestateTracer: leave code out.</summary>
    public bool DisableCode { get; init; }

    /// <summary>muxTracer: the tracers to run, by name.</summary>
    public IReadOnlyList<(string Name, TraceOptions Options)> Mux { get; init; } = [];

    /// <summary>The struct logger's defaults.</summary>
    public static TraceOptions Default { get; } = new();

    /// <summary>Reads the options object.</summary>
    public static TraceOptions Read(JsonValue value)
    {
        string? tracer = value.OrNone("tracer", static v => v.AsString());
        TraceOptions options = value.TryGet("tracerConfig", out JsonValue config) ? ReadConfig(config, tracer) : new TraceOptions();
        return options with
        {
            Tracer = tracer,
            EnableMemory = Flag(value, "enableMemory"),
            DisableStack = Flag(value, "disableStack"),
            DisableStorage = options.DisableStorage || Flag(value, "disableStorage"),
            EnableReturnData = Flag(value, "enableReturnData"),
            Limit = (int)Math.Min(value.OrNull("limit", static v => v.AsNumber()) ?? 0, int.MaxValue),
        };
    }

    private static TraceOptions ReadConfig(JsonValue config, string? tracer)
    {
        if (tracer == "muxTracer")
        {
            List<(string Name, TraceOptions Options)> parts = [];
            foreach (JsonProperty property in config.Element.EnumerateObject())
            {
                var inner = new JsonValue(property.Value, property.Name);
                parts.Add((property.Name, (inner.IsNull ? new TraceOptions() : ReadConfig(inner, property.Name)) with { Tracer = property.Name }));
            }

            return new TraceOptions { Mux = parts };
        }

        return new TraceOptions
        {
            OnlyTopCall = Flag(config, "onlyTopCall"),
            WithLog = Flag(config, "withLog"),
            DiffMode = Flag(config, "diffMode"),
            DisableCode = Flag(config, "disableCode"),
            DisableStorage = Flag(config, "disableStorage"),
        };
    }

    private static bool Flag(JsonValue value, string name) => value.OrNull(name, static v => v.AsBool()) ?? false;
}
