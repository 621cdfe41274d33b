namespace Opal.Cli.Doctor;

/// <summary>What a check found.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Finding">What is so, or what is wrong, or why it was not checked: one sentence without its full stop.</param>
/// <param name="Fix">What to do about it, with the flag or command; empty when there is nothing to do.</param>
internal sealed record CheckResult(CheckStatus Status, string Finding, string Fix = "")
{
    public static CheckResult Ok(string finding) => new(CheckStatus.Ok, finding);

    public static CheckResult Warning(string finding, string fix) => new(CheckStatus.Warning, finding, fix);

    public static CheckResult Failed(string finding, string fix) => new(CheckStatus.Failed, finding, fix);

    public static CheckResult NotChecked(string why) => new(CheckStatus.NotChecked, why);
}
