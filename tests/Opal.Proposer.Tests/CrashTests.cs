using Microsoft.Extensions.Logging;
using Opal.Primitives;

namespace Opal.Proposer.Tests;

/// <summary>The proposer dies between sending and the receipt: whatever L1 has seen, there is one proposal in the end.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-proposer").FullName;

    private string Journal => Path.Combine(_folder, "proposal.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, bool> Crashes()
    {
        var data = new TheoryData<string, bool>();
        foreach (World.CrashPoint point in Enum.GetValues<World.CrashPoint>())
        {
            if (point == World.CrashPoint.None) continue;
            data.Add(point.ToString(), true);
            data.Add(point.ToString(), false);
        }

        return data;
    }

    private ProposerService Make(World world, bool games) => games
        ? world.MakeForGames(journal: Journal)
        : world.Make(new ProposerOptions { OutputOracle = World.Oracle, JournalFile = Journal });

    [Theory, MemberData(nameof(Crashes))]
    public async Task With_a_journal_the_same_transaction_is_taken_up(string point, bool games)
    {
        var world = new World { Crash = Enum.Parse<World.CrashPoint>(point) };
        await using (ProposerService first = Make(world, games)) await Assert.ThrowsAsync<World.CrashException>(() => first.TryProposeAsync(default));
        Assert.True(File.Exists(Journal));
        world.Crash = World.CrashPoint.None;
        world.Finalized = 35; // a newer block could be proposed, and must not
        await using ProposerService second = Make(world, games);
        Assert.True(await second.TryProposeAsync(default));
        Assert.False(await second.TryProposeAsync(default));
        Proposal accepted = Assert.Single(world.Accepted);
        Assert.Equal(games ? 30UL : 20UL, accepted.L2Block);
        Assert.All(world.Published, published => Assert.Equal(accepted.Data, published.Data));
        Assert.Equal(1UL, world.Nonce);
        Assert.False(File.Exists(Journal));
    }

    [Theory, MemberData(nameof(Crashes))]
    public async Task Without_a_journal_what_waits_in_the_pool_is_waited_for(string point, bool games)
    {
        var world = new World { Crash = Enum.Parse<World.CrashPoint>(point) };
        ProposerOptions options = games ? new() { GameFactory = World.Factory } : new() { OutputOracle = World.Oracle };
        await using (ProposerService first = world.Make(options)) await Assert.ThrowsAsync<World.CrashException>(() => first.TryProposeAsync(default));
        world.Crash = World.CrashPoint.None;
        world.Finalized = 35;
        await using ProposerService second = world.Make(options);
        bool proposed = await second.TryProposeAsync(default);
        Assert.Equal(point == nameof(World.CrashPoint.BeforePublishing), proposed); // then L1 knows of nothing, and nothing can come of it
        world.Mine();
        Assert.False(await second.TryProposeAsync(default));
        Assert.Single(world.Accepted);
        Assert.Equal(1UL, world.Nonce);
    }

    [Fact]
    public async Task Without_a_journal_what_is_never_mined_is_replaced_in_the_end()
    {
        var world = new World { Crash = World.CrashPoint.AfterPublishing };
        await using (ProposerService first = world.MakeForGames()) await Assert.ThrowsAsync<World.CrashException>(() => first.TryProposeAsync(default));
        world.Crash = World.CrashPoint.None;
        world.Finalized = 35;
        await using ProposerService second = world.MakeForGames();
        Assert.False(await second.TryProposeAsync(default));
        world.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(await second.TryProposeAsync(default));
        Assert.Equal(35UL, Assert.Single(world.Accepted).L2Block);
    }

    [Fact]
    public async Task A_proposal_on_its_way_that_the_node_no_longer_stands_by_is_replaced()
    {
        var world = new World { Crash = World.CrashPoint.AfterPublishing };
        await using (ProposerService first = world.MakeForGames(journal: Journal)) await Assert.ThrowsAsync<World.CrashException>(() => first.TryProposeAsync(default));
        world.Crash = World.CrashPoint.None;
        world.Node = world.MakeNode("node", 2); // L2 was reorganised
        await using ProposerService second = world.MakeForGames(journal: Journal);
        Assert.True(await second.TryProposeAsync(default));
        Proposal accepted = Assert.Single(world.Accepted);
        Assert.Equal(World.RootOf(30, 2), accepted.OutputRoot);
        Assert.Empty(world.Pool);
    }

    [Fact]
    public async Task A_journal_of_another_contract_is_forgotten_and_a_damaged_one_is_named()
    {
        var world = new World { Crash = World.CrashPoint.AfterMining };
        await using (ProposerService first = world.Make(new ProposerOptions { OutputOracle = World.Oracle, JournalFile = Journal })) await Assert.ThrowsAsync<World.CrashException>(() => first.TryProposeAsync(default));
        world.Crash = World.CrashPoint.None;
        await using (ProposerService second = world.MakeForGames(journal: Journal)) Assert.True(await second.TryProposeAsync(default));
        Assert.Equal([20UL, 30UL], world.Accepted.Select(p => p.L2Block));

        File.WriteAllText(Journal, "{");
        await using ProposerService third = world.MakeForGames(journal: Journal);
        Assert.Contains(Journal, (await Assert.ThrowsAsync<IOException>(() => third.CheckAsync(default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_written_keeps_the_proposal_from_L1()
    {
        var world = new World();
        await using ProposerService proposer = world.MakeForGames(journal: Path.Combine(_folder, "absent", "proposal.json"));
        await Assert.ThrowsAnyAsync<IOException>(() => proposer.TryProposeAsync(default));
        Assert.Empty(world.Published);
        Assert.False(proposer.Health.IsHealthy);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_L1_s_pool_lost_and_that_would_revert_now_is_forgotten(bool games)
    {
        var world = new World { Crash = World.CrashPoint.AfterPublishing };
        await using (ProposerService first = Make(world, games)) await Assert.ThrowsAsync<World.CrashException>(() => first.TryProposeAsync(default));
        world.Crash = World.CrashPoint.None;
        world.LosePool();
        world.AddGame(World.Stranger, 30, World.RootOf(30));
        world.NextBlock = 40;
        (world.Safe, world.Finalized) = (60, 45);
        await using ProposerService second = Make(world, games);
        Assert.True(await second.TryProposeAsync(default).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(games ? 45UL : 40UL, Assert.Single(world.Accepted).L2Block);
        Assert.Contains(world.Log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("would revert", StringComparison.Ordinal));
        Assert.False(File.Exists(Journal));
    }

    [Fact]
    public async Task A_journaled_game_of_another_type_is_not_made()
    {
        var world = new World { Crash = World.CrashPoint.BeforePublishing };
        await using (ProposerService first = world.MakeForGames(type: 0, journal: Journal)) await Assert.ThrowsAsync<World.CrashException>(() => first.TryProposeAsync(default));
        world.Crash = World.CrashPoint.None;
        await using ProposerService second = world.MakeForGames(type: 1, journal: Journal);
        Assert.True(await second.TryProposeAsync(default));
        Assert.Equal(1U, Assert.Single(world.Games).Type);
    }

    [Fact]
    public async Task Whatever_the_journal_s_file_does_the_loop_goes_on()
    {
        var world = new World();
        Directory.CreateDirectory(Journal + ".tmp"); // to write there is "access denied", which is no IOException
        await using ProposerService proposer = world.MakeForGames(journal: Journal);
        proposer.Start();
        await LoopTests.UntilAsync(world, () => proposer.Status.Trouble.Length > 0, TimeSpan.Zero);
        Assert.False(proposer.Health.IsHealthy);
        Assert.Empty(world.Published);
        Directory.Delete(Journal + ".tmp");
        await LoopTests.UntilAsync(world, () => world.Accepted.Count == 1, TimeSpan.FromSeconds(3));
    }
}
