using System.Globalization;
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

    /// <summary>flatCallTracer: errors in OpenEthereum's words.</summary>
    public bool ConvertParityErrors { get; init; }

    /// <summary>flatCallTracer: inner calls of precompiles too.</summary>
    public bool IncludePrecompiles { get; init; }

    /// <summary>Most time for one transaction; null is the node's own limit.</summary>
    public TimeSpan? Timeout { get; init; }

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
            Timeout = value.OrNull("timeout", ReadDuration),
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
            ConvertParityErrors = Flag(config, "convertParityErrors"),
            IncludePrecompiles = Flag(config, "includePrecompiles"),
            DisableCode = Flag(config, "disableCode"),
            DisableStorage = Flag(config, "disableStorage"),
        };
    }

    /// <summary>A time such as 5s, 300ms, 1m30s.</summary>
    private static TimeSpan ReadDuration(JsonValue value)
    {
        string text = value.AsString();
        double seconds = 0;
        int at = 0;
        while (at < text.Length)
        {
            int digits = at;
            while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.')) digits++;
            int letters = digits;
            while (letters < text.Length && !char.IsAsciiDigit(text[letters]) && text[letters] != '.') letters++;
            double unit = text[digits..letters] switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => 0 };
            if (unit == 0 || !double.TryParse(text.AsSpan(at, digits - at), CultureInfo.InvariantCulture, out double number)) throw value.Fault("expected a duration such as 5s or 300ms");
            seconds += number * unit;
            at = letters;
        }

        return seconds is > 0 and < 86_400 ? TimeSpan.FromSeconds(seconds) : throw value.Fault("expected a duration between 0 and a day");
    }

    private static bool Flag(JsonValue value, string name) => value.OrNull(name, static v => v.AsBool()) ?? false;
}
