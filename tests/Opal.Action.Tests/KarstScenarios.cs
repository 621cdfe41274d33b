using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Karst: thirty-one upgrade transactions, and the gas they bring.</summary>
public sealed class KarstScenarios
{
    private static readonly UInt256 s_implementation = UInt256.FromBigEndian(Convert.FromHexString("360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"));

    private static Task<ActorNet> StartAsync(Func<RollupConfig, RollupConfig>? adjust = null)
    {
        OptimismForkTimes forks = TestRollup.ActivatingLater(OptimismFork.Karst, 20); // block 10
        return ActorNet.StartAsync(forks, adjust, upgrades: PublishedBundles.For(forks), predeploys: PublishedGenesis.Read("sepolia-devnet-2-sepolia-devnet-2"));
    }

    [VectorFact]
    [Case("S-KA-01")]
    public async Task The_bundle_replaces_the_implementations_of_a_real_chain()
    {
        UpgradeBundle bundle = PublishedBundles.Read(OptimismFork.Karst);
        await using ActorNet net = await StartAsync();
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(12);
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(12);
        Block activation = await net.Verifier.BlockAsync(10);
        Assert.Equal(31, bundle.Transactions.Count);
        Assert.Equal([.. bundle.Transactions.Select(static transaction => transaction.Hash)], activation.Transactions[1..].Select(static transaction => transaction.Hash));
        for (int i = 0; i < 31; i++)
        {
            TxReceiptInfo receipt = (await net.Verifier.Eth.FindReceiptAsync(bundle.Transactions[i].Hash))!;
            Assert.True(receipt.Succeeded, $"upgrade transaction {i}");
        }

        foreach (Address proxy in (Address[])[Predeploys.L1Block, Predeploys.GasPriceOracle, Predeploys.L2ToL1MessagePasser, Predeploys.SequencerFeeVault, Predeploys.OperatorFeeVault, Predeploys.ProxyAdmin])
        {
            UInt256 before = await net.Verifier.Eth.GetStorageAsync(proxy, s_implementation, BlockParameter.At(9)), after = await net.Verifier.Eth.GetStorageAsync(proxy, s_implementation, BlockParameter.At(10));
            Assert.NotEqual(before, after);
            Assert.NotEmpty(await net.Verifier.Eth.GetCodeAsync(Address.FromUInt256(after), BlockParameter.At(10)));
        }
    }

    [VectorTheory]
    [InlineData(false)]
    [InlineData(true)]
    [Case("S-KA-02")]
    public async Task The_gas_of_the_bundle_is_there_for_one_block_or_until_the_gas_limit_is_set_again(bool keeps)
    {
        await using ActorNet net = await StartAsync(config => config with { KeepKarstUpgradeGas = keeps });
        net.L1.MineEmpty(2);
        net.L1.Mine(new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, L1Logs.GasLimit(40_000_000))); // at 36 s
        await net.Sequencer.BuildAsync(20);
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(20);
        foreach (Block block in await net.Verifier.BlocksAsync(1, 20))
        {
            ulong expected = block.Number switch
            {
                < 10 => 30_000_000,
                10 => 30_000_000 + 55_370_657,
                < 18 => keeps ? 30_000_000ul + 55_370_657 : 30_000_000,
                _ => 40_000_000,
            };
            Assert.True(expected == block.Header.GasLimit, $"block {block.Number}: {block.Header.GasLimit}");
        }

        await net.Verifier.RestartAsync();
        await net.Verifier.SyncAsync();
        await net.AssertSafeAsync(20);
        await using var other = new NodeActor(net, new SequencerOptions());
        await other.SyncAsync();
        Assert.Equal(net.Verifier.Safe, other.Safe);
    }

    [Theory]
    [InlineData(OptimismFork.Jovian)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-KA-04")]
    public async Task Without_its_bundle_a_chain_stops_before_the_activation_block_whoever_makes_it(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(fork, 20));
        net.L1.MineEmpty(4);
        await net.Sequencer.BuildAsync(9);
        net.Time.Advance(TimeSpan.FromSeconds(10));
        await net.Sequencer.SyncAsync();
        Assert.Equal(9ul, net.Sequencer.Unsafe.Number);
        Assert.Contains(fork.ToString(), net.Sequencer.Recorder.Halt, StringComparison.Ordinal);
        Assert.Contains("bundle", net.Sequencer.Node.Driver.HaltReason, StringComparison.Ordinal);

        // a verifier that has to force the block stops at the same place
        net.L1.MineEmpty((int)net.Rollup.Config.SequencingWindowSize * 2);
        await net.Verifier.SyncAsync();
        Assert.Equal(9ul, net.Verifier.Safe.Number);
        Assert.Contains(fork.ToString(), net.Verifier.Recorder.Halt, StringComparison.Ordinal);
    }
}
