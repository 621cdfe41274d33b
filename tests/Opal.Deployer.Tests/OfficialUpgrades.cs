using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Deployer.Tests;

/// <summary>The network upgrade bundles of the official vectors.</summary>
internal static class OfficialUpgrades
{
    public static NetworkUpgrades Load()
    {
        using JsonDocument document = JsonDocument.Parse(Vectors.Read("opstack/upgrade-transactions.json"));
        return new NetworkUpgrades(Bundle(OptimismFork.Isthmus, "isthmus"), Bundle(OptimismFork.Jovian, "jovian"));

        UpgradeBundle Bundle(OptimismFork fork, string key)
        {
            var transactions = new List<UpgradeTransaction>();
            foreach (JsonElement entry in document.RootElement.GetProperty(key).EnumerateArray())
            {
                Address? to = entry.GetProperty("to").GetString() is { } text ? Address.Parse(text) : null;
                transactions.Add(new UpgradeTransaction(
                    entry.GetProperty("intent").GetString()!, Address.Parse(entry.GetProperty("from").GetString()), to, Hex.Decode(entry.GetProperty("data").GetString()),
                    entry.GetProperty("gasLimit").GetUInt64()));
            }

            return new UpgradeBundle(fork, transactions);
        }
    }
}
