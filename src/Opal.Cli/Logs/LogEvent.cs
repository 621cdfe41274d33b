using Microsoft.Extensions.Logging;

namespace Opal.Cli.Logs;

/// <summary>One event on its way to the log.</summary>
/// <param name="Time">When, UTC.</param>
/// <param name="Level">How grave.</param>
/// <param name="Category">Which part of the program.</param>
/// <param name="Message">The sentence, with its values.</param>
/// <param name="Values">The values by name.</param>
/// <param name="Error">The exception that goes with it.</param>
internal readonly record struct LogEvent(DateTime Time, LogLevel Level, string Category, string Message, IReadOnlyList<KeyValuePair<string, object?>> Values, Exception? Error);
