using Xunit.Abstractions;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>The journal's disk is full for a while: nothing is sent that is not recorded, the batcher says so, and it goes on by itself when there is room again.</summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task Nothing_is_sent_meanwhile_and_all_of_it_afterwards(bool atAppending)
    {
        await using var history = new CrashHistory(3, maxPending: 3);
        await WorkAsync(history, rounds: 4);
        await history.SettleAsync();
        for (int round = 0; round < 6; round++)
        {
            await history.TurnAsync();
            history.Mine();
        }

        if (atAppending) history.Disk.IsFull = true;
        else history.Disk.FailsToSync = true;
        int before = history.L1.Published;
        for (int round = 0; round < 10; round++)
        {
            history.Build(2);
            await history.TurnAsync();
            history.Mine();
        }

        Assert.Equal(before, history.L1.Published);
        Assert.False(history.Health.IsHealthy);
        Assert.Contains("disk", history.Health.Detail, StringComparison.Ordinal);

        (history.Disk.IsFull, history.Disk.FailsToSync) = (false, false);
        await history.SettleAsync();
        await history.TurnAsync();
        Assert.True(history.Health.IsHealthy, history.Health.Detail);
        Assert.Equal((0, 0), (history.Rollup.Duplicates(), history.Rollup.Repeats()));
    }

    [Fact]
    public async Task A_disk_that_is_full_again_and_again_costs_no_block_and_no_duplicate()
    {
        int days = 0, crashes = 0, timeouts = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            await using var history = new CrashHistory(seed, seed % 2 == 0 ? random.Next(20, 200) : null, maxPending: 1 + (seed % 3));
            for (int step = 0; step < 60; step++)
            {
                history.Build(random.Next(3));
                if (history.Disk.IsWell && random.Next(8) == 0)
                {
                    days++;
                    (history.Disk.IsFull, history.Disk.FailsToSync) = random.Next(3) switch { 0 => (true, false), 1 => (false, true), _ => (true, true) };
                }
                else if (random.Next(3) == 0)
                {
                    (history.Disk.IsFull, history.Disk.FailsToSync) = (false, false);
                }

                await history.TurnAsync();
                if (random.Next(3) > 0) history.Mine(0.8);
                await history.RestartIfDeadAsync(seed % 2 == 0 ? random.Next(20, 200) : null);
            }

            await history.SettleAsync();
            int again = history.Rollup.Repeats(); // a channel of which a part is on L1 times out, if the disk is full for long
            Assert.True(again <= history.Crashes + history.Status.Losses, $"seed {seed}: {again} channels posted again after {history.Crashes} crashes and {history.Status.Losses} losses; {history.Status.LastLoss}");
            Assert.True(history.Rollup.Duplicates() <= history.Crashes, $"seed {seed}: {history.Rollup.Duplicates()} duplicate channels after {history.Crashes} crashes");
            timeouts += history.Status.LastLoss?.Rule == LossRule.ChannelTimeout ? 1 : 0;
            Assert.True(history.Status.LastLoss?.Rule is null or LossRule.ChannelTimeout or LossRule.BehindMissingBlocks, $"seed {seed}: {history.Status.LastLoss}");
            crashes += history.Crashes;
        }

        output.WriteLine($"[count] 60 histories, the disk full {days} times, killed {crashes} times, {timeouts} timeouts");
        Assert.True(days > 200, $"{days}");
    }

    private static async Task WorkAsync(CrashHistory history, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            history.Build(2);
            await history.TurnAsync();
            history.Mine();
        }
    }
}
