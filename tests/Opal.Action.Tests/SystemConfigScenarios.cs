using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Deposits, and what the owner sets on L1.</summary>
public sealed class SystemConfigScenarios
{
    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Canyon)]
    [InlineData(OptimismFork.Jovian)]
    public async Task A_deposit_flows_through(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        UInt256 before = await net.Sequencer.Eth.GetBalanceAsync(net.Bob.Address);
        net.L1.Mine(
            new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, L1Logs.Deposit(net.Alice.Address, net.Bob.Address, new UInt256(123), new UInt256(100))),
            new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), false),
            new L1Item(net.Alice.Sign(TestRollup.L1ChainId, net.Bob.Address), true, L1Logs.Deposit(net.Alice.Address, net.Bob.Address, default, default) with { Address = net.Bob.Address }));
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.Equal(before + new UInt256(100), await net.Verifier.Eth.GetBalanceAsync(net.Bob.Address));

        List<Block> blocks = await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number);
        List<Block> withDeposit = [.. blocks.Where(block => block.Transactions.Length > 1)];
        Block block = Assert.Single(withDeposit);
        Assert.Equal(2, block.Transactions.Length);
        Assert.Equal(new UInt256(123), block.Transactions[1].Mint);
        Assert.True((await net.Verifier.Eth.FindReceiptAsync(block.Transactions[1].Hash))!.Succeeded);
    }

    [Fact]
    public async Task A_failing_deposit_is_included_and_keeps_its_mint()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        UInt256 before = await net.Sequencer.Eth.GetBalanceAsync(net.Alice.Address);
        net.L1.Mine(new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, L1Logs.Deposit(net.Alice.Address, net.Bob.Address, new UInt256(50), before + before)));
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.Equal(before + new UInt256(50), await net.Verifier.Eth.GetBalanceAsync(net.Alice.Address));
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Jovian)]
    public async Task The_gas_limit_changes_with_the_epoch(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.Mine(Config(net, L1Logs.GasLimit(40_000_000), L1Logs.GasLimit(50_000_000)));
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        foreach (Block block in await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number))
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            Assert.Equal(info!.Number == 0 ? 30_000_000ul : 50_000_000ul, block.Header.GasLimit);
        }
    }

    [Fact]
    public async Task The_batchers_key_changes_with_the_L1_block_that_says_so()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        TestAccount old = net.Batcher.Account;
        var rival = new TestAccount("rival");
        await net.Sequencer.BuildAsync(2);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 2);
        net.Batcher.Account = rival;
        L1Item[] byRival = net.Batcher.Submit(blocks);
        net.L1.Mine(byRival);
        await net.Verifier.SyncAsync();
        Assert.Equal(0ul, net.Verifier.Safe.Number);

        // in the very block of the change the new key counts and the old one does not, whatever the order
        net.L1.Mine([.. byRival, Config(net, L1Logs.Batcher(rival.Address))]);
        await net.Verifier.SyncAsync();
        Assert.Equal(2ul, net.Verifier.Safe.Number);

        await net.Sequencer.SyncAsync();
        await net.Sequencer.BuildAsync(2);
        blocks = await net.Sequencer.BlocksAsync(3, 4);
        net.Batcher.Account = old;
        net.L1.Mine(net.Batcher.Submit(blocks));
        await net.Verifier.SyncAsync();
        Assert.Equal(2ul, net.Verifier.Safe.Number);

        // a restart in between finds the same key
        await net.Verifier.RestartAsync();
        net.Batcher.Account = rival;
        net.L1.Mine(net.Batcher.Submit(blocks));
        await net.Verifier.SyncAsync();
        Assert.Equal(4ul, net.Verifier.Safe.Number);
    }

    [Fact]
    public async Task Fee_parameters_reach_the_header()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.L1.Mine(Config(net, L1Logs.Eip1559(400, 3), L1Logs.MinBaseFee(5_000_000)));
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        BlockHeader head = (await net.Verifier.BlockAsync(net.Verifier.Safe.Number)).Header;
        Assert.True(Eip1559ExtraData.TryDecodeJovian(head.ExtraData, out Eip1559ExtraData parameters));
        Assert.Equal(new Eip1559ExtraData(400, 3, 5_000_000), parameters);

        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.True((await net.Verifier.BlockAsync(net.Verifier.Safe.Number)).Header.BaseFeePerGas >= new UInt256(5_000_000));
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SC-04 S-SC-05")]
    public async Task Malformed_updates_between_good_ones_are_passed_over(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        LogEntry good = L1Logs.GasLimit(44_000_000);
        net.L1.Mine(Config(
            net, L1Logs.GasLimit(40_000_000), new LogEntry(good.Address, good.Topics, good.Data[..^1]), L1Logs.Config(200, UInt256.One),
            new LogEntry(good.Address, [good.Topics[0], Hash256.FromUInt256(UInt256.One), good.Topics[2]], good.Data), good));
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.Equal(44_000_000ul, (await net.Verifier.BlockAsync(net.Verifier.Safe.Number)).Header.GasLimit);
    }

    private static L1Item Config(ActorNet net, params LogEntry[] logs) => new(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, logs);
}
