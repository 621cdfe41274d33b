namespace Opal.Cli.EvmTool;

/// <summary>A file that was found, or the reason why it cannot be read.</summary>
/// <param name="Name">Its path, or its name inside an archive after the archive's path and a colon.</param>
/// <param name="Content">Its bytes; empty when there is a problem.</param>
/// <param name="Problem">Why it cannot be read; null when it was.</param>
public readonly record struct InputFile(string Name, byte[] Content, string? Problem = null);
