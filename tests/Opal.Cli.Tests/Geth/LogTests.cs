using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Cli.Logs;
using Opal.Cli.Node;

namespace Opal.Cli.Tests.Geth;

public sealed class LogTests : IDisposable
{
    private static readonly DateTime Time = new(2026, 11, 28, 23, 21, 5, 123, DateTimeKind.Utc);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static LogEvent Event(string message, Exception? error = null, params (string, object?)[] values) => new(
        Time, LogLevel.Information, "Opal.Test", message, [.. values.Select(v => new KeyValuePair<string, object?>(v.Item1, v.Item2)), new("{OriginalFormat}", "x")], error);

    [Fact]
    public void The_three_forms_are_one_line_each()
    {
        LogEvent e = Event("Serving http", null, ("Endpoint", "http"), ("Port", 8545), ("Text", "a \"b\"\nc"));
        Assert.Equal("INFO [11-28|23:21:05.123] Serving http\n", LogFormat.Terminal(e, colour: false));
        Assert.Equal("t=2026-11-28T23:21:05.123Z lvl=info msg=\"Serving http\" category=Opal.Test endpoint=http port=8545 text=\"a \\\"b\\\"\\nc\"\n", LogFormat.Logfmt(e));
        JsonElement json = JsonElement.Parse(LogFormat.Json(e));
        Assert.Equal(("info", "Serving http", 8545, "a \"b\"\nc"), (json.GetProperty("lvl").GetString(), json.GetProperty("msg").GetString(), json.GetProperty("port").GetInt32(), json.GetProperty("text").GetString()));
        Assert.Equal(1, LogFormat.Json(e).Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("logfmt", " pid={0}\n")]
    [InlineData("json", "\"pid\":{0}}}\n")]
    [InlineData("terminal", "hello pid={0}\n")]
    public void The_process_id_is_in_every_line_that_asks_for_it(string format, string end)
    {
        foreach (bool asked in new[] { true, false })
        {
            using var text = new StringWriter();
            using (ILoggerFactory loggers = LogSetup.CreateForService(FlagParser.Parse(NodeFlags.Table, [$"--log.format={format}", $"--log.pid={asked}"], []), text, isTerminal: false, out _)) loggers.CreateLogger("Opal.Test").LogInformation("hello");
            Assert.Equal(asked, text.ToString().EndsWith(string.Format(System.Globalization.CultureInfo.InvariantCulture, end, Environment.ProcessId), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_sentence_that_the_message_holds_is_not_said_twice_in_a_line()
    {
        const string sentence = "another program uses this key: stop one of the two";
        LogEvent e = Event("Alarm: " + sentence, null, ("Alarm", sentence), ("Hash", new string('a', 64)), ("Other", sentence + "!"));
        Assert.Equal($"t=2026-11-28T23:21:05.123Z lvl=info msg=\"Alarm: {sentence}\" category=Opal.Test hash={new string('a', 64)} other=\"{sentence}!\"\n", LogFormat.Logfmt(e));
        Assert.Equal(sentence, JsonElement.Parse(LogFormat.Json(e)).GetProperty("alarm").GetString());
    }

    [Theory]
    [InlineData("terminal")]
    [InlineData("logfmt")]
    [InlineData("json")]
    public void A_value_cannot_forge_a_line_or_move_the_cursor(string format)
    {
        string line = LogFormat.Named(format, colour: false)(Event("method x\nERROR[11-28|23:21:05.123] forged\e[2J\r", new InvalidOperationException("bad\nnews")));
        Assert.Equal(1, line.Count(c => c == '\n') - (format == "terminal" ? line.Split("bad\nnews").Length - 1 : 0));
        Assert.DoesNotContain('\e', line);
        Assert.DoesNotContain('\r', line);
    }

    [Theory]
    [InlineData(3, "", "Opal.Execution", LogLevel.Information)]
    [InlineData(5, "", "Opal.Execution", LogLevel.Trace)]
    [InlineData(0, "", "Opal.Execution", LogLevel.Critical)]
    [InlineData(3, "", "Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning)]
    [InlineData(3, "Pool=5,Opal.JsonRpc=1", "Opal.Execution.Pool", LogLevel.Trace)]
    [InlineData(3, "Pool=5,Opal.JsonRpc=1", "Opal.JsonRpc", LogLevel.Error)]
    [InlineData(3, "execution/*=4", "Opal.Execution", LogLevel.Debug)]
    public void Verbosity_and_its_exceptions_decide_what_is_written(int verbosity, string modules, string category, LogLevel lowest)
    {
        Assert.True(LogLevels.TryParse(verbosity, FlagText.Split(modules), out LogLevels levels, out _));
        Assert.Equal(lowest, levels.Lowest(category));
    }

    [Fact]
    public void The_level_can_be_changed_while_it_runs()
    {
        Assert.True(LogLevels.TryParse(3, [], out LogLevels levels, out _));
        using var text = new StringWriter();
        using var sink = new LogSink(text, LogFormat.Named("logfmt", colour: false), LogFormat.Named("logfmt", colour: false), file: null, levels);
        ILogger logger = sink.CreateLogger("Opal.Node");
        Assert.False(logger.IsEnabled(LogLevel.Debug));
        Assert.True(levels.TrySet("debug"));
        Assert.True(logger.IsEnabled(LogLevel.Debug));
        Assert.True(levels.TrySet("ERROR"));
        Assert.False(logger.IsEnabled(LogLevel.Warning));
        Assert.False(levels.TrySet("loud"));
        Assert.True(logger.IsEnabled(LogLevel.Error));
    }

    [Fact]
    public void A_module_without_its_level_is_refused() =>
        Assert.Contains("'Pool'", Assert.Throws<FlagException>(() => LogSetup.Create(FlagParser.Parse(GethFlags.Table, ["--log.vmodule=Pool"], []), TextWriter.Null, colour: false)).Message);

    [Fact]
    public void A_full_file_makes_way_and_the_oldest_go()
    {
        string path = _folder.PathOf("logs/opal.log");
        using (var file = new RotatingFile(path, maxBytes: 100, backups: 2))
        {
            for (int i = 0; i < 20; i++) file.Write($"{i:00} {new string('x', 40)}\n");
        }

        string[] files = [.. Directory.EnumerateFiles(_folder.PathOf("logs")).Order(StringComparer.Ordinal)];
        Assert.Equal(3, files.Length);
        Assert.All(files, f => Assert.InRange(new FileInfo(f).Length, 1, 100));
        Assert.Contains("19 ", File.ReadAllText(path));
        using (var again = new RotatingFile(path, maxBytes: null, backups: 2)) again.Write("more\n");
        Assert.EndsWith("more\n", File.ReadAllText(path));
    }

    [Fact]
    public void Lines_go_to_the_stream_and_the_file_from_the_flags()
    {
        string path = _folder.PathOf("opal.log");
        var output = new StringWriter();
        using (ILoggerFactory loggers = LogSetup.Create(FlagParser.Parse(GethFlags.Table, [$"--log.file={path}", "--log.format=logfmt", "--verbosity=2"], []), output, colour: false))
        {
            ILogger logger = loggers.CreateLogger("Opal.Test");
            logger.LogInformation("quiet");
            logger.LogWarning("loud {Number}", 7);
        }

        Assert.Equal(File.ReadAllText(path), output.ToString());
        Assert.Contains("lvl=warn msg=\"loud 7\" category=Opal.Test number=7", output.ToString());
        Assert.DoesNotContain("quiet", output.ToString());
    }
}
