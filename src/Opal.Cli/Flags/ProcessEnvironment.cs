using System.Collections;

namespace Opal.Cli.Flags;

/// <summary>The environment this process was started with.</summary>
internal static class ProcessEnvironment
{
    /// <summary>All its variables.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Variables()
    {
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) yield return new KeyValuePair<string, string>((string)entry.Key, (string?)entry.Value ?? "");
    }
}
