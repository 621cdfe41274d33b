namespace Opal.Batcher;

/// <summary>The journal's folder is not for this batcher: another one uses it, or it belongs to another account or chain. The message says what to do.</summary>
public sealed class BatcherJournalException(string message, Exception? inner = null) : Exception(message, inner);
