namespace Opal.Execution;

/// <summary>A file of blocks cannot be read or imported. The message says where it is wrong.</summary>
public sealed class ChainFileException(string message, Exception? inner = null) : Exception(message, inner);
