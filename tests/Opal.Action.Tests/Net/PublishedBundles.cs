using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>The network upgrade transactions as published, from the official vectors.</summary>
public static class PublishedBundles
{
    /// <summary>A fork's bundle, Ecotone to Karst.</summary>
    public static UpgradeBundle Read(OptimismFork fork)
    {
        using JsonDocument all = JsonDocument.Parse(Vectors.Read("opstack/upgrade-transactions.json"));
        var transactions = new List<UpgradeTransaction>();
        if (fork == OptimismFork.Karst)
        {
            foreach (JsonElement item in all.RootElement.GetProperty("karstBundle").GetProperty("transactions").EnumerateArray())
            {
                transactions.Add(new UpgradeTransaction(
                    item.GetProperty("intent").GetString()!,
                    Address.Parse(item.GetProperty("from").GetString()),
                    item.GetProperty("to").GetString() is { } to ? Address.Parse(to) : null,
                    Convert.FromHexString(item.GetProperty("data").GetString()![2..]),
                    ulong.Parse(item.GetProperty("gasLimit").ToString())));
            }

            return new UpgradeBundle(fork, transactions);
        }

        foreach (JsonElement item in all.RootElement.GetProperty(fork.ToString().ToLowerInvariant()).EnumerateArray())
        {
            Assert.True(Transaction.TryDecode(Convert.FromHexString(item.GetProperty("raw").GetString()![2..]), out Transaction? transaction, out _));
            transactions.Add(new UpgradeTransaction(item.GetProperty("intent").GetString()!, transaction!.From, transaction.To, transaction.Data.ToArray(), transaction.GasLimit));
        }

        return new UpgradeBundle(fork, transactions);
    }

    /// <summary>The bundles of those forks that activate after genesis.</summary>
    public static NetworkUpgrades For(OptimismForkTimes forks)
    {
        var bundles = new List<UpgradeBundle>();
        for (OptimismFork fork = OptimismFork.Ecotone; fork <= OptimismFork.Karst; fork++)
        {
            if (NetworkUpgrades.HasTransactions(fork) && forks.IsActive(fork, ulong.MaxValue) && !forks.IsActive(fork, TestRollup.GenesisTime)) bundles.Add(Read(fork));
        }

        return new NetworkUpgrades([.. bundles]);
    }
}
