using System.Text.Json;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Network upgrades in the middle of a chain's life.</summary>
public sealed class UpgradeScenarios
{
    [VectorTheory]
    [InlineData(OptimismFork.Ecotone, 6)]
    [InlineData(OptimismFork.Fjord, 3)]
    [InlineData(OptimismFork.Isthmus, 8)]
    [InlineData(OptimismFork.Jovian, 5)]
    public async Task The_activation_block_carries_the_upgrade_transactions_and_nothing_else(OptimismFork fork, int transactions)
    {
        UpgradeBundle bundle = ReadBundle(fork);
        Assert.Equal(transactions, bundle.Transactions.Count);
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(fork, 20), upgrades: new NetworkUpgrades(bundle));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(9);
        Transaction pooled = net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One);
        await net.Sequencer.SendAsync(pooled);
        await net.Sequencer.BuildAsync(3);

        Block activation = await net.Sequencer.BlockAsync(10);
        Assert.Equal(TestRollup.GenesisTime + 20, activation.Header.Timestamp);
        Assert.Equal(transactions + 1, activation.Transactions.Length);
        for (int i = 0; i < transactions; i++) Assert.Equal(bundle.Transactions[i].Hash, activation.Transactions[i + 1].Hash);
        foreach (Transaction upgrade in bundle.Transactions) Assert.True((await net.Sequencer.Eth.FindReceiptAsync(upgrade.Hash))!.Succeeded);
        Block next = await net.Sequencer.BlockAsync(11);
        Assert.Equal(pooled.Hash, next.Transactions[^1].Hash);
        Assert.True(L1BlockInfo.TryParse(activation.Transactions[0], out L1BlockInfo? before));
        Assert.True(L1BlockInfo.TryParse(next.Transactions[0], out L1BlockInfo? after));
        if (fork != OptimismFork.Fjord) Assert.True(before!.Format < after!.Format);

        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [InlineData(OptimismFork.Canyon)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    public async Task Forks_without_upgrade_transactions_activate_in_passing(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(fork, 20));
        net.L1.MineEmpty(1);
        for (int round = 0; round < 4; round++)
        {
            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
            await net.RoundAsync();
            Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        }
    }

    [Fact]
    public async Task Without_its_bundle_the_chain_stops_before_the_activation_block()
    {
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Jovian, 20));
        net.L1.MineEmpty(4);
        await net.Sequencer.BuildAsync(9);
        net.Time.Advance(TimeSpan.FromSeconds(10));
        await net.Sequencer.SyncAsync();
        Assert.Equal(9ul, net.Sequencer.Unsafe.Number);
        Assert.Contains("Jovian", net.Sequencer.Recorder.Halt, StringComparison.Ordinal);
        Assert.Contains("bundle", net.Sequencer.Node.Driver.HaltReason, StringComparison.Ordinal);

        // a verifier that has to force the block stops at the same place
        net.L1.MineEmpty((int)net.Rollup.Config.SequencingWindowSize * 2);
        await net.Verifier.SyncAsync();
        Assert.Equal(9ul, net.Verifier.Safe.Number);
        Assert.Contains("Jovian", net.Verifier.Recorder.Halt, StringComparison.Ordinal);
    }

    private static UpgradeBundle ReadBundle(OptimismFork fork)
    {
        using JsonDocument all = JsonDocument.Parse(Vectors.Read("opstack/upgrade-transactions.json"));
        var transactions = new List<UpgradeTransaction>();
        foreach (JsonElement item in all.RootElement.GetProperty(fork.ToString().ToLowerInvariant()).EnumerateArray())
        {
            Assert.True(Transaction.TryDecode(Convert.FromHexString(item.GetProperty("raw").GetString()![2..]), out Transaction? transaction, out _));
            transactions.Add(new UpgradeTransaction(item.GetProperty("intent").GetString()!, transaction!.From, transaction.To, transaction.Data.ToArray(), transaction.GasLimit));
        }

        return new UpgradeBundle(fork, transactions);
    }
}
