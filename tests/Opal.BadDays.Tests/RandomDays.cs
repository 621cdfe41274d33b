using System.Globalization;
using Opal.Primitives;
using Xunit.Abstractions;

namespace Opal.BadDays.Tests;

/// <summary>Days on which several things go wrong in random order. OPAL_SOAK_BADDAYS sets how many days there are.</summary>
public sealed class RandomDays(ITestOutputHelper output)
{
    private const int Steps = 30;

    /// <summary>A blob base fee that public networks have seen.</summary>
    private static readonly UInt256 s_highestBlobFee = new UInt256(1_000_000_000) * 500UL;

    /// <summary>L2 blocks that may be on their way at once, at most: those of some minutes of a halted L1.</summary>
    private const int MostPosted = 200;

    private static int Days(int usual) => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_BADDAYS"), CultureInfo.InvariantCulture, out int days) && days > 0 ? days : usual;

    [Theory]
    [InlineData(Worlds.Embedded, 2), InlineData(Worlds.Anvil, 1)]
    public async Task Whatever_happens_every_block_becomes_safe(string l1, int usual)
    {
        int days = Days(usual);
        for (int seed = 1; seed <= days; seed++) await DayAsync(l1, seed);
        output.WriteLine($"[count] bad days on {l1}: {days}");
    }

    private static async Task DayAsync(string l1, int seed)
    {
        var random = new Random(seed);
        var options = new BadDayOptions { Blobs = random.Next(3) == 0, MaxPending = 1 + random.Next(3) };
        await using BadDay day = await BadDay.StartAsync(await Worlds.StartAsync(l1), options);
        var story = new List<string>();
        try
        {
            int setbacks = 0;
            for (int i = 0; i < Steps; i++) setbacks += await GoWrongAsync(day, random, options, story) ? 1 : 0;
            day.L1.IsBusy = day.L1.IsBusyWithBlobs = day.L1.Provider.IsDown = false;
            day.L1.Provider.Loses = 0;
            // what was taken away is posted again, and what reached L1 before it with it
            await day.EndsWellAsync(Strangers.Ether * 20UL, mostSteps: 80, duplicateBlocks: setbacks * MostPosted, gaps: setbacks * MostPosted);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"day {seed} on {l1} ({options}):\n{string.Join('\n', story)}\n{error.Message}", error);
        }
    }

    /// <summary>One thing happens, and a step passes. True: channels behind another may have reached L1 without it, by a reorg deeper than what counts as confirmed, or by a nonce stolen from one of several.</summary>
    private static async Task<bool> GoWrongAsync(BadDay day, Random random, BadDayOptions options, List<string> story)
    {
        bool isSetback = false;
        string what = "nothing";
        switch (random.Next(12))
        {
            case 0:
                day.L1.IsBusy = !day.L1.IsBusy;
                what = $"busy {day.L1.IsBusy}";
                break;
            case 1:
                day.L1.Provider.Loses = random.Next(4);
                what = $"the provider loses {day.L1.Provider.Loses}";
                break;
            case 2:
                foreach (Hash256 pending in await day.PendingAsync()) await day.L1.DropFromPoolAsync(pending);
                what = "the pool is emptied";
                break;
            case 3 when !options.Blobs: // an ordinary transaction does not replace a blob transaction
                await day.StepAsync(mine: false);
                await day.StealNonceAsync();
                (what, isSetback) = ("a nonce is stolen", options.MaxPending > 1);
                break;
            case 4 when await day.L1.Truth.BlockNumberAsync() > 5:
                await day.L1.ReorgAsync(1, returnTransactions: random.Next(2) == 0);
                what = "reorg of 1";
                break;
            case 5 when await day.L1.Truth.BlockNumberAsync() > 5:
                await day.L1.ReorgAsync(3, returnTransactions: random.Next(2) == 0);
                (what, isSetback) = ("reorg of 3", true);
                break;
            case 6:
                day.L1.Provider.IsDown = true;
                await day.StepsAsync(random.Next(1, 4));
                day.L1.Provider.IsDown = false;
                what = "the provider was down";
                break;
            case 7:
                await day.StepsAsync(random.Next(1, 20), mine: false);
                what = "L1 halted";
                break;
            case 8 when options.Blobs:
                day.L1.IsBusyWithBlobs = true;
                for (int steps = random.Next(1, 15); steps > 0 && await day.L1.BlobBaseFeeAsync() < s_highestBlobFee; steps--) await day.StepAsync();
                day.L1.IsBusyWithBlobs = false;
                what = "blob space was full";
                break;
        }

        await day.Inbox.FollowAsync();
        await day.StepAsync(random.Next(12));
        story.Add($"{what}; safe {day.Rollup.Safe} of {day.Rollup.Unsafe}");
        return isSetback;
    }
}
