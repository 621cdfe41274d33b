namespace Opal.Cli.Flags;

/// <summary>A command line, environment variable or configuration file that cannot be used. The message is one line that names the flag and the remedy.</summary>
internal sealed class FlagException(string message) : Exception(message);
