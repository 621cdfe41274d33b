using System.Globalization;
using Xunit.Abstractions;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>The batcher dies at any instant, and every block becomes safe all the same, once.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    /// <summary>Random histories: OPAL_SOAK_BATCHER_CRASH.</summary>
    private static int Histories => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_BATCHER_CRASH"), CultureInfo.InvariantCulture, out int count) ? count : 200;

    /// <summary>The first seed: OPAL_SOAK_BATCHER_CRASH_FROM.</summary>
    private static int FirstSeed => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_BATCHER_CRASH_FROM"), CultureInfo.InvariantCulture, out int seed) ? seed : 0;

    private static async Task<CrashHistory> RunShortAsync(int seed, int? crashAt)
    {
        var history = new CrashHistory(seed, crashAt, maxPending: 3);
        for (int round = 0; round < 8; round++)
        {
            history.Build(2);
            await history.TurnAsync();
            history.Mine();
            await history.RestartIfDeadAsync(null);
        }

        return history;
    }

    [Fact]
    public async Task Killed_at_each_of_its_steps_it_posts_every_block_once()
    {
        int steps;
        await using (CrashHistory whole = await RunShortAsync(1, null)) steps = whole.Steps;
        Assert.True(steps > 100, $"{steps} steps");
        int duplicates = 0;
        for (int at = 1; at <= steps; at++)
        {
            await using CrashHistory history = await RunShortAsync(at, at);
            await history.SettleAsync();
            Assert.True(history.Rollup.Duplicates() <= 1, $"killed at step {at}: {history.Rollup.Duplicates()} duplicates");
            duplicates += history.Rollup.Duplicates();
        }

        output.WriteLine($"[count] killed at each of {steps} steps: {duplicates} duplicate channels");
        Assert.Equal(0, duplicates);
    }

    [Fact]
    public async Task Killed_again_and_again_under_load_with_L1_reorgs_it_leaves_no_gap()
    {
        int crashes = 0, duplicates = 0, reorgs = 0, withoutReorg = 0;
        for (int seed = FirstSeed; seed < FirstSeed + Histories; seed++)
        {
            var random = new Random(seed);
            await using var history = new CrashHistory(seed, random.Next(5, 200), maxPending: 1 + (seed % 3)) { FailureRate = seed % 4 == 0 || seed % 8 == 1 ? 0.1 : 0 };
            bool withReorgs = seed % 2 == 0;
            int own = 0;
            for (int step = 0; step < 60; step++)
            {
                history.Build(random.Next(3));
                history.Rollup.Lag = random.Next(3);
                await history.TurnAsync();
                if (random.Next(3) > 0) history.Mine(0.8);
                if (withReorgs && random.Next(12) == 0)
                {
                    history.Reorg(random.Next(1, 4), random.Next(3) / 2.0);
                    own++;
                }

                if (withReorgs && random.Next(25) == 0)
                {
                    history.Rollup.ReorgL2(random.Next(1, 4));
                    own++;
                }

                if (random.Next(30) == 0) history.L1.DropPool();
                await history.RestartIfDeadAsync(random.Next(5, 200));
            }

            await history.SettleAsync();
            int again = history.Rollup.Duplicates();
            Assert.True(again <= history.Crashes + own, $"seed {seed}: {again} duplicate channels after {history.Crashes} crashes and {own} reorgs");
            if (own == 0)
            {
                int repeats = history.Rollup.Repeats();
                Assert.True(repeats <= history.Crashes, $"seed {seed}: {repeats} channels posted again after {history.Crashes} crashes, and no reorg");
                withoutReorg += repeats;
            }

            (crashes, duplicates, reorgs) = (crashes + history.Crashes, duplicates + again, reorgs + own);
        }

        output.WriteLine($"[count] {Histories} histories, killed {crashes} times, {reorgs} reorgs: {duplicates} duplicate channels; {withoutReorg} channels posted again without a reorg");
        Assert.True(crashes > Histories, $"{crashes} crashes");
    }

    [Fact]
    public async Task What_failed_is_sent_again_before_what_comes_behind_it()
    {
        await using var history = new CrashHistory(0, maxPending: 3);
        history.Build(1);
        history.Flush();
        await history.TurnAsync();
        Assert.Equal(1, history.Status.InFlight);
        history.StealNonce(); // its frames have to go into another transaction, a second later
        history.Build(1);
        history.Flush();
        await history.TurnAsync();
        Assert.Equal(2, history.Status.ClosedChannels);
        await history.SettleAsync();
        Assert.Equal((0, 0), (history.Status.Losses, history.Rollup.Repeats()));
    }

    [Fact]
    public async Task A_channel_on_L1_before_the_one_it_builds_on_is_sent_again_and_its_rule_is_told()
    {
        await using var history = new CrashHistory(0, maxPending: 3);
        history.Rollup.Lag = 5; // the node reads both channels only when both are there
        for (int channel = 0; channel < 2; channel++)
        {
            history.Build(1);
            history.Flush();
            await history.TurnAsync();
        }

        Assert.Equal(2, history.Status.InFlight);
        history.StealNonce(); // the first channel's, and the second is mined
        for (int turn = 0; turn < 3; turn++)
        {
            await history.TurnAsync();
            history.Mine();
        }

        await history.SettleAsync();
        Assert.Equal((1, 0, 1), (history.Status.Losses, history.Rollup.Duplicates(), history.Rollup.Repeats()));
        Assert.Equal(LossRule.BehindMissingBlocks, history.Status.LastLoss!.Rule);
        Assert.Contains("whose blocks it builds on", history.Status.LastLoss.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_sends_alone_lose_nothing_and_post_nothing_twice()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            await using CrashHistory history = await RunLoadedAsync(seed, failureRate: 0.25, thefts: 0);
            Assert.True(history.Status.Losses == 0 && history.Rollup.Repeats() == 0, $"seed {seed}: {history.Status.Losses} losses, {history.Rollup.Repeats()} channels posted again; {history.Status.LastLoss}");
        }
    }

    [Fact]
    public async Task Stolen_nonces_break_the_order_and_every_loss_has_its_rule()
    {
        long losses = 0;
        int duplicates = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            await using CrashHistory history = await RunLoadedAsync(seed, failureRate: 0, thefts: 8);
            losses += history.Status.Losses;
            duplicates += history.Rollup.Duplicates();
        }

        output.WriteLine($"[count] 40 histories with stolen nonces: {losses} losses, {duplicates} duplicate channels");
        Assert.True(losses > 20, $"{losses} losses");
        Assert.Equal(0, duplicates);
    }

    /// <summary>An L2 reorg gives up channels of which a part still counts: what comes again of that part is on L1 twice.</summary>
    [Fact]
    public async Task What_it_counts_as_a_duplicate_is_one()
    {
        long counted = 0, reposts = 0;
        int real = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            await using var history = new CrashHistory(seed, maxPending: 3);
            for (int step = 0; step < 60; step++)
            {
                history.Build(random.Next(3));
                await history.TurnAsync();
                if (random.Next(3) > 0) history.Mine(0.8);
                if (random.Next(6) == 0) history.Rollup.ReorgL2(random.Next(1, 4));
            }

            await history.SettleAsync();
            for (int turn = 0; turn < 6; turn++)
            {
                history.Mine();
                await history.TurnAsync();
            }

            int duplicates = history.Rollup.Duplicates();
            Assert.True(history.Status.Duplicates == duplicates, $"seed {seed}: {history.Status.Duplicates} duplicates counted, and L1 holds {duplicates}");
            (counted, reposts, real) = (counted + history.Status.Duplicates, reposts + history.Status.Reposts, real + duplicates);
        }

        output.WriteLine($"[count] 40 histories with L2 reorgs: {real} duplicate channels, {counted} counted, {reposts} reposts");
        Assert.True(counted > 0 && reposts > counted, $"{counted} duplicates, {reposts} reposts");
    }

    /// <summary>A batcher under load that nobody kills.</summary>
    /// <param name="seed">What happens when.</param>
    /// <param name="failureRate">How often sending fails.</param>
    /// <param name="thefts">Every how many steps, about, another program takes a nonce; 0 never.</param>
    private static async Task<CrashHistory> RunLoadedAsync(int seed, double failureRate, int thefts)
    {
        var random = new Random(seed);
        var history = new CrashHistory(seed, maxPending: 1 + (seed % 3)) { FailureRate = failureRate };
        for (int step = 0; step < 60; step++)
        {
            history.Build(random.Next(3));
            await history.TurnAsync();
            if (random.Next(3) > 0) history.Mine(0.8);
            if (thefts > 0 && random.Next(thefts) == 0) history.StealNonce();
            if (random.Next(15) == 0) history.L1.DropPool();
            Assert.NotEqual(LossRule.Unknown, history.Status.LastLoss?.Rule);
        }

        await history.SettleAsync();
        return history;
    }
}
