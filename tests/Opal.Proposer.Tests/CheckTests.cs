using Microsoft.Extensions.Logging;
using Opal.JsonRpc;

namespace Opal.Proposer.Tests;

/// <summary>What is asked of rollup nodes before anything is proposed.</summary>
public sealed class CheckTests
{
    private static readonly ProposerOptions Options = new() { GameFactory = World.Factory };

    [Fact]
    public void Exactly_one_target_and_an_interval_are_required()
    {
        var world = new World();
        Assert.Throws<ArgumentException>(() => world.Make(new ProposerOptions()));
        Assert.Throws<ArgumentException>(() => world.Make(Options with { OutputOracle = World.Oracle }));
        Assert.Throws<ArgumentException>(() => world.Make(Options with { ProposalInterval = TimeSpan.Zero }));
    }

    [Fact]
    public async Task A_second_node_that_disagrees_stops_everything_with_both_roots()
    {
        var world = new World();
        await using ProposerService proposer = world.Make(Options, world.MakeNode("honest", 0), world.MakeNode("second", 4));
        ProposalException error = await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default));
        Assert.Contains(World.RootOf(30).ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains(World.RootOf(30, 4).ToString(), error.Message, StringComparison.Ordinal);
        Assert.Empty(world.Published);
        Assert.Contains(world.Log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("disagree", StringComparison.Ordinal));
        Assert.Equal(error.Message, proposer.Health.Detail);
    }

    [Fact]
    public async Task Second_nodes_that_agree_are_content()
    {
        var world = new World();
        await using ProposerService proposer = world.Make(Options, world.MakeNode("a", 0), world.MakeNode("b", 0));
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task A_second_node_without_an_answer_is_waited_for()
    {
        var world = new World();
        bool isDown = true;
        RollupNodeClient honest = world.MakeNode("honest", 0);
        var registry = new RpcRegistry()
            .Register("optimism_rollupConfig", _ => RpcResult.Json(w => RollupConfigFile.Write(w, World.Rollup)))
            .Register("optimism_outputAtBlock", async (parameters, _, cancellation) =>
            {
                if (isDown) return RpcResult.Fail(RpcErrorCode.ServerError, "not there yet");
                OutputAtBlock output = await honest.OutputAtBlockAsync(parameters.GetQuantity(0), cancellation);
                return RpcResult.Json(w => RollupJson.WriteOutput(w, output));
            });
        await using ProposerService proposer = world.Make(Options, new RollupNodeClient(new InProcessRpcClient(registry, "slow")));
        ProposalException error = await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default));
        Assert.Contains("slow", error.Message, StringComparison.Ordinal);
        isDown = false;
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task Nodes_of_another_L1_or_another_L2_are_refused()
    {
        var world = new World { L1ChainId = 1 };
        await using ProposerService onOtherL1 = world.Make(Options);
        Assert.Contains("L1 chain 900", (await Assert.ThrowsAsync<ProposerRefusedException>(() => onOtherL1.CheckAsync(default))).Message, StringComparison.Ordinal);

        world.L1ChainId = 900;
        await using ProposerService withOtherL2 = world.Make(Options, world.MakeNode("other", 0, World.Rollup with { L2ChainId = 902 }));
        Assert.Contains("L2 chain 902", (await Assert.ThrowsAsync<ProposerRefusedException>(() => withOtherL2.CheckAsync(default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_changes_is_looked_at_anew()
    {
        var world = new World();
        await using ProposerService proposer = world.Make(Options);
        Assert.True(await proposer.TryProposeAsync(default));
        world.Node = world.MakeNode("wrong", 0, World.Rollup with { L1ChainId = 1 });
        await Assert.ThrowsAsync<ProposerRefusedException>(() => proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task An_output_derived_from_an_L1_block_that_is_gone_or_not_there_is_not_proposed()
    {
        var world = new World();
        RollupNodeClient old = world.Node;
        await using ProposerService proposer = world.Make(Options);
        world.CurrentL1 = 79; // our L1 endpoint is at 78
        Assert.Contains("does not have yet", (await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default))).Message, StringComparison.Ordinal);

        world.CurrentL1 = 77;
        var elsewhere = new World { L1Fork = 3 };
        world.Node = elsewhere.MakeNode("behind", 0);
        Assert.Contains("reorganisation", (await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default))).Message, StringComparison.Ordinal);
        Assert.Empty(world.Published);
        world.Node = old;
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task It_waits_for_the_node_to_read_L1_at_the_start_and_when_started_again()
    {
        var world = new World { CurrentL1 = 60 };
        await using ProposerService proposer = world.Make(Options with { WaitNodeSync = true });
        Assert.False(await proposer.TryProposeAsync(default));
        world.L1Head = 90;
        world.CurrentL1 = 77;
        Assert.False(await proposer.TryProposeAsync(default));
        world.CurrentL1 = 78; // the head when it began
        Assert.True(await proposer.TryProposeAsync(default));

        var registry = new RpcRegistry();
        proposer.Register(registry);
        var admin = new InProcessRpcClient(registry);
        await admin.CallAsync("admin_stopProposer", null, static value => value.IsNull, default);
        await Assert.ThrowsAsync<RpcCallException>(() => admin.CallAsync("admin_stopProposer", null, static value => value.IsNull, default));
        await admin.CallAsync("admin_startProposer", null, static value => value.IsNull, default);
        world.Time.Advance(TimeSpan.FromHours(2));
        world.Finalized = 45;
        Assert.False(await proposer.TryProposeAsync(default));
        world.CurrentL1 = 91;
        Assert.True(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task An_output_of_another_version_or_of_a_block_that_its_node_does_not_hold_for_safe_is_not_proposed()
    {
        var world = new World();
        RollupNodeClient good = world.Node;
        OutputAtBlock output = await good.OutputAtBlockAsync(30);
        foreach ((OutputAtBlock wrong, string said) in new[]
        {
            (output with { Version = World.RootOf(1) }, "version"),
            (output with { Status = output.Status with { FinalizedL2 = output.Status.FinalizedL2 with { Number = 29 } } }, "29"), // one of several nodes, which is behind
        })
        {
            var registry = new RpcRegistry().Register("optimism_outputAtBlock", _ => RpcResult.Json(w => RollupJson.WriteOutput(w, wrong)));
            registry.Register("optimism_syncStatus", _ => RpcResult.Json(w => RollupJson.WriteSyncStatus(w, output.Status)));
            registry.Register("optimism_rollupConfig", _ => RpcResult.Json(w => RollupConfigFile.Write(w, World.Rollup)));
            world.Node = new RollupNodeClient(new InProcessRpcClient(registry, "node"));
            await using ProposerService proposer = world.Make(Options);
            Assert.Contains(said, (await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default))).Message, StringComparison.Ordinal);
        }

        Assert.Empty(world.Published);
    }

    [Fact]
    public async Task An_L1_that_is_behind_the_last_proposal_is_waited_for()
    {
        var world = new World();
        await using ProposerService proposer = world.Make(Options);
        Assert.True(await proposer.TryProposeAsync(default));
        ulong included = proposer.Status.LastL1Block;
        var games = world.Games.ToArray();
        world.L1Head = included - 1; // another server behind the same URL, which does not have the game yet
        world.Games.Clear();
        world.Finalized = 45;
        Assert.Contains($"{included}", (await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default))).Message, StringComparison.Ordinal);
        world.L1Head = included;
        world.Games.AddRange(games);
        Assert.False(await proposer.TryProposeAsync(default));
        Assert.Single(world.Published);
    }
}
