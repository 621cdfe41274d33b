using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;

namespace Opal.ActionTests;

/// <summary>The loops as they run in production, on their own threads; only the clock is moved by hand.</summary>
public sealed class LiveLoopScenarios
{
    [Fact]
    public async Task A_started_node_sequences_answers_commands_and_stops_cleanly()
    {
        await using ActorNet net = await ActorNet.StartAsync(Protocol.OptimismFork.Jovian);
        RollupNode node = net.Sequencer.Node;
        var client = new RollupNodeClient(new InProcessRpcClient(node.Registry));
        net.L1.MineEmpty(2);
        await node.StartAsync(default);
        await ReachAsync(net, () => node.Status.UnsafeL2.Number >= 8);
        Assert.Equal(1ul, node.Status.UnsafeL2.L1Origin.Number);
        Hash256 stopped = await client.StopSequencerAsync();
        Assert.Equal(node.Status.UnsafeL2.Hash, stopped);
        Assert.False(await client.SequencerActiveAsync());
        ulong at = node.Status.UnsafeL2.Number;
        await client.ResetDerivationPipelineAsync();
        await ReachAsync(net, () => node.Driver.IsSettled);
        await client.StartSequencerAsync(stopped);
        await ReachAsync(net, () => node.Status.UnsafeL2.Number >= at + 3);
        await node.StopAsync();
        Assert.True(node.Completion.IsCompletedSuccessfully);
        ulong end = node.Status.UnsafeL2.Number;
        net.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(end, net.Sequencer.Execution.Chain.Head.Number);
    }

    /// <summary>Moves the clock in small steps until something holds; gives the loops room in between.</summary>
    private static async Task ReachAsync(ActorNet net, Func<bool> reached)
    {
        for (int i = 0; i < 5000 && !reached(); i++)
        {
            net.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1);
        }

        Assert.True(reached(), net.Sequencer.Log.ToString());
    }
}
