using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Deposits from L1 to their receipts on L2, derived by the verifier.</summary>
public sealed class DepositScenarios
{
    private static readonly Address s_reverting = Address.Parse("0x00000000000000000000000000000000000bad01");
    private static readonly Address s_spending = Address.Parse("0x00000000000000000000000000000000000bad02");
    private static readonly UInt256 s_aliasOffset = UInt256.FromBigEndian(Convert.FromHexString("1111000000000000000000000000000000001111"));

    public static TheoryData<OptimismFork> Forks => [OptimismFork.Bedrock, OptimismFork.Regolith, OptimismFork.Karst];

    [Theory]
    [MemberData(nameof(Forks))]
    [Case("S-DP-01")]
    public async Task Deposits_of_accounts_and_contracts_arrive_with_sender_nonce_and_receipt(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        Address alice = net.Alice.Address, bob = net.Bob.Address;

        // the portal logs a contract under its alias; this one has no account on L2 yet
        Address contract = Address.Parse("0x00000000000000000000000000000000c0ffee01");
        Address alias = Address.FromUInt256(contract.ToUInt256() + s_aliasOffset);
        byte[] create = Convert.FromHexString("6001600c60003960016000f300"); // deploys one STOP
        UInt256 bobBefore = await net.Verifier.Eth.GetBalanceAsync(bob), aliceBefore = await net.Verifier.Eth.GetBalanceAsync(alice);
        net.L1.Mine(
            Portal(net, L1Logs.Deposit(alice, bob, new UInt256(1000), new UInt256(400))),
            Portal(net, L1Logs.Deposit(alice, null, UInt256.Zero, UInt256.Zero, 200_000, create), L1Logs.Deposit(alias, bob, new UInt256(70), new UInt256(70), data: [1, 2, 3])),
            Portal(net, L1Logs.Deposit(alias, null, new UInt256(5), UInt256.Zero, 200_000, create)));
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Block block = (await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number)).Single(static found => found.Transactions.Length > 1);
        TxReceiptInfo[] receipts = await net.Verifier.Eth.GetReceiptsAsync(block.Header);
        Transaction[] deposits = block.Transactions[1..];
        Assert.Equal([alice, alice, alias, alias], deposits.Select(static deposit => deposit.From));
        Assert.Equal([bob, null, bob, null], deposits.Select(static deposit => deposit.To));
        Assert.Equal([1000ul, 0ul, 70ul, 5ul], deposits.Select(static deposit => (deposit.Mint ?? UInt256.Zero).U0));
        Assert.Equal(new byte[] { 1, 2, 3 }, deposits[2].Data.ToArray());
        Assert.All(receipts, static receipt => Assert.True(receipt.Succeeded));
        Assert.Equal(bobBefore + new UInt256(470), await net.Verifier.Eth.GetBalanceAsync(bob));
        Assert.Equal(aliceBefore + new UInt256(600), await net.Verifier.Eth.GetBalanceAsync(alice));
        Assert.Equal(new UInt256(5), await net.Verifier.Eth.GetBalanceAsync(alias));

        // nonces are counted per sender, and from Regolith on receipts tell them
        ulong?[] nonces = [0, 1, 0, 1];
        Assert.Equal(fork == OptimismFork.Bedrock ? new ulong?[4] : nonces, receipts[1..].Select(static receipt => receipt.Receipt.DepositNonce));
        Assert.Equal(2ul, await net.Verifier.Eth.GetTransactionCountAsync(alice));
        Assert.Equal(2ul, await net.Verifier.Eth.GetTransactionCountAsync(alias));
        Address byAlice = ContractAddress.OfCreate(alice, 1), byContract = ContractAddress.OfCreate(alias, 1);
        Assert.Equal([0], await net.Verifier.Eth.GetCodeAsync(byAlice));
        Assert.Equal([0], await net.Verifier.Eth.GetCodeAsync(byContract));
        if (fork > OptimismFork.Bedrock) Assert.Equal([byAlice, byContract], new[] { receipts[2], receipts[4] }.Select(static receipt => receipt.Receipt.ContractAddress!.Value));
    }

    [Theory]
    [MemberData(nameof(Forks))]
    [Case("S-DP-02 S-DP-06")]
    public async Task They_come_once_in_the_first_block_of_their_epoch_and_from_the_portal_alone(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        LogEntry real = L1Logs.Deposit(net.Alice.Address, net.Bob.Address, new UInt256(3), new UInt256(3));
        net.L1.Mine(
            new L1Item(net.Alice.Sign(TestRollup.L1ChainId, net.Bob.Address), true, real with { Address = net.Bob.Address }), // the same event of another contract
            new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), false, real), // a call that failed logs nothing, whatever its receipt says
            Portal(net, new LogEntry(TestRollup.Portal, [Hash256.Zero, .. real.Topics[1..]], real.Data)), // another event of the portal
            Portal(net, real));
        net.L1.MineEmpty(2);
        UInt256 before = await net.Verifier.Eth.GetBalanceAsync(net.Bob.Address);
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        List<Block> blocks = await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number);
        var epoch = new List<(Block Block, ulong Sequence)>();
        foreach (Block block in blocks)
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            if (info!.Number == 1) epoch.Add((block, info.SequenceNumber));
            else Assert.Single(block.Transactions);
        }

        Assert.Equal(6, epoch.Count);
        Assert.Equal(0ul, epoch[0].Sequence);
        Assert.Equal(2, epoch[0].Block.Transactions.Length);
        Assert.All(epoch[1..], static entry => Assert.Single(entry.Block.Transactions));
        Assert.Equal(before + new UInt256(3), await net.Verifier.Eth.GetBalanceAsync(net.Bob.Address));
    }

    [Theory]
    [MemberData(nameof(Forks))]
    [Case("S-DP-03")]
    public async Task A_deposit_that_fails_is_included_and_its_mint_kept(OptimismFork fork)
    {
        GenesisAccount[] contracts =
        [
            new(s_reverting, UInt256.Zero, 1, Convert.FromHexString("60006000fd"), []), // reverts
            new(s_spending, UInt256.Zero, 1, Convert.FromHexString("5b600056"), []), // turns in a circle
        ];
        await using ActorNet net = await ActorNet.StartAsync(OptimismForkTimes.AllActiveAtGenesis(fork), predeploys: contracts);
        Address alice = net.Alice.Address;
        UInt256 before = await net.Verifier.Eth.GetBalanceAsync(alice);
        net.L1.Mine(
            Portal(net, L1Logs.Deposit(alice, s_reverting, new UInt256(10), new UInt256(4))),
            Portal(net, L1Logs.Deposit(alice, s_spending, new UInt256(20), new UInt256(4), gas: 60_000)),
            Portal(net, L1Logs.Deposit(alice, net.Bob.Address, new UInt256(30), UInt256.Zero, gas: 20_000)), // less than any transaction costs
            Portal(net, L1Logs.Deposit(alice, net.Bob.Address, new UInt256(40), before + before)),
            Portal(net, L1Logs.Deposit(alice, net.Bob.Address, new UInt256(1), UInt256.One)));
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Block block = (await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number)).Single(static found => found.Transactions.Length > 1);
        TxReceiptInfo[] receipts = await net.Verifier.Eth.GetReceiptsAsync(block.Header);
        Assert.Equal([true, false, false, false, false, true], receipts.Select(static receipt => receipt.Succeeded));
        Assert.Equal(before + new UInt256(100), await net.Verifier.Eth.GetBalanceAsync(alice));
        Assert.Equal(UInt256.Zero, await net.Verifier.Eth.GetBalanceAsync(s_reverting));
        Assert.Equal(5ul, await net.Verifier.Eth.GetTransactionCountAsync(alice));
        Assert.Equal(60_000ul, receipts[2].Receipt.GasUsed);
        Assert.Equal(20_000ul, receipts[3].Receipt.GasUsed);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    private static L1Item Portal(ActorNet net, params LogEntry[] logs) => new(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, logs);
}
