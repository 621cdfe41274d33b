using Opal.JsonRpc;
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
    [Case("D-UP-01 D-AT-01")]
    public async Task The_activation_block_carries_the_upgrade_transactions_and_nothing_else(OptimismFork fork, int transactions)
    {
        UpgradeBundle bundle = PublishedBundles.Read(fork);
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

    [Fact]
    public async Task Canyon_puts_the_create2Deployer_into_the_state()
    {
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Canyon, 20));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(9);
        Assert.Empty(await net.Sequencer.Eth.GetCodeAsync(Predeploys.Create2Deployer));
        await net.Sequencer.BuildAsync(2);
        Assert.Equal(Create2Deployer.Code.ToArray(), await net.Sequencer.Eth.GetCodeAsync(Predeploys.Create2Deployer));
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [VectorFact]
    [Case("S-SC-08")]
    public async Task Isthmus_and_Jovian_upgrade_the_real_contracts()
    {
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Holocene) with { Isthmus = TestRollup.GenesisTime + 20, Jovian = TestRollup.GenesisTime + 40 };
        await using ActorNet net = await ActorNet.StartAsync(
            forks, upgrades: new NetworkUpgrades(PublishedBundles.Read(OptimismFork.Isthmus), PublishedBundles.Read(OptimismFork.Jovian)), predeploys: PublishedGenesis.Read("mainnet-settlus-mainnet"));
        Assert.False(await IsAsync(net, "isIsthmus()"));
        net.L1.Mine(new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, L1Logs.OperatorFee(5, 77)));
        net.L1.MineEmpty(1);
        await net.Sequencer.BuildAsync(10);
        Assert.True(await IsAsync(net, "isIsthmus()"));
        Assert.False(await IsAsync(net, "isJovian()"));
        await net.Sequencer.BuildAsync(10);
        Assert.True(await IsAsync(net, "isJovian()"));
        // logged before its fork was active, the operator fee is lost until it is logged again
        Assert.Equal(UInt256.Zero, await ReadAsync(net, Predeploys.L1Block, "operatorFeeConstant()"));
        net.L1.Mine(new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, L1Logs.OperatorFee(5, 77)));
        await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
        await net.Sequencer.BuildToL1HeadAsync();
        await net.Sequencer.BuildAsync(1);
        Assert.Equal(new UInt256(77), await ReadAsync(net, Predeploys.L1Block, "operatorFeeConstant()"));

        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        foreach (Block block in await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number))
        {
            foreach (Transaction transaction in block.Transactions) Assert.True((await net.Verifier.Eth.FindReceiptAsync(transaction.Hash))!.Succeeded);
        }
    }

    [VectorFact]
    [Case("D-UP-02 D-UP-03")]
    public async Task Karst_brings_its_own_gas_and_the_batcher_may_post_around_it()
    {
        UpgradeBundle bundle = PublishedBundles.Read(OptimismFork.Karst);
        Assert.Equal(31, bundle.Transactions.Count);
        Assert.Equal(55_370_657ul, bundle.ExtraGas);
        OptimismForkTimes forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Jovian) with { Karst = TestRollup.GenesisTime + 20 };
        await using ActorNet net = await ActorNet.StartAsync(forks, upgrades: new NetworkUpgrades(bundle));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(14);
        Block activation = await net.Sequencer.BlockAsync(10);
        Assert.Equal(32, activation.Transactions.Length);
        Assert.Equal(30_000_000ul + bundle.ExtraGas, activation.Header.GasLimit);
        Assert.Equal(30_000_000ul, (await net.Sequencer.BlockAsync(9)).Header.GasLimit);
        Assert.Equal(30_000_000ul, (await net.Sequencer.BlockAsync(11)).Header.GasLimit);
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        await net.Verifier.RestartAsync();
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    private static async Task<bool> IsAsync(ActorNet net, string question) => await ReadAsync(net, Predeploys.GasPriceOracle, question) == UInt256.One;

    private static async Task<UInt256> ReadAsync(ActorNet net, Address contract, string question)
    {
        byte[] selector = Keccak256.Hash(System.Text.Encoding.ASCII.GetBytes(question)).ToArray()[..4];
        try
        {
            byte[] answer = await net.Sequencer.Eth.CallAsync(contract, selector);
            return answer.Length == 32 ? UInt256.FromBigEndian(answer) : UInt256.Zero;
        }
        catch (RpcCallException)
        {
            // the contract of that time has no such function
            return UInt256.Zero;
        }
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("D-UP-05")]
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
}
