using Opal.Cli.Flags;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Cli.Node;

/// <summary>The rollup a node runs: its configuration, L1's blob schedule, and the network upgrades that are installed.</summary>
internal static class RollupSource
{
    /// <summary>The variable that names a file of network upgrade transactions for all roles.</summary>
    public const string BundleVariable = "OPAL_UPGRADE_BUNDLES";

    /// <summary>The name of installed network upgrades in a data directory.</summary>
    public const string BundleFile = "upgrade-bundles.json";

    /// <summary>The rollup's configuration, with the fork times that flags override.</summary>
    /// <exception cref="FlagException">Neither or both sources are given, or the times are out of order.</exception>
    /// <exception cref="ConfigFileException">The file cannot be used.</exception>
    public static RollupConfig Read(FlagValues values) => WithOverrides(Find(values.TextOrNull("rollup.config"), values.TextOrNull("network")), values);

    /// <summary>The rollup of a rollup.json, or a built-in one.</summary>
    /// <exception cref="FlagException">Neither or both are given.</exception>
    /// <exception cref="ConfigFileException">The file cannot be used.</exception>
    /// <exception cref="NodeException">There is no such network, or it keeps its data outside L1.</exception>
    public static RollupConfig Find(string? file, string? network)
    {
        if ((file is null) == (network is null))
        {
            throw new FlagException(file is null ? "give the rollup: --rollup.config=rollup.json, or --network=NAME for a built-in one" : "--rollup.config and --network exclude each other; leave one out");
        }

        return file is not null ? RollupConfigFile.Read(file) : Named(network!);
    }

    private static RollupConfig Named(string name)
    {
        if (!Networks.TryFind(name, out Network? network)) throw new NodeException($"the network '{name}' is not built in ('opal geth networks' lists those that are); give its rollup.json with --rollup.config");
        return network!.UsesAlternativeDA ? throw new NodeException($"{network.Name} keeps its data outside L1 (alternative DA), which is not built") : network.Rollup;
    }

    private static RollupConfig WithOverrides(RollupConfig rollup, FlagValues values)
    {
        ulong? Given(string fork) => values.NumberOrNull($"override.{fork}");
        OptimismForkTimes forks = rollup.Forks;
        OptimismForkTimes times = forks with
        {
            Canyon = Given("canyon") ?? forks.Canyon,
            Delta = Given("delta") ?? forks.Delta,
            Ecotone = Given("ecotone") ?? forks.Ecotone,
            Fjord = Given("fjord") ?? forks.Fjord,
            Granite = Given("granite") ?? forks.Granite,
            Holocene = Given("holocene") ?? forks.Holocene,
            Isthmus = Given("isthmus") ?? forks.Isthmus,
            Jovian = Given("jovian") ?? forks.Jovian,
            Karst = Given("karst") ?? forks.Karst,
        };
        if (times.FirstOutOfOrder() is { } wrong) throw new FlagException($"--override.*: upgrades must be in order, and {wrong} would activate before the one that precedes it");
        return rollup with { Forks = times, PectraBlobScheduleTime = Given("pectrablobschedule") ?? rollup.PectraBlobScheduleTime };
    }

    /// <summary>When and how L1's blob parameters change: from the flag's file, or known by L1's chain id. Null when neither says.</summary>
    /// <exception cref="ConfigFileException">The file cannot be used.</exception>
    /// <exception cref="FlagException">The file is another chain's.</exception>
    public static BlobSchedule? L1Blobs(FlagValues values, RollupConfig rollup)
    {
        if (values.TextOrNull("rollup.l1-chain-config") is { } file)
        {
            ChainSpec spec = L1ChainConfigFile.Read(file);
            return spec.ChainId == rollup.L1ChainId
                ? spec.Blobs
                : throw new FlagException($"--rollup.l1-chain-config: {file} is of chain {spec.ChainId}, but the rollup's L1 is chain {rollup.L1ChainId}");
        }

        return BlobSchedule.TryGetKnown(rollup.L1ChainId, out BlobSchedule known) ? known : null;
    }

    /// <summary>The network upgrade transactions: from the flag's file, the variable's, or the data directory's; none when there is no file.</summary>
    /// <exception cref="ConfigFileException">The file is malformed.</exception>
    /// <exception cref="NodeException">A file is named that is not there, or a bundle is not the published one.</exception>
    public static NetworkUpgrades Upgrades(FlagValues values, string dataDirectory)
    {
        string? path = null;
        foreach ((string? named, string source) in new[] { (values.TextOrNull("upgrade-bundles"), "--upgrade-bundles"), (Environment.GetEnvironmentVariable(BundleVariable), BundleVariable) })
        {
            if (path is not null || string.IsNullOrEmpty(named)) continue;
            path = File.Exists(named) ? named : throw new NodeException($"{source} names {named}, and there is no such file; give the path of the upgrade bundles or leave it out");
        }

        string own = Path.Combine(dataDirectory, BundleFile);
        if (path is null && File.Exists(own)) path = own;
        if (path is null && File.Exists(Installed)) path = Installed;
        return path is null ? NetworkUpgrades.None : Read(path);
    }

    /// <summary>Where 'opal upgrades install' puts bundles for every role of this user.</summary>
    public static string Installed => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".opal", BundleFile);

    private static NetworkUpgrades Read(string path)
    {
        IReadOnlyList<UpgradeBundle> bundles = UpgradeBundleFile.ReadCollection(path);
        foreach (UpgradeBundle bundle in bundles)
        {
            if (NetworkUpgrades.HasTransactions(bundle.Fork) && !NetworkUpgrades.IsPublished(bundle))
            {
                throw new NodeException($"{path}: the bundle of {bundle.Fork} is not the published one (its hash is {bundle.Hash}); install the official file");
            }
        }

        return new NetworkUpgrades([.. bundles]);
    }
}
