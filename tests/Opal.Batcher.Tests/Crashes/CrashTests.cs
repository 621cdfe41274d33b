using System.Globalization;
using Xunit.Abstractions;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>The batcher dies at any instant, and every block becomes safe all the same, once.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    /// <summary>Random histories: OPAL_SOAK_BATCHER_CRASH.</summary>
    private static int Histories => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_BATCHER_CRASH"), CultureInfo.InvariantCulture, out int count) ? count : 200;

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
        for (int seed = 0; seed < Histories; seed++)
        {
            var random = new Random(seed);
            await using var history = new CrashHistory(seed, random.Next(5, 200), maxPending: 1 + (seed % 3)) { FailureRate = seed % 4 == 0 ? 0.1 : 0 };
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
            if (own == 0) withoutReorg += again;
            (crashes, duplicates, reorgs) = (crashes + history.Crashes, duplicates + again, reorgs + own);
        }

        output.WriteLine($"[count] {Histories} histories, killed {crashes} times, {reorgs} reorgs: {duplicates} duplicate channels, {withoutReorg} of them without a reorg");
        Assert.True(crashes > Histories, $"{crashes} crashes");
    }
}
