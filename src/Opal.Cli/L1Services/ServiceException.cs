namespace Opal.Cli.L1Services;

/// <summary>A service that cannot start or go on; the message says what is wrong and what to do.</summary>
internal sealed class ServiceException(string message, Exception? inner = null) : Exception(message, inner);
