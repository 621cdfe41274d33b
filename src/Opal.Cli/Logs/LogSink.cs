using Microsoft.Extensions.Logging;

namespace Opal.Cli.Logs;

/// <summary>Writes log events as lines to a stream for people and, where asked for, to a file.</summary>
internal sealed class LogSink(TextWriter output, Func<LogEvent, string> format, Func<LogEvent, string> fileFormat, RotatingFile? file, LogLevels levels) : ILoggerProvider
{
    private readonly Lock _gate = new();
    private bool _closed;

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName, levels);

    private void Write(LogEvent e)
    {
        string line = format(e);
        lock (_gate)
        {
            if (_closed) return; // a late event after the stop
            output.Write(line);
            output.Flush();
            file?.Write(fileFormat(e));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            file?.Dispose();
        }
    }

    private sealed class Category(LogSink sink, string name, LogLevels levels) : ILogger
    {
        private volatile int _seen = -1;
        private volatile LogLevel _lowest;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel)
        {
            int changes = levels.Changes;
            if (changes != _seen)
            {
                _lowest = levels.Lowest(name);
                _seen = changes;
            }

            return logLevel >= _lowest && logLevel != LogLevel.None;
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            sink.Write(new LogEvent(DateTime.UtcNow, logLevel, name, formatter(state, exception), state as IReadOnlyList<KeyValuePair<string, object?>> ?? [], exception));
        }
    }
}
