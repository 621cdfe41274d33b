using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Opal.Devnet;

/// <summary>Writes log lines to a file, a line an event: time, level, category, message.</summary>
internal sealed class FileLog(string path, LogLevel lowest) : ILoggerProvider
{
    private readonly StreamWriter _writer = new(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
    private readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        lock (_gate) _writer.Dispose();
    }

    private void Write(string category, LogLevel level, string message, Exception? error)
    {
        string time = DateTime.UtcNow.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        lock (_gate)
        {
            if (_writer.BaseStream is null || !_writer.BaseStream.CanWrite) return; // a late event after the stop
            _writer.WriteLine($"{time} {Short(level)} {category}: {message}");
            if (error is not null) _writer.WriteLine(error);
        }
    }

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce", LogLevel.Debug => "dbug", LogLevel.Information => "info", LogLevel.Warning => "warn", LogLevel.Error => "fail", _ => "crit",
    };

    private sealed class Category(FileLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Lowest;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) log.Write(name, logLevel, formatter(state, exception), exception);
        }
    }

    private LogLevel Lowest { get; } = lowest;
}
