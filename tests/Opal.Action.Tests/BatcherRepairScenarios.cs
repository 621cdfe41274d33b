using Opal.Batcher;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Channels that L1 or the protocol made nothing of: the batcher says by which rule, and posts what is needed again.</summary>
public sealed class BatcherRepairScenarios
{
    private static readonly BatcherOptions s_options = new()
    {
        BatchInbox = TestRollup.Inbox, PollInterval = TimeSpan.FromMilliseconds(5), MaxChannelDurationBlocks = 1000, SequencingWindowBlocks = 12, ChannelTimeoutBlocks = 8, SubSafetyMarginBlocks = 0,
    };

    /// <summary>Cuts a channel of some blocks into several frames, each in a transaction of its own.</summary>
    private static readonly BatcherOptions s_pieces = s_options with { MaxL1TransactionBytes = 350, TargetFrames = 4, MaxPendingTransactions = 4 };

    private static async Task<ServiceBatcher> PostAsync(ActorNet net, BatcherOptions options, int blocks, int transactions)
    {
        await net.SequenceAsync(blocks);
        var batcher = new ServiceBatcher(net, options);
        await batcher.UntilAsync(() => batcher.Status.PendingBlocks == blocks);
        batcher.Flush();
        await batcher.UntilAsync(() => batcher.Sent >= transactions);
        return batcher;
    }

    /// <summary>Mines, derives and lets the batcher look until the verifier has all blocks; gives how many L1 blocks that took.</summary>
    private static async Task<int> UntilWholeAsync(ActorNet net, ServiceBatcher batcher, int atMost = 12)
    {
        for (int blocks = 0; ; blocks++)
        {
            await net.Sequencer.SyncAsync();
            await net.Verifier.SyncAsync();
            if (net.Verifier.Safe.Number >= net.Sequencer.Unsafe.Number)
            {
                await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
                return blocks;
            }

            Assert.True(blocks < atMost, $"safe {net.Verifier.Safe.Number} of {net.Sequencer.Unsafe.Number}: {batcher.Status}");
            for (int i = 0; i < 20 && batcher.Sent == 0; i++) await Task.Delay(10);
            batcher.Mine();
        }
    }

    /// <summary>L1 and the sequencer go on until the sequencer has left its recovery and the safe head has caught up.</summary>
    private static async Task RecoverAsync(ActorNet net, ServiceBatcher batcher)
    {
        for (int round = 0; round == 0 || net.Sequencer.Node.Driver.IsRecovering || net.Verifier.Safe.L1Origin.Number + 4 < net.L1.Head.Number; round++)
        {
            Assert.True(round < 40, $"safe {net.Verifier.Safe}, unsafe {net.Sequencer.Unsafe}, L1 {net.L1.Head.Number}: {batcher.Status}");
            for (int i = 0; i < 20 && batcher.Sent == 0; i++) await Task.Delay(10);
            batcher.Mine();
            await net.Sequencer.BuildToL1HeadAsync();
            await net.Verifier.SyncAsync();
        }
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BA-13")]
    public async Task A_channel_reorganised_out_is_sent_again_under_its_nonce(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await using ServiceBatcher batcher = await PostAsync(net, s_options, 3, 1);
        batcher.Mine();
        await net.Sequencer.SyncAsync();
        Assert.Equal(3ul, net.Sequencer.Safe.Number);
        net.L1.MineEmpty(1);
        await net.Sequencer.SyncAsync();
        await batcher.UntilAsync(() => batcher.Status is { Transactions: 1, SafeLag: 0 });

        net.L1.Reorg(2);
        net.L1.MineEmpty(4);
        await net.Sequencer.SyncAsync();
        Assert.Equal(0ul, net.Sequencer.Safe.Number);
        await batcher.UntilAsync(() => batcher.Sent == 1);
        Assert.Equal(LossRule.ReorgedOut, batcher.Status.LastLoss!.Rule);
        Assert.InRange(await UntilWholeAsync(net, batcher), 1, 2);
        Assert.Equal(1, batcher.Transactions); // the very same
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BA-14")]
    public async Task A_channel_completed_too_late_is_built_anew(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, static config => config with { SequencingWindowSize = 40 });
        await using ServiceBatcher batcher = await PostAsync(net, s_pieces with { SequencingWindowBlocks = 40 }, 4, 2);
        batcher.Mine(static waiting => waiting.Take(1));
        net.L1.MineEmpty(9);
        await net.Sequencer.SyncAsync();
        await batcher.UntilAsync(() => batcher.Status.Losses == 1);
        Assert.Equal(LossRule.ChannelTimeout, batcher.Status.LastLoss!.Rule);
        await batcher.UntilAsync(() => batcher.Sent >= 2);
        Assert.InRange(await UntilWholeAsync(net, batcher), 1, 2);
    }

    [Fact]
    [Case("S-BA-15")]
    public async Task Frames_in_another_order_are_found_out_and_sent_again()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Karst);
        await using ServiceBatcher batcher = await PostAsync(net, s_pieces, 4, 2);
        batcher.Mine(static waiting => waiting.Reverse());
        net.L1.MineEmpty(1);
        await net.Sequencer.SyncAsync();
        await batcher.UntilAsync(() => batcher.Status.Losses == 1);
        Assert.Equal(LossRule.FramesOutOfOrder, batcher.Status.LastLoss!.Rule);
        await batcher.UntilAsync(() => batcher.Sent >= 2);
        Assert.InRange(await UntilWholeAsync(net, batcher), 1, 2);
    }

    [Fact]
    [Case("S-BA-16")]
    public async Task With_another_batcher_in_the_SystemConfig_nothing_is_posted_until_it_is_ours_again()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Karst);
        TestAccount other = new("rival");
        net.L1.Mine(new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, L1Logs.Batcher(other.Address)));
        await using ServiceBatcher batcher = await PostAsync(net, s_options, 3, 1);
        batcher.Batcher = other.Address;
        batcher.Mine();
        net.L1.MineEmpty(1);
        await net.Sequencer.SyncAsync();
        await batcher.UntilAsync(() => batcher.Status.Trouble.Contains($"{other.Address}", StringComparison.Ordinal));
        Assert.Equal(LossRule.NotTheBatcher, batcher.Status.LastLoss!.Rule);
        net.L1.MineEmpty(2);
        await net.Sequencer.SyncAsync();
        await Task.Delay(50);
        Assert.Equal(1, batcher.Transactions);

        net.L1.Mine(new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.SystemConfigContract), true, L1Logs.Batcher(batcher.Sender)));
        batcher.Batcher = batcher.Sender;
        await batcher.UntilAsync(() => batcher.Sent == 1);
        Assert.InRange(await UntilWholeAsync(net, batcher), 1, 2);
        Assert.Equal("", batcher.Status.Trouble);
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BA-17")]
    public async Task A_channel_mined_after_its_window_is_explained_and_the_chain_goes_on(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await using ServiceBatcher batcher = await PostAsync(net, s_options with { MaxChannelDurationBlocks = 1 }, 3, 1);
        net.L1.MineEmpty(13);
        batcher.Mine();
        net.L1.MineEmpty(1);
        net.Time.Advance(TimeSpan.FromSeconds(15 * 12));
        await batcher.UntilAsync(() => batcher.Status.Transactions == 1);
        await net.Sequencer.SyncAsync();
        await batcher.UntilAsync(() => batcher.Status.Losses == 1);
        Assert.Equal(LossRule.SequencingWindow, batcher.Status.LastLoss!.Rule);
        await RecoverAsync(net, batcher);
        await UntilWholeAsync(net, batcher);
    }

    [Theory]
    [InlineData(OptimismFork.Granite, BatchType.Singular)]
    [InlineData(OptimismFork.Karst, BatchType.Singular)]
    [InlineData(OptimismFork.Karst, BatchType.Span)]
    [Case("S-BA-18")]
    public async Task Away_for_longer_than_the_window_under_load_it_makes_the_chain_whole_by_itself(OptimismFork fork, BatchType type)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork); // window: 12 L1 blocks
        BatcherOptions options = s_options with { BatchType = type, MaxChannelDurationBlocks = 1 };
        net.L1.MineEmpty(1);
        await net.RoundAsync();

        // no batcher; users go on
        for (int i = 0; i < 20; i++)
        {
            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, Primitives.UInt256.One));
            net.L1.MineEmpty(1);
            await net.Sequencer.BuildToL1HeadAsync();
        }

        Assert.True(net.Sequencer.Node.Driver.IsRecovering);

        // it is back, and L1 and the sequencer go on
        await using var batcher = new ServiceBatcher(net, options);
        await RecoverAsync(net, batcher);

        // users' transactions are taken again and become safe
        net.Alice.RewindNonce(TestRollup.L2ChainId, 0);
        await net.Sequencer.SendAsync(net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, Primitives.UInt256.One));
        ulong from = net.Sequencer.Unsafe.Number + 1;
        await net.Sequencer.BuildAsync(2);
        await UntilWholeAsync(net, batcher);
        Assert.Contains(await net.Verifier.BlocksAsync(from, net.Verifier.Safe.Number), static block => block.Transactions.Length > 1);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }
}
