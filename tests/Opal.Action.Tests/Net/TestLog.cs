using Microsoft.Extensions.Logging;

namespace Opal.ActionTests;

/// <summary>Keeps the last lines logged.</summary>
public sealed class TestLog : ILoggerFactory, ILogger
{
    private const int Kept = 60;
    private readonly Queue<string> _lines = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        lock (_lines)
        {
            _lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
            if (_lines.Count > Kept) _lines.Dequeue();
        }
    }

    public void Dispose()
    {
    }

    public override string ToString()
    {
        lock (_lines) return string.Join('\n', _lines);
    }
}
