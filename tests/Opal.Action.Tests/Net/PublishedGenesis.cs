using Opal.JsonRpc;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>The accounts that public chains begin with, from the official vectors: real predeploys of their time.</summary>
public static class PublishedGenesis
{
    /// <summary>A chain's accounts, by the name of its file under configs/genesis. Older files do not say which forks the chain has; for the accounts any will do.</summary>
    public static IReadOnlyList<GenesisAccount> Read(string chain) =>
        GenesisFile.Parse(chain, Vectors.Read($"configs/genesis/{chain}.json.gz"), ChainSpec.ForRollup(new RollupConfig())).Genesis.Accounts;
}
