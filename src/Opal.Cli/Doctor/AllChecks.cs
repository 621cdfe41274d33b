using Opal.Cli.Doctor.Checks;

namespace Opal.Cli.Doctor;

/// <summary>Every check there is, in the order they are shown.</summary>
internal static class AllChecks
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Check> List { get; } =
    [
        .. RollupChecks.All, .. UpgradeChecks.All, .. L1Checks.All, .. BeaconChecks.All, .. ContractChecks.All, .. EngineChecks.All, .. SequencerChecks.All, .. BatchChecks.All,
        .. ProposerChecks.All, .. NodeChecks.All, .. HostChecks.All, .. SecurityChecks.All,
    ];

    /// <summary>Those whose names or groups are given; all when none is.</summary>
    /// <exception cref="Flags.FlagException">There is no such check or group.</exception>
    public static IReadOnlyList<Check> Named(IReadOnlyList<string> names)
    {
        if (names.Count == 0) return List;
        if (names.FirstOrDefault(static name => !List.Any(check => check.Id == name || check.Group == name)) is { } unknown)
        {
            string? nearest = UsageErrors.Nearest(unknown, List.SelectMany(static check => new[] { check.Id, check.Group }).Distinct());
            throw new Flags.FlagException($"--only: there is no check or group '{unknown}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")} ('opal doctor --list' lists them)");
        }

        return [.. List.Where(check => names.Contains(check.Id) || names.Contains(check.Group))];
    }

    /// <summary>The checks as the documentation lists them.</summary>
    public static string Markdown() => "| check | what has to hold | else | at start |\n|---|---|---|---|\n" + string.Concat(List.Select(static check =>
        $"| `{check.Id}` | {check.What} | {WordFor(check.Worst)} | {(check.IsFatal ? "refuses" : "")} |\n"));

    private static string WordFor(CheckStatus worst) => worst switch { CheckStatus.Failed => "fails", CheckStatus.Warning => "warns", _ => "" };
}
