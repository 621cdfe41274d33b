using Microsoft.Extensions.Logging;
using Opal.Cli.Flags;

namespace Opal.Cli.Logs;

/// <summary>The log flags that op-node, op-batcher and op-proposer share: <c>log.level</c>, <c>log.format</c>, <c>log.color</c>, <c>log.pid</c>.</summary>
internal static partial class LogSetup
{
    /// <summary>Makes the log of a service.</summary>
    /// <param name="values">The flags.</param>
    /// <param name="output">Where the lines go.</param>
    /// <param name="isTerminal">Whether somebody looks at them.</param>
    /// <param name="levels">Changes what is written, later.</param>
    public static ILoggerFactory CreateForService(FlagValues values, TextWriter output, bool isTerminal, out LogLevels levels)
    {
        int verbosity = Array.IndexOf(LogLevels.Names, values.Text("log.level").ToLowerInvariant());
        if (!LogLevels.TryParse(verbosity < 0 ? 3 : verbosity, [], out levels, out _)) throw new InvalidOperationException("no module is given, so none can be malformed");
        string format = values.Text("log.format").ToLowerInvariant() switch
        {
            "text" => isTerminal ? "terminal" : "logfmt",
            "logfmtms" => "logfmt",
            "jsonms" or "json-pretty" => "json",
            var other => other,
        };
        bool colour = values.TextOrNull("log.color") is null ? isTerminal : values.Bool("log.color");
        Func<LogEvent, string> write = LogFormat.Named(format, colour), plain = LogFormat.Named(format, colour: false);
        if (values.Bool("log.pid")) (write, plain) = (WithProcess(write), WithProcess(plain));
        var sink = new LogSink(output, write, plain, file: null, levels);
        return LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(sink));

        // a terminal shows no values beside the message
        Func<LogEvent, string> WithProcess(Func<LogEvent, string> form) => e => form(format == "terminal"
            ? e with { Message = $"{e.Message} pid={Environment.ProcessId}" } : e with { Values = [.. e.Values, new("Pid", Environment.ProcessId)] });
    }
}
