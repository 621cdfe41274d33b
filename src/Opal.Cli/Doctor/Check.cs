namespace Opal.Cli.Doctor;

/// <summary>One check, as a row of a group's table.</summary>
/// <param name="Id">Its name: the group, a dot, and what is checked.</param>
/// <param name="What">What has to hold, as one clause.</param>
/// <param name="Worst">The worst it can end with.</param>
/// <param name="Needs">What it needs; it is not run without.</param>
/// <param name="Run">Does it. What throws <see cref="NotCheckedException"/> ends as not checked.</param>
internal sealed record Check(string Id, string What, CheckStatus Worst, CheckNeeds Needs, Func<Examined, CancellationToken, Task<CheckResult>> Run)
{
    /// <summary>A check that waits for nothing.</summary>
    public Check(string id, string what, CheckStatus worst, CheckNeeds needs, Func<Examined, CheckResult> run)
        : this(id, what, worst, needs, (examined, _) => Task.FromResult(run(examined)))
    {
    }

    /// <summary>The heading it stands under.</summary>
    public string Group => Id[..Id.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>Whether a node refuses to start when it fails.</summary>
    public bool IsFatal { get; init; }
}
