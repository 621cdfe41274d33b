namespace Opal.JsonRpc;

/// <summary>A configuration file cannot be used. The message is one line: which file, what is wrong, what to do.</summary>
public sealed class ConfigFileException : Exception
{
    /// <summary>A fault in a file.</summary>
    /// <param name="file">The file, as the user named it.</param>
    /// <param name="problem">What is wrong, in words.</param>
    /// <param name="remedy">What to do about it; null when the problem says it.</param>
    /// <param name="inner">The cause.</param>
    public ConfigFileException(string file, string problem, string? remedy = null, Exception? inner = null)
        : base(remedy is null ? $"{file}: {problem}" : $"{file}: {problem}; {remedy}", inner) => File = file;

    /// <summary>The file.</summary>
    public string File { get; }
}
