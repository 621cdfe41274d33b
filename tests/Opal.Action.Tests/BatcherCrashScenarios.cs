using Microsoft.Extensions.Logging.Abstractions;
using Opal.Batcher;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>The product's batcher killed and started again over its journal on disk, with L1 reorganised meanwhile.</summary>
public sealed class BatcherCrashScenarios : IDisposable
{
    private static readonly BatcherOptions s_options = new()
    {
        BatchInbox = TestRollup.Inbox, PollInterval = TimeSpan.FromMilliseconds(5), MaxChannelDurationBlocks = 1, SequencingWindowBlocks = 60, ChannelTimeoutBlocks = 20, SubSafetyMarginBlocks = 0,
        MaxL1TransactionBytes = 600, TargetFrames = 2, MaxPendingTransactions = 2,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("opal-batcher-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private BatcherJournal Open(ActorNet net) => BatcherJournal.Open(
        _folder, new JournalIdentity(TestRollup.L1ChainId, TestRollup.L2ChainId, TestRollup.Inbox, net.Batcher.Account.Address), TimeProvider.System, NullLogger.Instance);

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BA-19")]
    public async Task Killed_with_transactions_on_their_way_it_takes_them_up_and_sends_nothing_twice(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        var sent = new ServiceBatcher.SentItems();
        await net.SequenceAsync(6);
        await using (var first = new ServiceBatcher(net, s_options, Open(net), sent))
        {
            await first.UntilAsync(() => first.Status.PendingBlocks == 6);
            net.L1.MineEmpty(2);
            await net.Sequencer.SyncAsync();
            await first.UntilAsync(() => first.Sent == 2);
        }

        int transactions = sent.Count;
        await using var second = new ServiceBatcher(net, s_options, Open(net), sent);
        for (int i = 0; net.Verifier.Safe.Number < 6; i++)
        {
            Assert.True(i < 10, $"{second.Status}");
            await second.UntilAsync(() => second.Sent > 0);
            Assert.True(second.Status.ClosedChannels == 0 || sent.Count >= transactions);
            second.Mine();
            await net.Sequencer.SyncAsync();
            await net.Verifier.SyncAsync();
        }

        await net.AssertSafeAsync(6);
        Assert.Equal(0, second.Status.ClosedChannels); // all of it was in the journal
        Assert.Equal(0, second.Status.Losses);
    }

    [Theory]
    [InlineData(OptimismFork.Granite, 1)]
    [InlineData(OptimismFork.Karst, 2)]
    [InlineData(OptimismFork.Karst, 3)]
    [Case("S-BA-20")]
    public async Task Killed_again_and_again_with_L1_reorgs_every_block_becomes_safe(OptimismFork fork, int seed)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, static config => config with { SequencingWindowSize = 60, ChannelTimeoutGraniteBlocks = 20 });
        var random = new Random(seed);
        var sent = new ServiceBatcher.SentItems();
        int kills = 0;
        for (int life = 0; life < 8; life++)
        {
            await using (var batcher = new ServiceBatcher(net, s_options, Open(net), sent))
            {
                for (int step = random.Next(1, 4); step > 0; step--)
                {
                    await net.SequenceAsync(random.Next(1, 4));
                    await Task.Delay(random.Next(30));
                    batcher.Mine(waiting => waiting.Take(random.Next(3)));
                    await net.Sequencer.SyncAsync();
                }

                await Task.Delay(random.Next(30));
            }

            kills++;
            if (random.Next(2) != 0) continue;
            int depth = random.Next(1, 3);
            if (net.L1.Head.Number <= (ulong)depth) continue;
            net.L1.Reorg(depth);
            net.L1.MineEmpty(depth + 1);
            await net.Sequencer.SyncAsync();
        }

        await using var last = new ServiceBatcher(net, s_options, Open(net), sent);
        for (int i = 0; net.Verifier.Safe.Number < net.Sequencer.Unsafe.Number; i++)
        {
            Assert.True(i < 40, $"safe {net.Verifier.Safe.Number} of {net.Sequencer.Unsafe.Number} after {kills} kills: {last.Status}");
            for (int wait = 0; wait < 10 && last.Sent == 0; wait++) await Task.Delay(10);
            last.Mine();
            await net.Sequencer.SyncAsync();
            await net.Verifier.SyncAsync();
        }

        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
    }
}
