using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The well-known networks, found by name or by genesis.</summary>
public static class Networks
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Network> All { get; } = NetworkTable.Make();

    // what other clients call a network besides its name
    private static readonly (string Alias, string Name)[] Aliases = [("optimism", "op-mainnet"), ("optimism-mainnet", "op-mainnet"), ("optimism-sepolia", "op-sepolia")];

    /// <summary>
    /// Finds a network by name, in any of the forms in use: <c>op-sepolia</c>, <c>sepolia/op</c>, <c>optimism-sepolia</c>; a chain's name alone is the one on mainnet
    /// (<c>unichain</c>), or the only one. Case and the choice of dash or underscore do not matter.
    /// </summary>
    public static bool TryFind(string name, out Network? network)
    {
        for (int i = 0; i < Aliases.Length; i++)
        {
            if (IsSame(name, Aliases[i].Alias)) name = Aliases[i].Name;
        }

        for (int i = 0; i < All.Count; i++)
        {
            network = All[i];
            if (IsSame(name, network.Name) || IsSame(name, network.RegistryName)) return true;
        }

        network = null;
        bool several = false;
        for (int i = 0; i < All.Count; i++)
        {
            Network known = All[i];
            int slash = known.RegistryName.IndexOf('/', StringComparison.Ordinal);
            if (!IsSame(name, known.RegistryName.AsSpan(slash + 1))) continue;
            bool isMainnet = IsSame("mainnet", known.RegistryName.AsSpan(0, slash));
            several = !isMainnet && network is not null;
            if (isMainnet || network is null) network = known;
            if (isMainnet) return true;
        }

        if (several) network = null;
        return network is not null;
    }

    /// <summary>Finds the network of a chain; false where the chain's id is a network's and its genesis is another.</summary>
    public static bool TryFind(ulong chainId, in Hash256 genesis, out Network? network)
    {
        for (int i = 0; i < All.Count; i++)
        {
            network = All[i];
            if (network.Rollup.L2ChainId == chainId) return network.Genesis.Hash == genesis;
        }

        network = null;
        return false;
    }

    /// <summary>Whether a network has this chain id.</summary>
    public static bool HasChain(ulong chainId)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i].Rollup.L2ChainId == chainId) return true;
        }

        return false;
    }

    private static bool IsSame(string given, ReadOnlySpan<char> known)
    {
        if (given.Length != known.Length) return false;
        for (int i = 0; i < known.Length; i++)
        {
            if (Plain(given[i]) != Plain(known[i])) return false;
        }

        return true;
    }

    private static char Plain(char c) => c == '_' ? '-' : c is >= 'A' and <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}
