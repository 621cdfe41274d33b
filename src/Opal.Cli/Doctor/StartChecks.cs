using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.Protocol;

namespace Opal.Cli.Doctor;

/// <summary>The checks that keep a node from starting: what would be wrong for good, not what may answer later.</summary>
internal static class StartChecks
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(3);

    /// <summary>Why the node must not start; null when nothing stands against it. What does not answer is no reason: the node waits for it.</summary>
    public static async Task<string?> FindFaultAsync(FlagValues values, RollupConfig rollup, byte[] secret, CancellationToken cancellation)
    {
        using var examined = new Examined(values, DoctorConnections.Open(values, secret, s_limit * 0.8), new LinuxHost(), TimeProvider.System, rollup);
        return await FindFaultAsync(examined, s_limit, cancellation);
    }

    /// <summary>As <see cref="FindFaultAsync(FlagValues, RollupConfig, byte[], CancellationToken)"/>, for an examination that is set up.</summary>
    public static async Task<string?> FindFaultAsync(Examined examined, TimeSpan limit, CancellationToken cancellation)
    {
        Check[] fatal = [.. AllChecks.List.Where(static check => check.IsFatal)];
        foreach ((Check check, CheckResult result) in await Examination.RunAsync(fatal, examined, limit, cancellation))
        {
            if (result.Status == CheckStatus.Failed) return $"{result.Finding}; {result.Fix} ({check.Id}; 'opal doctor' with the same flags checks more)";
        }

        return null;
    }
}
