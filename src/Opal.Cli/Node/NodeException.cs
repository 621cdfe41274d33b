namespace Opal.Cli.Node;

/// <summary>The node cannot do what it was told to. The message is one line that says why and what to do.</summary>
internal sealed class NodeException(string message, Exception? inner = null) : Exception(message, inner);
