using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool;

/// <summary>The forks that the tool knows by name: Ethereum's since London, its blob-parameter-only forks, and the OP Stack's.</summary>
public static class ToolForks
{
    private static readonly string[] OlderThanLondon =
    [
        "Frontier", "Homestead", "DAO", "EIP150", "TangerineWhistle", "EIP158", "SpuriousDragon", "Byzantium", "Constantinople", "ConstantinopleFix",
        "Petersburg", "Istanbul", "MuirGlacier", "Berlin",
    ];

    private static readonly (string Name, Rules Rules)[] EthereumForks =
    [
        ("London", ForkRules.London),
        ("Paris", ForkRules.Paris),
        ("Shanghai", ForkRules.Shanghai),
        ("Cancun", ForkRules.Cancun),
        ("Prague", ForkRules.Prague),
        ("Osaka", ForkRules.Osaka),
        ("BPO1", ForkRules.Osaka with { Name = "BPO1", Blobs = BlobParameters.Bpo1 }),
        ("BPO2", ForkRules.Osaka with { Name = "BPO2", Blobs = BlobParameters.Bpo2 }),
        ("BPO3", ForkRules.Osaka with { Name = "BPO3", Blobs = new BlobParameters(21, 32, 20_609_697) }),
        ("BPO4", ForkRules.Osaka with { Name = "BPO4", Blobs = new BlobParameters(14, 21, 13_739_630) }),
    ];

    private static readonly (string Name, Rules Rules)[] OptimismForks =
        [.. Enum.GetValues<OptimismFork>().Select(fork => (fork.ToString(), ForkRules.Of(fork)))];

    /// <summary>Ethereum's forks, oldest first.</summary>
    public static IReadOnlyList<string> EthereumNames { get; } = [.. EthereumForks.Select(f => f.Name)];

    /// <summary>All forks: Ethereum's, then the OP Stack's, oldest first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. EthereumNames, .. OptimismForks.Select(f => f.Name)];

    /// <summary>The rules of a fork, whatever the case of its letters; null for one that Opal does not have.</summary>
    public static Rules? Find(string name) => FindEthereum(name) ?? OptimismForks.FirstOrDefault(f => IsSame(f.Name, name)).Rules;

    /// <summary>The rules of an Ethereum fork; null for another. Merge is Paris, the glaciers are London (they move the difficulty only).</summary>
    public static Rules? FindEthereum(string name)
    {
        if (IsSame(name, "Merge")) name = "Paris";
        if (IsSame(name, "ArrowGlacier") || IsSame(name, "GrayGlacier")) name = "London";
        return EthereumForks.FirstOrDefault(f => IsSame(f.Name, name)).Rules;
    }

    /// <summary>Why a name that is not among <paramref name="known"/> cannot be used: older than London, or unknown, with the nearest name that there is.</summary>
    public static string Refusal(string name, IReadOnlyList<string> known)
    {
        if (OlderThanLondon.FirstOrDefault(o => IsSame(o, name)) is { } older) return $"{older} is older than London; opal runs London and later";
        string? nearest = UsageErrors.Nearest(name, known);
        return $"unknown fork '{name}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")} (known: {string.Join(", ", known)})";
    }

    /// <summary>The schedule behind the network name of a blockchain test: a fork, or one fork to the next at second 15,000.</summary>
    /// <param name="network">For example <c>Cancun</c> or <c>CancunToPragueAtTime15k</c>.</param>
    /// <param name="chainId">The chain's id.</param>
    /// <param name="blobsOf">The blob parameters that the test gives for a fork; null where it gives none.</param>
    /// <param name="spec">The schedule.</param>
    /// <param name="refusal">Why there is none.</param>
    public static bool TrySpec(string network, ulong chainId, Func<string, BlobParameters?> blobsOf, out ChainSpec? spec, out string refusal)
    {
        const string Switch = "AtTime15k";
        spec = null;
        string first = network, second = network;
        if (network.EndsWith(Switch, StringComparison.Ordinal) && network.IndexOf("To", StringComparison.Ordinal) is int to and > 0)
        {
            (first, second) = (network[..to], network[(to + 2)..^Switch.Length]);
        }
        else if (network.IndexOf("To", StringComparison.Ordinal) is int older and > 0 && OlderThanLondon.Contains(network[..older]))
        {
            first = network[..older];
        }

        if (FindEthereum(first) is not { } before || FindEthereum(second) is not { } after)
        {
            refusal = Refusal(FindEthereum(first) is null ? first : second, EthereumNames);
            return false;
        }

        refusal = "";
        int active = IndexOf(before.Name), later = IndexOf(after.Name);
        var entries = new List<BlobSchedule.Entry>();
        for (int i = IndexOf("Cancun"); i <= later; i++)
        {
            BlobParameters parameters = blobsOf(EthereumForks[i].Name) ?? EthereumForks[i].Rules.Blobs;
            entries.Add(new BlobSchedule.Entry(TimeOf(i)!.Value, parameters));
        }

        var forks = new EthereumForkTimes
        {
            ParisBlock = active >= IndexOf("Paris") ? 0 : null,
            Shanghai = TimeOf(IndexOf("Shanghai")),
            Cancun = TimeOf(IndexOf("Cancun")),
            Prague = TimeOf(IndexOf("Prague")),
            Osaka = TimeOf(IndexOf("Osaka")),
        };
        spec = ChainSpec.ForEthereum(chainId, forks, new BlobSchedule(entries.ToArray()));
        return true;

        ulong? TimeOf(int fork) => fork <= active ? 0 : fork <= later ? 15_000 : null;
    }

    private static int IndexOf(string name) => Array.FindIndex(EthereumForks, f => f.Name == name);

    private static bool IsSame(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
