using System.Globalization;

namespace Opal.Proposer.Tests;

/// <summary>Crashes, restarts, reorgs of L1 and strangers, in random order: no proposal is made twice, none too soon, and none is missing in the end.</summary>
public sealed class RandomHistories : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10), Poll = TimeSpan.FromSeconds(12), Patience = TimeSpan.FromDays(1); // everything is mined in time
    private static readonly int Histories = int.Parse(Environment.GetEnvironmentVariable("OPAL_SOAK_PROPOSER") ?? "100", CultureInfo.InvariantCulture);

    private readonly string _folder = Directory.CreateTempSubdirectory("opal-proposer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Every_history_ends_with_the_proposals_it_should(bool games, bool journal)
    {
        for (int seed = 0; seed < Histories; seed++) await RunAsync(seed, games, journal);
    }

    private async Task RunAsync(int seed, bool games, bool journal)
    {
        var random = new Random(seed);
        var world = new World();
        string? file = journal ? Path.Combine(_folder, $"{games}-{seed}.json") : null;
        ProposerOptions options = games
            ? new ProposerOptions { GameFactory = World.Factory, ProposalInterval = Interval, JournalFile = file, UnknownTransactionPatience = Patience }
            : new ProposerOptions { OutputOracle = World.Oracle, JournalFile = file, UnknownTransactionPatience = Patience };
        ProposerService proposer = world.Make(options);
        for (int step = 0; step < 120; step++)
        {
            switch (random.Next(10))
            {
                case 0:
                    world.Crash = (World.CrashPoint)random.Next(1, 4);
                    break;
                case 1:
                    await proposer.DisposeAsync();
                    proposer = world.Make(options);
                    break;
                case 2:
                    world.Reorg(random.Next(1, 3), returned: random.Next(2) == 0);
                    break;
                case 3 when games:
                    world.AddGame(World.Stranger, world.Finalized, World.RootOf(world.Finalized, (ulong)random.Next(2) * 7));
                    break;
                case 4 or 5:
                    world.Mine();
                    break;
                default:
                    world.Time.Advance(Poll * random.Next(1, 20));
                    world.Finalized += (ulong)random.Next(0, 12);
                    break;
            }

            world.L1Head++;
            world.CurrentL1 = world.L1Head - 1;
            try
            {
                while (await proposer.TryProposeAsync(default))
                {
                    // as the loop does
                }
            }
            catch (World.CrashException)
            {
                world.Crash = World.CrashPoint.None;
                await proposer.DisposeAsync();
                proposer = world.Make(options);
            }
            catch (ProposalException)
            {
                // tried again
            }

            Check(world, games, $"seed {seed}, step {step}");
        }

        // left alone, it ends where it should
        world.Crash = World.CrashPoint.None;
        world.Finalized += 25;
        for (int i = 0; i < 80; i++)
        {
            world.Mine();
            world.Time.Advance(Poll);
            world.CurrentL1 = world.L1Head - 1;
            try
            {
                while (await proposer.TryProposeAsync(default))
                {
                    // as the loop does
                }
            }
            catch (ProposalException)
            {
                // tried again
            }
        }

        Check(world, games, $"seed {seed}, at the end");
        await proposer.DisposeAsync();
        Assert.True(world.Pool.Count == 0, $"seed {seed}: L1 is at nonce {world.Nonce}, and in its pool are {string.Join(" ", world.Pool.Select(static p => $"{p.Key}:{p.Value.Proposal.L2Block}"))}");
        if (games) Assert.Equal(world.Finalized, world.Accepted[^1].L2Block);
        else Assert.True(world.NextBlock > world.Finalized);
        Assert.False(file is not null && File.Exists(file));
    }

    private static void Check(World world, bool games, string where)
    {
        ulong[] blocks = [.. world.Accepted.Select(static proposal => proposal.L2Block)];
        Assert.True(blocks.SequenceEqual(blocks.Distinct().Order()), $"{where}: blocks {string.Join(' ', blocks)}");
        if (!games) return;
        // a reorg can put several into one block, so it counts when they were sent
        DateTimeOffset[] sent = [.. blocks.Select(block => world.FirstPublished[block])];
        for (int i = 1; i < sent.Length; i++) Assert.True(sent[i] - sent[i - 1] >= Interval, $"{where}: games sent at {string.Join(' ', sent.Select(static t => t.ToString("mm:ss", CultureInfo.InvariantCulture)))}");
    }
}
