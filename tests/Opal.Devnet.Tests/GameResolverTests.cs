using Opal.Deployer.Tests;
using Opal.Devnet.Games;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Devnet.Tests;

/// <summary>The devnet's challenger against the real contracts on the embedded L1.</summary>
public sealed class GameResolverTests
{
    [Fact]
    public async Task A_right_game_is_resolved_when_its_clock_is_over_and_its_bond_paid_back()
    {
        await using ResolverWorld world = await ResolverWorld.StartAsync();
        await world.Chain.ProposeAsync(world.Chain.Games());
        Address game = await world.Games.GameAtAsync(0, default);
        await world.StepAsync();
        Assert.Equal(GameStatus.InProgress, await world.StatusAsync(game));
        world.Chain.Chain.Mine(6);
        await world.StepAsync();
        Assert.Equal(GameStatus.DefenderWins, await world.StatusAsync(game));
        Assert.Equal(12UL, await world.AnchorAsync());
        await world.StepAsync();
        Assert.Equal(1000UL, (await world.Games.CreditAsync(game, GameWorld.Proposer.Address, default)).Amount.U0); // the bond is locked for a while
        world.Chain.Chain.Mine(3);
        await world.StepAsync();
        Assert.Equal(UInt256.Zero, (await world.Games.CreditAsync(game, GameWorld.Proposer.Address, default)).Amount);
        Assert.True(world.HasLogged("stands"));
    }

    [Theory]
    [InlineData(10, "a block with another root")]
    [InlineData(99, "a block that is not there")]
    public async Task A_wrong_game_is_disputed_and_falls(ulong block, string root)
    {
        await using ResolverWorld world = await ResolverWorld.StartAsync();
        Address game = await world.MakeAsync(Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(root)), block);
        world.Chain.Chain.Mine(1);
        await world.StepAsync();
        Assert.Equal(2, await world.ClaimsAsync(game));
        await world.StepAsync();
        Assert.Equal(2, await world.ClaimsAsync(game)); // once is enough
        world.Chain.Chain.Mine(7);
        await world.StepAsync();
        Assert.Equal(GameStatus.ChallengerWins, await world.StatusAsync(game));
        Assert.Equal(0UL, await world.AnchorAsync());
        await world.StepAsync();
        Assert.True(world.HasLogged("falls"));

        UInt256 before = await world.Chain.L1.GetBalanceAsync(GameWorld.Challenger.Address);
        world.Chain.Chain.Mine(3);
        await world.StepAsync();
        Assert.True(await world.Chain.L1.GetBalanceAsync(GameWorld.Challenger.Address) > before); // both bonds
    }

    [Fact]
    public async Task A_game_is_not_disputed_while_the_node_may_be_about_to_derive_its_block()
    {
        await using ResolverWorld world = await ResolverWorld.StartAsync();
        Address game = await world.MakeAsync(await world.RightRootAsync(15), 15); // as after a restart: the node is at the L1 block before the game's, and its safe head not yet
        await world.StepAsync();
        Assert.Equal(1, await world.ClaimsAsync(game));
        world.Chain.Safe = 15;
        world.Chain.Chain.Mine(6);
        await world.StepAsync();
        Assert.Equal(GameStatus.DefenderWins, await world.StatusAsync(game));
    }

    [Fact]
    public async Task A_wrong_game_that_was_seen_too_late_is_named_and_not_resolved()
    {
        await using ResolverWorld world = await ResolverWorld.StartAsync();
        Address game = await world.MakeAsync(Keccak256.Hash("wrong"u8), 10);
        world.Chain.Chain.Mine(10);
        await world.StepAsync();
        await world.StepAsync();
        Assert.Equal(GameStatus.InProgress, await world.StatusAsync(game));
        Assert.Single(world.Log.Lines);
        Assert.True(world.HasLogged("time to dispute it is over"));
    }

    [Fact]
    public async Task A_dispute_that_needs_more_than_one_answer_is_left_alone_and_said()
    {
        await using ResolverWorld world = await ResolverWorld.StartAsync();
        Hash256 root = await world.RightRootAsync(10);
        Address right = await world.MakeAsync(root, 10);
        await world.Games.AttackRootAsync(await world.Games.FactsAsync(right, default), Keccak256.Hash("nonsense"u8), default);
        world.Chain.Chain.Mine(10);
        await world.StepAsync();
        await world.StepAsync();
        Assert.Equal(GameStatus.InProgress, await world.StatusAsync(right));
        Assert.Single(world.Log.Lines);
        Assert.True(world.HasLogged("cannot play"));
    }

    [Fact]
    public async Task All_games_whose_clocks_are_over_are_resolved()
    {
        await using ResolverWorld world = await ResolverWorld.StartAsync();
        Address first = await world.MakeAsync(await world.RightRootAsync(5), 5), second = await world.MakeAsync(await world.RightRootAsync(6), 6);
        world.Chain.Chain.Mine(6);
        await world.StepAsync();
        Assert.Equal((GameStatus.DefenderWins, GameStatus.DefenderWins), (await world.StatusAsync(first), await world.StatusAsync(second)));
        Assert.Equal(6UL, await world.AnchorAsync());
    }

    [Fact]
    public async Task After_a_reorg_of_L1_the_game_at_the_same_address_is_judged_anew()
    {
        await using ResolverWorld world = await ResolverWorld.StartAsync();
        Address game = await world.MakeAsync(await world.RightRootAsync(10), 10);
        await world.StepAsync();
        await world.Chain.L1.Rpc.CallAsync("dev_reorg", static writer => writer.WriteQuantityValue(1UL), static value => value.IsNull, default);
        await world.StepAsync();
        Assert.True(world.HasLogged("reorganised"));
        Assert.Equal(game, await world.MakeAsync(Keccak256.Hash("wrong"u8), 10));
        await world.StepAsync();
        await world.StepAsync();
        Assert.Equal(2, await world.ClaimsAsync(game));
    }
}
