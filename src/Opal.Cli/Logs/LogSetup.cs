using Microsoft.Extensions.Logging;
using Opal.Cli.Flags;
using Opal.Cli.Geth;

namespace Opal.Cli.Logs;

/// <summary>Makes the log from geth's flags: <c>verbosity</c>, <c>log.format</c>, <c>log.file</c>, <c>log.rotate</c>, <c>log.maxsize</c>, <c>log.maxbackups</c>, <c>log.vmodule</c>.</summary>
internal static partial class LogSetup
{
    /// <exception cref="FlagException">A flag is malformed, or the file cannot be written.</exception>
    public static ILoggerFactory Create(FlagValues values, TextWriter output, bool colour)
    {
        if (!LogLevels.TryParse(RethFlags.VerbosityOf(values), values.List("log.vmodule"), out LogLevels levels, out string fault))
        {
            throw new FlagException($"--log.vmodule: '{fault}' is not CATEGORY=N with N from 0 to 5");
        }

        string format = values.Bool("log.json") ? "json" : values.TextOrNull("log.stdout.format")?.Replace("log-fmt", "logfmt", StringComparison.OrdinalIgnoreCase) ?? values.Text("log.format");
        var sink = new LogSink(output, LogFormat.Named(format, colour), LogFormat.Named(format, colour: false), OpenFile(values), levels);
        return LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(sink));
    }

    private static RotatingFile? OpenFile(FlagValues values)
    {
        string? folder = values.TextOrNull("log.file.directory");
        if ((values.TextOrNull("log.file") ?? (folder is null ? null : Path.Combine(folder, "opal.log"))) is not { } path) return null;
        try
        {
            return new RotatingFile(path, values.Bool("log.rotate") ? (long)Math.Min(values.Number("log.maxsize"), 1 << 20) << 20 : null, values.Int("log.maxbackups"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FlagException($"--log.file: {path} cannot be written ({error.Message})");
        }
    }
}
