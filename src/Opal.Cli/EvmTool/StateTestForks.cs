using Opal.Protocol;

namespace Opal.Cli.EvmTool;

/// <summary>The forks that state tests may name.</summary>
public static class StateTestForks
{
    /// <summary>The names, oldest first.</summary>
    public static IReadOnlyList<string> Names { get; } = ["London", "Paris", "Shanghai", "Cancun", "Prague", "Osaka"];

    /// <summary>The rules of a fork; null for one that Opal does not have.</summary>
    public static Rules? Find(string name) => name switch
    {
        "London" => ForkRules.London,
        "Paris" or "Merge" => ForkRules.Paris,
        "Shanghai" => ForkRules.Shanghai,
        "Cancun" => ForkRules.Cancun,
        "Prague" => ForkRules.Prague,
        "Osaka" => ForkRules.Osaka,
        _ => null,
    };
}
