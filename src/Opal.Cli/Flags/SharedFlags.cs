using static Opal.Cli.Flags.FlagEffect;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.Flags;

/// <summary>The flags that op-node, op-batcher and op-proposer have in common, with names and defaults alike.</summary>
internal static class SharedFlags
{
    public const string Operations = "METRICS AND PROFILING", Log = "LOGGING", Misc = "MISC";

    /// <summary>Metrics, and Go's profiler.</summary>
    public static IEnumerable<FlagDefinition> Metrics() =>
    [
        new("metrics.enabled", Bool, "false", Should, Operations, "Serve metrics"),
        new("metrics.addr", Text, "0.0.0.0", Should, Operations, "Address of the metrics"),
        new("metrics.port", Number, "7300", Should, Operations, "Port of the metrics, at /metrics; 0 takes any free one"),
        new("pprof.enabled", Bool, "false", Should, Operations, "Go's profiler") { Effect = Ignored, Note = "use dotnet-trace and dotnet-counters on this process" },
        .. new[] { ("addr", "0.0.0.0"), ("port", "6060"), ("type", ""), ("path", "") }.Select(part =>
            new FlagDefinition($"pprof.{part.Item1}", Text, part.Item2, Should, Operations, "Part of Go's profiler") { Effect = Hint }),
    ];

    /// <summary>The log.</summary>
    public static IEnumerable<FlagDefinition> Logging() =>
    [
        new("log.level", Choice, "info", Must, Log, "Least level written") { Choices = ["trace", "debug", "info", "warn", "error", "crit"] },
        new("log.format", Choice, "text", Must, Log, "Form of the lines; text is terminal on a terminal and logfmt elsewhere")
        {
            Choices = ["text", "terminal", "logfmt", "logfmtms", "json", "jsonms", "json-pretty"],
        },
        new("log.color", Bool, "", Should, Log, "Colours; by default on a terminal"),
        new("log.pid", Bool, "false", Should, Log, "The process id in every line"),
    ];

    /// <summary>Alternative DA, which is not built.</summary>
    public static IEnumerable<FlagDefinition> AltDa(string what, string group) =>
    [
        new("altda.enabled", Bool, "false", Should, group, what) { Effect = Refused, Note = "data comes from L1 alone: alternative DA is not built" },
        .. new[] { ("da-server", Text, ""), ("verify-on-read", Bool, "true"), ("da-service", Bool, "false"), ("put-timeout", Duration, "0s"), ("get-timeout", Duration, "0s"), ("max-concurrent-da-requests", Number, "1") }.Select(part =>
            new FlagDefinition($"altda.{part.Item1}", part.Item2, part.Item3, Should, group, "Part of alternative DA") { Effect = Hint }),
    ];

    /// <summary>What tells about the program and its flags.</summary>
    public static IEnumerable<FlagDefinition> About() =>
    [
        new("help", Bool, "false", Must, Misc, "Show this") { Aliases = ["h"] },
        new("version", Bool, "false", Must, Misc, "Show the version") { Aliases = ["v"] },
        new("help-markdown", Bool, "false", Later, Misc, "Show the flags as the documentation has them"),
    ];
}
