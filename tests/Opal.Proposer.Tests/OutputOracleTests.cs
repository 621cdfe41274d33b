using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Proposer.Tests;

public sealed class OutputOracleTests
{
    private static readonly ProposerOptions Options = new() { OutputOracle = World.Oracle };

    [Fact]
    public async Task Finalized_outputs_that_are_due_are_proposed_in_order()
    {
        var world = new World();
        await using ProposerService proposer = world.Make(Options);
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.False(await proposer.TryProposeAsync(default)); // 40 is safe, not finalized
        Proposal sent = Assert.Single(world.Published);
        Assert.Equal(World.Oracle, sent.To);
        Assert.Equal("0x9aaab648", Hex.Encode(sent.Data.AsSpan(0, 4))); // proposeL2Output(bytes32,uint256,bytes32,uint256)
        Assert.Equal(World.RootOf(20), new Hash256(sent.Data.AsSpan(4, 32)));
        Assert.Equal(20UL, UInt256.FromBigEndian(sent.Data.AsSpan(36, 32)).U0);
        Assert.Equal(world.HeaderAt(77).Hash, new Hash256(sent.Data.AsSpan(68, 32)));
        Assert.Equal(77UL, UInt256.FromBigEndian(sent.Data.AsSpan(100, 32)).U0);
        Assert.Equal((20UL, 40UL, 30UL, 10UL, 20UL), (proposer.Status.LastL2Block, proposer.Status.NextL2Block, proposer.Status.NewestL2Block, proposer.Status.LagBlocks, proposer.Status.LagSeconds));
    }

    [Fact]
    public async Task Safe_outputs_are_proposed_where_that_is_allowed()
    {
        var world = new World();
        await using ProposerService proposer = world.Make(Options with { AllowNonFinalized = true });
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.False(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task A_reverted_proposal_is_due_again()
    {
        var world = new World { RevertsNext = true };
        await using ProposerService proposer = world.Make(Options);
        await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default));
        Assert.False(proposer.Health.IsHealthy);
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.True(proposer.Health.IsHealthy);
        Assert.Equal((1UL, 1UL), (proposer.Status.Proposals, proposer.Status.Failures));
    }

    [Fact]
    public async Task A_proposal_that_a_reorg_took_away_is_made_again()
    {
        var world = new World();
        await using ProposerService proposer = world.Make(Options);
        Assert.True(await proposer.TryProposeAsync(default));
        world.NextBlock = 20;
        world.L1Fork = 1;
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Equal(2, world.Accepted.Count);
        Assert.All(world.Accepted, proposal => Assert.Equal(20UL, proposal.L2Block));
    }

    [Fact]
    public async Task An_oracle_that_takes_another_proposer_is_refused_with_both_addresses()
    {
        var world = new World { Allowed = World.Stranger };
        await using ProposerService proposer = world.Make(Options);
        ProposerRefusedException refused = await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.CheckAsync(default));
        Assert.Contains(World.Stranger.ToChecksumString(), refused.Message, StringComparison.Ordinal);
        Assert.Contains(world.Sender.ToChecksumString(), refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.TryProposeAsync(default));
        Assert.Empty(world.Published);
    }

    [Fact]
    public async Task An_oracle_of_another_rollup_is_refused()
    {
        var world = new World();
        world.Node = world.MakeNode("node", 0, World.Rollup with { GenesisL2Time = World.Rollup.GenesisL2Time + 2 });
        await using ProposerService proposer = world.Make(Options);
        ProposerRefusedException refused = await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.CheckAsync(default));
        Assert.Contains("another rollup", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_no_oracle_is_refused()
    {
        var world = new World();
        await using ProposerService proposer = world.Make(new ProposerOptions { OutputOracle = World.Stranger });
        ProposerRefusedException refused = await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.CheckAsync(default));
        Assert.Contains("L2OutputOracle", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_L1_that_stands_still_is_trouble()
    {
        var world = new World { L1Head = 77 }; // the contract compares the hash of block 77, which only a later block can
        await using ProposerService proposer = world.Make(Options);
        proposer.Start();
        await LoopTests.UntilAsync(world, () => !proposer.Health.IsHealthy, TimeSpan.FromSeconds(1));
        Assert.Contains("stands still", proposer.Health.Detail, StringComparison.Ordinal);
        world.L1Head = 78;
        await LoopTests.UntilAsync(world, () => world.Accepted.Count == 1, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task An_oracle_that_the_portal_does_not_ask_is_served_with_a_warning()
    {
        var world = new World { PortalOracle = World.Oracle };
        await using ProposerService proposer = world.Make(Options);
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Equal("", proposer.Status.Warning);
        (world.PortalOracle, world.PortalFactory, world.Finalized) = (null, World.Factory, 45); // upgraded to dispute games
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Contains(World.Factory.ToChecksumString(), proposer.Status.Warning, StringComparison.Ordinal);
    }
}
