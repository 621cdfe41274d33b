using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

public class UpgradeVectorTests
{
    [VectorTheory]
    [InlineData("ecotone", OptimismFork.Ecotone, 6)]
    [InlineData("fjord", OptimismFork.Fjord, 3)]
    [InlineData("isthmus", OptimismFork.Isthmus, 8)]
    [InlineData("jovian", OptimismFork.Jovian, 5)]
    [Case("D-UP-01")]
    public void Upgrade_transactions_are_the_official_ones_byte_for_byte(string key, OptimismFork fork, int count)
    {
        JsonElement[] tests = JsonValues.Load("opstack/upgrade-transactions.json").At(key).EnumerateArray().ToArray();
        UpgradeBundle bundle = new(fork, tests.Select(Read).ToArray());
        Assert.Equal(count, bundle.Transactions.Count);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(tests[i].At("raw").Bytes(), bundle.Transactions[i].Encoded);
            Assert.Equal(tests[i].At("txHash").Hash(), bundle.Transactions[i].Hash);
            Assert.Equal(tests[i].At("sourceHash").Hash(), bundle.Transactions[i].SourceHash);
        }

        Assert.Equal(0ul, bundle.ExtraGas);
        Assert.True(NetworkUpgrades.IsPublished(bundle), $"{fork} {bundle.Hash}");
    }

    [VectorFact]
    [Case("D-UP-01 D-UP-02 V-18")]
    public void Karst_transactions_are_numbered_and_bring_their_gas()
    {
        JsonElement[] tests = JsonValues.Load("opstack/upgrade-transactions.json").At("karstBundle").At("transactions").EnumerateArray().ToArray();
        UpgradeBundle bundle = new(OptimismFork.Karst, tests.Select(Read).ToArray());
        Assert.Equal(31, bundle.Transactions.Count);
        Assert.Equal(55_370_657ul, bundle.ExtraGas);
        Assert.Equal(SourceHash.OfUpgrade("Karst 0: ConditionalDeployer Deployment"), bundle.Transactions[0].SourceHash);
        Assert.Equal(SourceHash.OfUpgrade("Karst 30: " + tests[30].At("intent").GetString()), bundle.Transactions[30].SourceHash);
        Assert.True(NetworkUpgrades.IsPublished(bundle), bundle.Hash.ToString());
    }

    internal static UpgradeTransaction Read(JsonElement json) => new(
        json.At("intent").GetString()!,
        json.At("from").Address(),
        json.Has("to") ? json.At("to").Address() : null,
        json.At("data").Bytes(),
        json.At("gasLimit").ULong());
}
