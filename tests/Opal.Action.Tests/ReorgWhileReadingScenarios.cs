using Opal.Evm;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>L1 changes while it is read, and L1 that takes back what it called final.</summary>
public sealed class ReorgWhileReadingScenarios
{
    public static TheoryData<OptimismFork, string> Moments
    {
        get
        {
            var rows = new TheoryData<OptimismFork, string>();
            foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Bedrock, OptimismFork.Karst])
            {
                foreach (string question in (string[])["block", "receipts", "blobs"])
                {
                    if (question != "blobs" || fork >= OptimismFork.Ecotone) rows.Add(fork, question);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Moments))]
    [Case("S-RG-06")]
    public async Task The_next_block_is_exchanged_while_one_is_read(OptimismFork fork, string question)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.Batcher.Carrier = question == "blobs" ? Carrier.Blobs : Carrier.Calldata;
        net.L1.MineEmpty(1);
        await net.RoundAsync();
        await net.Sequencer.BuildToL1HeadAsync();
        L1Item[] batch = await net.Batcher.SubmitAllAsync();
        LogEntry deposit = L1Logs.Deposit(net.Alice.Address, net.Bob.Address, UInt256.One, UInt256.One); // without logs of ours nobody asks for receipts
        L1BlockRef n = net.L1.Mine([.. batch, new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, deposit)]);
        net.L1.MineEmpty(1);
        int resets = net.Verifier.Recorder.Resets.Count;
        bool isOver = false;
        net.L1.BeforeAnswer = asked =>
        {
            if (isOver || asked != question || net.Verifier.Node.Status.CurrentL1.Number + 1 != n.Number) return;
            isOver = true;
            net.L1.Reorg(1);
            net.L1.MineEmpty(2);
        };
        await net.Verifier.SyncAsync();
        net.L1.BeforeAnswer = null;
        Assert.True(isOver);
        await net.Verifier.SyncAsync();
        Assert.Equal(net.L1.HeadRef, net.Verifier.Node.Status.CurrentL1);
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.InRange(net.Verifier.Recorder.Resets.Count - resets, 0, 1);
        await net.Sequencer.SyncAsync();
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.InRange(net.Verifier.Recorder.Resets.Count - resets, 0, 1);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-RG-06")]
    public async Task The_next_block_is_exchanged_after_its_header_was_read(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        await net.RoundAsync();
        await net.Sequencer.BuildToL1HeadAsync();
        L1Item[] batch = await net.Batcher.SubmitAllAsync();
        net.L1.Mine(batch);
        await net.Verifier.SyncAsync();
        L2BlockRef safe = net.Verifier.Safe;
        int resets = net.Verifier.Recorder.Resets.Count;

        // n + 1 is read; then another n + 1 and its child appear
        net.L1.MineEmpty(1);
        await net.Verifier.SyncAsync();
        net.L1.Reorg(1);
        net.L1.MineEmpty(2);
        await net.Verifier.SyncAsync();
        Assert.Equal(1, net.Verifier.Recorder.Resets.Count - resets);
        Assert.Equal(safe, net.Verifier.Safe);
        Assert.Equal(net.L1.HeadRef, net.Verifier.Node.Status.CurrentL1);
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.Equal(1, net.Verifier.Recorder.Resets.Count - resets);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, 0)]
    [InlineData(OptimismFork.Karst, 0)]
    [InlineData(OptimismFork.Karst, 1)]
    [Case("S-RG-07")]
    public async Task A_reorg_below_the_finalized_block_is_refused_and_moves_no_head(OptimismFork fork, int kept)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 4; round++) await net.RoundAsync();
        net.L1.FinalizedNumber = net.L1.Head.Number - 1;
        await net.Verifier.SyncAsync();
        (L2BlockRef unsafeHead, L2BlockRef safe, L2BlockRef final) = (net.Verifier.Unsafe, net.Verifier.Safe, net.Verifier.Finalized);
        Assert.True(final.Number > 6);
        L1BlockRef[] honest = net.L1.Remember();

        // the provider lies: another chain from near genesis on, with batches of its own
        int told = net.Verifier.Engine.Forkchoices.Count;
        net.L1.Reorg((int)net.L1.Head.Number - kept);
        net.L1.MineEmpty(honest.Length + 2);
        DateTimeOffset until = net.Time.GetUtcNow() + TimeSpan.FromMinutes(3);
        await net.Verifier.RunUntilAsync(() => net.Time.GetUtcNow() >= until, TimeSpan.FromMinutes(4));
        Assert.Equal((unsafeHead, safe, final), (net.Verifier.Unsafe, net.Verifier.Safe, net.Verifier.Finalized));
        Assert.Equal(told, net.Verifier.Engine.Forkchoices.Count);
        Assert.Equal(final.Hash, (await net.Verifier.Eth.FindHeaderAsync(BlockParameter.Finalized))!.Hash);
        Task<NodeReport> report = net.Verifier.Node.Driver.ReportAsync(new DroppedItems(), default);
        await net.Verifier.Node.Driver.StepAsync(default);
        Assert.Contains("inal", (await report).SafeReason, StringComparison.Ordinal);

        // and comes back to the truth
        net.L1.Return(honest);
        net.L1.MineEmpty(4);
        await net.Verifier.RunUntilAsync(() => net.Verifier.Node.Driver.IsSettled && net.Verifier.Node.Status.CurrentL1 == net.L1.HeadRef, TimeSpan.FromMinutes(5));
        Assert.Equal(safe, net.Verifier.Safe);
        Assert.True(net.Verifier.Finalized.Number >= final.Number);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-RG-08")]
    public async Task A_deposit_included_again_later_has_another_source(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        UInt256 before = await net.Verifier.Eth.GetBalanceAsync(net.Bob.Address);
        var item = new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, L1Logs.Deposit(net.Alice.Address, net.Bob.Address, new UInt256(7), new UInt256(7)));
        net.L1.Mine(item);
        await net.RoundAsync();
        Transaction first = await OnlyDepositAsync(net);
        Assert.Equal(before + new UInt256(7), await net.Verifier.Eth.GetBalanceAsync(net.Bob.Address));

        net.L1.Reorg(2);
        net.L1.MineEmpty(3);
        await net.Sequencer.SyncAsync();
        net.Batcher.StartOver();
        await net.RoundAsync();
        Assert.Equal(before, await net.Verifier.Eth.GetBalanceAsync(net.Bob.Address));
        Assert.Null(await net.Verifier.Eth.FindReceiptAsync(first.Hash));

        net.L1.Mine(item);
        await net.RoundAsync();
        Transaction second = await OnlyDepositAsync(net);
        Assert.Equal(before + new UInt256(7), await net.Verifier.Eth.GetBalanceAsync(net.Bob.Address));
        Assert.Equal((first.From, first.To, first.Value, first.Mint), (second.From, second.To, second.Value, second.Mint));
        Assert.NotEqual(first.SourceHash, second.SourceHash);
        Assert.NotEqual(first.Hash, second.Hash);
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    private static async Task<Transaction> OnlyDepositAsync(ActorNet net)
    {
        List<Block> blocks = await net.Verifier.BlocksAsync(1, net.Verifier.Safe.Number);
        return blocks.SelectMany(static block => block.Transactions.Skip(1)).Single();
    }
}
