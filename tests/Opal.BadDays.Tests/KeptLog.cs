using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Opal.BadDays.Tests;

/// <summary>Keeps the newest lines of a log, for the message of a test that fails.</summary>
internal sealed class KeptLog : ILogger
{
    private const int Most = 400;

    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : $"\n{exception}")}");
        while (_lines.Count > Most) _lines.TryDequeue(out _);
    }
}
