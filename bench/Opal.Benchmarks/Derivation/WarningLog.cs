using Microsoft.Extensions.Logging;

namespace Opal.Benchmarks;

/// <summary>Writes warnings and worse to the console's errors: a benchmark of something that fails measures nothing.</summary>
internal sealed class WarningLog(TextWriter output) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("there is one place to write to");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        lock (output) output.WriteLine($"[{logLevel}] {formatter(state, exception)}{(exception is null ? "" : $": {exception.Message}")}");
    }

    public void Dispose()
    {
        // the console stays
    }
}
