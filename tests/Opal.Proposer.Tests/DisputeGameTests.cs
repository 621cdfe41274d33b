using Microsoft.Extensions.Logging;
using Opal.Primitives;

namespace Opal.Proposer.Tests;

public sealed class DisputeGameTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_game_is_created_with_its_bond_and_then_not_before_the_interval()
    {
        var world = new World();
        await using ProposerService proposer = world.MakeForGames(type: 1);
        Assert.True(await proposer.TryProposeAsync(default));
        Proposal sent = Assert.Single(world.Published);
        Assert.Equal((World.Factory, (UInt256)80UL), (sent.To, sent.Value));
        Assert.Equal("0x82ecf2f6", Hex.Encode(sent.Data.AsSpan(0, 4))); // create(uint32,bytes32,bytes)
        Assert.Equal(1UL, UInt256.FromBigEndian(sent.Data.AsSpan(4, 32)).U0);
        Assert.Equal(30UL, UInt256.FromBigEndian(sent.Data.AsSpan(4 + (32 * 4), 32)).U0);

        world.Finalized = 45;
        world.Time.Advance(Hour - TimeSpan.FromSeconds(1));
        Assert.False(await proposer.TryProposeAsync(default));
        Assert.Equal(World.Start + Hour, proposer.Status.NextAt);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Equal([30UL, 45UL], world.Accepted.Select(p => p.L2Block));
    }

    [Fact]
    public async Task The_interval_is_kept_over_a_restart_whatever_strangers_make_in_between()
    {
        var world = new World();
        await using (ProposerService first = world.MakeForGames()) Assert.True(await first.TryProposeAsync(default));
        for (ulong i = 0; i < 150; i++)
        {
            world.AddGame(World.Stranger, 31 + i, World.RootOf(i, 5));
            world.AddGame(world.Sender, 31 + i, World.RootOf(i, 6), type: 8); // another type is another matter
        }

        world.Finalized = 45;
        world.Time.Advance(Hour / 2);
        await using ProposerService second = world.MakeForGames();
        Assert.False(await second.TryProposeAsync(default));
        Assert.Equal((30UL, World.Start + Hour), (second.Status.LastL2Block, second.Status.NextAt));
        world.Time.Advance(Hour / 2);
        Assert.True(await second.TryProposeAsync(default));
    }

    [Fact]
    public async Task A_game_by_another_proposer_of_the_same_key_counts()
    {
        var world = new World();
        await using ProposerService proposer = world.MakeForGames();
        Assert.True(await proposer.TryProposeAsync(default));
        world.Time.Advance(Hour);
        world.AddGame(world.Sender, 31, World.RootOf(31));
        world.Finalized = 45;
        Assert.False(await proposer.TryProposeAsync(default));
        Assert.Equal(31UL, proposer.Status.LastL2Block);
    }

    [Fact]
    public async Task Nothing_is_proposed_at_or_below_the_last_game_or_the_anchor()
    {
        var world = new World { Anchor = 30 };
        await using ProposerService proposer = world.MakeForGames();
        Assert.False(await proposer.TryProposeAsync(default));
        Assert.Equal(31UL, proposer.Status.NextL2Block);
        world.Finalized = 31;
        Assert.True(await proposer.TryProposeAsync(default));
        world.Time.Advance(Hour);
        Assert.False(await proposer.TryProposeAsync(default));
        Assert.Equal(32UL, proposer.Status.NextL2Block);
    }

    [Fact]
    public async Task A_stranger_s_game_of_the_same_output_is_not_made_again()
    {
        var world = new World();
        world.AddGame(World.Stranger, 30, World.RootOf(30));
        await using ProposerService proposer = world.MakeForGames();
        Assert.False(await proposer.TryProposeAsync(default));
        Assert.Empty(world.Published);
        world.Finalized = 31;
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task A_stranger_s_game_of_another_root_keeps_nobody_from_proposing()
    {
        var world = new World();
        world.AddGame(World.Stranger, 30, World.RootOf(30, 9));
        await using ProposerService proposer = world.MakeForGames();
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task A_game_that_a_reorg_took_away_is_made_again_at_once()
    {
        var world = new World();
        await using ProposerService proposer = world.MakeForGames();
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.False(await proposer.TryProposeAsync(default));
        world.Games.Clear();
        world.L1Fork = 1;
        world.AddGame(World.Stranger, 12, World.RootOf(12)); // the count is what it was
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Equal(2, world.Accepted.Count);
        Assert.Contains(world.Log.Lines, line => line.Text.Contains("reorganised", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_type_without_implementation_is_refused()
    {
        var world = new World { HasImplementation = false };
        await using ProposerService proposer = world.MakeForGames(type: 3);
        ProposerRefusedException refused = await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.CheckAsync(default));
        Assert.Contains("no implementation of game type 3", refused.Message, StringComparison.Ordinal);
        world.HasImplementation = true; // its owner sets one: the running proposer goes on by itself
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task A_permissioned_type_of_another_proposer_is_refused_with_both_addresses()
    {
        var world = new World { Allowed = World.Stranger };
        await using ProposerService proposer = world.MakeForGames(type: 1);
        ProposerRefusedException refused = await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.TryProposeAsync(default));
        Assert.Contains(World.Stranger.ToChecksumString(), refused.Message, StringComparison.Ordinal);
        Assert.Contains(world.Sender.ToChecksumString(), refused.Message, StringComparison.Ordinal);
        world.Allowed = world.Sender;
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task Games_of_another_chain_are_refused()
    {
        var world = new World { GameChainId = 10 };
        await using ProposerService proposer = world.MakeForGames();
        ProposerRefusedException refused = await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.CheckAsync(default));
        Assert.Contains("L2 chain 10", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bond_above_the_balance_is_said_and_waited_for()
    {
        var world = new World { Bond = new UInt256(2) * 1_000_000_000_000_000_000UL };
        await using ProposerService proposer = world.MakeForGames();
        ProposalException error = await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default));
        Assert.Contains("2.000000 ETH", error.Message, StringComparison.Ordinal);
        Assert.Contains("1.000000 ETH", error.Message, StringComparison.Ordinal);
        Assert.Empty(world.Published);
        world.Balance = new UInt256(3) * 1_000_000_000_000_000_000UL;
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task The_interval_is_kept_after_2038_too()
    {
        var world = new World();
        world.Time.Advance(TimeSpan.FromDays(365 * 20));
        await using ProposerService proposer = world.MakeForGames();
        Assert.True(await proposer.TryProposeAsync(default));
        world.Finalized = 45;
        Assert.False(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task A_key_that_may_no_longer_propose_is_said_when_a_proposal_failed()
    {
        var world = new World();
        await using ProposerService proposer = world.MakeForGames(type: 1);
        Assert.True(await proposer.TryProposeAsync(default));
        world.Time.Advance(Hour);
        world.Finalized = 45;
        (world.Allowed, world.RevertsNext) = (World.Stranger, true);
        await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default));
        Assert.Contains(World.Stranger.ToChecksumString(), (await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.TryProposeAsync(default))).Message, StringComparison.Ordinal);
        world.Allowed = world.Sender;
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task A_factory_that_keeps_the_games_arguments_is_asked_for_them()
    {
        var world = new World { GameArguments = Arguments(901, World.Stranger), Anchor = 30 };
        await using ProposerService proposer = world.MakeForGames(type: 1);
        Assert.Contains(World.Stranger.ToChecksumString(), (await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.CheckAsync(default))).Message, StringComparison.Ordinal);
        world.GameArguments = Arguments(10, null);
        Assert.Contains("L2 chain 10", (await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.CheckAsync(default))).Message, StringComparison.Ordinal);
        world.GameArguments = Arguments(901, world.Sender);
        Assert.False(await proposer.TryProposeAsync(default)); // the anchor is at 30
        world.Finalized = 31;
        Assert.True(await proposer.TryProposeAsync(default));
    }

    /// <summary>Prestate, virtual machine, anchor registry, WETH, chain id, and of permissioned games proposer and challenger.</summary>
    private static byte[] Arguments(ulong chain, Address? proposer) =>
    [
        .. World.RootOf(1).ToArray(), .. Address.FromNumber(0x3001).ToArray(), .. World.Registry.ToArray(), .. Address.FromNumber(0x3002).ToArray(), .. new UInt256(chain).ToBigEndianArray(),
        .. proposer is { } named ? [.. named.ToArray(), .. Address.FromNumber(0x3003).ToArray()] : Array.Empty<byte>(),
    ];

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(9)]
    public async Task Games_about_super_roots_are_refused(uint type)
    {
        var world = new World();
        await using ProposerService proposer = world.MakeForGames(type);
        Assert.Contains("super root", (await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.TryProposeAsync(default))).Message, StringComparison.Ordinal);
        Assert.Empty(world.Published);
    }

    [Fact]
    public async Task Games_that_prove_no_withdrawals_are_made_with_a_warning()
    {
        var world = new World { PortalFactory = World.Factory, RespectedType = 1 };
        await using ProposerService proposer = world.MakeForGames(type: 0);
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Contains("game type 1", proposer.Status.Warning, StringComparison.Ordinal);
        Assert.True(proposer.Health.IsHealthy);
        Assert.Single(world.Log.Lines, line => line.Level == LogLevel.Warning && line.Text.Contains("game type 1", StringComparison.Ordinal));

        world.RespectedType = 0; // by the guardian
        world.Time.Advance(Hour);
        world.Finalized = 45;
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Equal("", proposer.Status.Warning);

        world.PortalFactory = World.Stranger;
        world.Time.Advance(Hour);
        world.Finalized = 48;
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Contains(World.Stranger.ToChecksumString(), proposer.Status.Warning, StringComparison.Ordinal);

        (world.PortalFactory, world.PortalOracle) = (null, World.Oracle);
        world.Time.Advance(Hour);
        world.Finalized = 50;
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Contains("L2OutputOracle", proposer.Status.Warning, StringComparison.Ordinal);
        Assert.Equal(4, world.Accepted.Count);
    }

    [Fact]
    public async Task An_anchor_that_is_not_the_rollup_node_s_is_warned_of()
    {
        var world = new World { Anchor = 20, AnchorFork = 3 };
        await using ProposerService proposer = world.MakeForGames();
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Contains(World.RootOf(20, 3).ToString(), proposer.Status.Warning, StringComparison.Ordinal);
        Assert.Contains(World.RootOf(20).ToString(), proposer.Status.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_L1_that_says_otherwise_that_a_call_reverts_is_understood()
    {
        var world = new World { Revert = (-32015, "VM execution error.") };
        await using ProposerService proposer = world.MakeForGames();
        Assert.True(await proposer.TryProposeAsync(default)); // type 0 has no proposer()
    }

    [Fact]
    public async Task A_stranger_s_game_of_the_same_output_is_told_of_once()
    {
        var world = new World();
        world.AddGame(World.Stranger, 30, World.RootOf(30));
        await using ProposerService proposer = world.MakeForGames();
        for (int i = 0; i < 3; i++) Assert.False(await proposer.TryProposeAsync(default));
        Assert.Single(world.Log.Lines, line => line.Text.Contains("already", StringComparison.Ordinal));
    }
}
