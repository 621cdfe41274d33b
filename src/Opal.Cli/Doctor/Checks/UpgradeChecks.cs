using Opal.Cli.Node;
using Opal.JsonRpc;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>The network upgrades to come, and the transactions they need.</summary>
internal static class UpgradeChecks
{
    private const ulong Day = 86_400;

    public static IEnumerable<Check> All =>
    [
        new("upgrades.file", "the installed upgrade bundles are the published ones", CheckStatus.Failed, Rollup, File),
        new("upgrades.bundles", "every activation that is still to be derived has its bundle", CheckStatus.Failed, Rollup, BundlesAsync),
        new("upgrades.next", "there is time left before the next fork", CheckStatus.Warning, Rollup, Next),
    ];

    private static NetworkUpgrades? Read(Examined x, out string fault)
    {
        fault = "";
        try
        {
            return RollupSource.Upgrades(x.Values, x.DataDirectory);
        }
        catch (Exception error) when (error is ConfigFileException or NodeException)
        {
            fault = error.Message;
            return null;
        }
    }

    private static CheckResult File(Examined x)
    {
        if (Read(x, out string fault) is not { } upgrades) return Failed(fault, "install the official bundles: 'opal upgrades install FILE|URL'");
        string[] there = [.. Enum.GetValues<OptimismFork>().Where(fork => upgrades.Of(fork) is not null).Select(static fork => fork.ToString())];
        return Ok(there.Length == 0 ? "none is installed" : string.Join(", ", there));
    }

    private static async Task<CheckResult> BundlesAsync(Examined x, CancellationToken cancellation)
    {
        if (Read(x, out _) is not { } upgrades) return NotChecked("the bundles cannot be read (upgrades.file)");
        ulong derived = await DerivedUntilAsync(x, cancellation);
        for (OptimismFork fork = OptimismFork.Canyon; fork <= OptimismFork.Karst; fork++)
        {
            if (!NetworkUpgrades.HasTransactions(fork) || upgrades.Of(fork) is not null || x.Rollup.Forks.Of(fork) is not { } time || time <= x.Rollup.GenesisL2Time || time <= derived) continue;
            const string fix = "'opal upgrades install FILE|URL' takes the official bundle; 'opal upgrades list' tells what is there";
            ulong left = DoctorText.Since(x.Now, time);
            if (left > 7 * Day) return Warning($"the bundle of {fork} is missing, which activates in {DoctorText.Time(left)}", fix);
            return Failed(left > 0 ? $"the bundle of {fork} is missing: the node stops before its activation in {DoctorText.Time(left)}" : $"the bundle of {fork} is missing: derivation stops before its activation block",
                fix);
        }

        return Ok("none is missing");
    }

    /// <summary>The safe head's time: activations before it are in the chain already. Genesis where it is not known.</summary>
    private static async Task<ulong> DerivedUntilAsync(Examined x, CancellationToken cancellation)
    {
        EngineContact contact = await x.EngineAsync(cancellation);
        if (contact.Answer != EngineAnswer.ChainId) return x.Rollup.GenesisL2Time;
        return await x.SafeAsync(cancellation) is { } safe ? safe.Header.Timestamp : x.Rollup.GenesisL2Time;
    }

    private static CheckResult Next(Examined x)
    {
        if (x.ForksNow().Next is not { } next) return Ok("none is scheduled");
        ulong time = x.Rollup.Forks.Of(next)!.Value, left = DoctorText.Since(x.Now, time);
        string when = $"{next} activates in {DoctorText.Time(left)}, at {DoctorText.At(time)}";
        return left > Day ? Ok(when) : Warning(when, "see that engine.capabilities, engine.fork-times and upgrades.bundles are ok on every node of the chain");
    }
}
