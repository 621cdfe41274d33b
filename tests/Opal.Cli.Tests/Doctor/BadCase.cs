using Opal.Cli.Doctor;

namespace Opal.Cli.Tests.Doctor;

/// <summary>Something wrong, and what the check has to say of it.</summary>
/// <param name="Id">The check.</param>
/// <param name="Name">What is wrong.</param>
/// <param name="Status">How the check must end.</param>
/// <param name="Finding">Words the finding must have.</param>
/// <param name="Fix">Words the fix must have.</param>
/// <param name="Spoil">Makes it wrong.</param>
internal sealed record BadCase(string Id, string Name, CheckStatus Status, string Finding, string Fix, Action<DoctorWorld> Spoil);
