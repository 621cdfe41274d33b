namespace Opal.Execution;

/// <summary>A data directory cannot be used: it is open elsewhere, belongs to another chain or version, or cannot be written. The message says what to do.</summary>
public sealed class ChainDatabaseException(string message, Exception? inner = null) : Exception(message, inner);
