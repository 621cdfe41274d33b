using System.Diagnostics;
using System.Globalization;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Xunit.Abstractions;

namespace Opal.ActionTests;

/// <summary>A sequencer that finds thousands of its blocks in one batch goes on making blocks meanwhile. The loops run as in production; the clock follows the real one.</summary>
public sealed class SequencerUnderLoad(ITestOutputHelper output)
{
    [Fact]
    public async Task A_huge_batch_delays_no_block()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("OPAL_SOAK_SEQUENCER_SPAN") ?? "600", CultureInfo.InvariantCulture);
        await using ActorNet net = await ActorNet.StartAsync(
            OptimismFork.Jovian, config => config with { BlockTimeSeconds = 1, SequencingWindowSize = 3600 }, new SequencerOptions { Enabled = true, L1Confirmations = 0 });
        net.L1.MineEmpty((count / 12) + 2);
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < count; i++)
        {
            if (i % 10 == 0) await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
            await net.Sequencer.BuildAsync();
        }

        output.WriteLine($"{count} blocks made in {clock.Elapsed.TotalSeconds:F1} s");
        net.Batcher.Form = BatchForm.Span;
        L1Item[] items = await net.Batcher.SubmitAllAsync();
        net.L1.Mine(items);

        // from here on as in production, at the pace of the real clock
        ulong safeTarget = net.Sequencer.Unsafe.Number;
        DateTimeOffset began = net.Time.GetUtcNow();
        var gaps = new List<TimeSpan>();
        RollupNode node = net.Sequencer.Node;
        clock.Restart();
        await node.StartAsync(default);
        ulong seen = node.Status.UnsafeL2.Number;
        TimeSpan last = TimeSpan.Zero;
        while ((node.Status.SafeL2.Number < safeTarget || gaps.Count < 4) && clock.Elapsed < TimeSpan.FromMinutes(5))
        {
            net.Time.Set(began + clock.Elapsed);
            if (node.Status.UnsafeL2.Number > seen)
            {
                seen = node.Status.UnsafeL2.Number;
                gaps.Add(clock.Elapsed - last); // the first counts from the start, when the last block was just made
                last = clock.Elapsed;
            }

            await Task.Delay(1);
        }

        await node.StopAsync();
        TimeSpan largest = gaps.Max();
        output.WriteLine($"largest gap {largest.TotalMilliseconds:F0} ms of {gaps.Count}; safe head at {node.Status.SafeL2.Number} after {clock.Elapsed.TotalSeconds:F1} s, {items.Length} frames");
        Assert.True(node.Status.SafeL2.Number >= safeTarget, $"safe {node.Status.SafeL2.Number} of {safeTarget}\n{net.Sequencer.Log}");
        Assert.True(largest < TimeSpan.FromSeconds(3), $"largest gap between blocks: {largest}"); // loose: machines that run tests are busy
    }
}
