namespace Opal.Cli.Geth;

/// <summary>The client cannot do what it was told to. The message is one line that says why and what to do.</summary>
internal sealed class GethException(string message, Exception? inner = null) : Exception(message, inner);
