namespace Opal.Cli.Flags;

/// <summary>Where a flag's value came from, weakest first.</summary>
internal enum FlagSource : byte
{
    /// <summary>The table's default.</summary>
    Default,
    /// <summary>The configuration file.</summary>
    ConfigFile,
    /// <summary>An environment variable.</summary>
    Environment,
    /// <summary>The command line.</summary>
    CommandLine,
}
