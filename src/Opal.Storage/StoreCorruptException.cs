namespace Opal.Storage;

/// <summary>What is on disk is not what was written: a flipped bit, a lost write, a foreign file. The message names the file, the place and what to do.</summary>
public sealed class StoreCorruptException(string message, Exception? inner = null) : Exception(message, inner);
