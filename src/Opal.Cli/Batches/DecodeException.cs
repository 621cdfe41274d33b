namespace Opal.Cli.Batches;

/// <summary>Batcher data cannot be read. The message is one line that says why and what to do.</summary>
internal sealed class DecodeException(string message, Exception? inner = null) : Exception(message, inner);
