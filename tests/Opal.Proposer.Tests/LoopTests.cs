using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Opal.JsonRpc;

namespace Opal.Proposer.Tests;

public sealed class LoopTests
{
    [Fact]
    public async Task The_loop_proposes_waits_and_measures()
    {
        var world = new World();
        var options = new ProposerOptions { GameFactory = World.Factory, ProposalInterval = TimeSpan.FromMinutes(10), PollInterval = TimeSpan.FromSeconds(12), OutputRetryInterval = TimeSpan.FromSeconds(3) };
        ProposerService proposer = world.Make(options);
        var measured = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, self) => { if (instrument.Meter.Name == "Opal.Proposer") self.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured.AddOrUpdate(instrument.Name, value, (_, old) => instrument is Counter<long> ? old + value : value));
        listener.Start();
        proposer.Start();
        await UntilAsync(world, () => world.Accepted.Count == 1, TimeSpan.Zero);

        world.Finalized = 40;
        world.RevertsNext = true;
        await UntilAsync(world, () => world.Accepted.Count == 2, TimeSpan.FromSeconds(3));
        world.Finalized = 48;
        await UntilAsync(world, () => proposer.Status.NewestL2Block == 48, TimeSpan.FromSeconds(3));
        listener.RecordObservableInstruments();
        await proposer.DisposeAsync();
        Assert.Equal((40UL, 8UL, 16UL), (proposer.Status.LastL2Block, proposer.Status.LagBlocks, proposer.Status.LagSeconds));
        Assert.True(proposer.Status.Failures == 1, proposer.Status.Trouble);
        Assert.True(measured["opal.proposer.proposals"] >= 2);
        Assert.True(measured["opal.proposer.failures"] >= 1);
        Assert.True(proposer.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_proposal_that_L1_does_not_take_is_trouble_after_ten_minutes_and_the_lag_goes_on_being_measured()
    {
        var world = new World { L1Stands = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using ProposerService proposer = world.MakeForGames();
        proposer.Start();
        await UntilAsync(world, () => proposer.Status.InFlight, TimeSpan.Zero);
        world.Finalized = 48;
        await UntilAsync(world, () => proposer.Status.NewestL2Block == 48, TimeSpan.FromSeconds(12));
        await UntilAsync(world, () => !proposer.Health.IsHealthy, TimeSpan.FromSeconds(12));
        Assert.Contains("on its way to L1 for 10 minutes", proposer.Health.Detail, StringComparison.Ordinal);
        world.L1Stands.SetResult();
        await UntilAsync(world, () => proposer.Health.IsHealthy && world.Accepted.Count == 1, TimeSpan.Zero);
    }

    [Fact]
    public async Task A_proposal_on_its_way_that_the_node_no_longer_stands_by_is_cancelled_and_the_new_output_proposed()
    {
        var world = new World { L1Stands = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using ProposerService proposer = world.MakeForGames();
        proposer.Start();
        await UntilAsync(world, () => world.Published.Count == 1, TimeSpan.Zero);
        TaskCompletionSource stands = world.L1Stands;
        world.L1Stands = null;
        world.Node = world.MakeNode("node", 2); // L2 was reorganised
        await UntilAsync(world, () => world.Published.Count == 2, TimeSpan.FromSeconds(12));
        stands.SetResult(); // the first one would be mined now
        await UntilAsync(world, () => proposer.Status is { Proposals: 1, InFlight: false }, TimeSpan.Zero);
        Assert.Equal(World.RootOf(30, 2), Assert.Single(world.Accepted).OutputRoot);
        Assert.Equal(0UL, Assert.Single(world.Cancelled));
        Assert.Contains(world.Log.Lines, line => line.Text.Contains("is cancelled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stopping_sends_nothing_more_and_starting_takes_up_what_was_on_its_way()
    {
        var world = new World { L1Stands = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using ProposerService proposer = world.MakeForGames();
        var registry = new RpcRegistry();
        proposer.Register(registry);
        var admin = new InProcessRpcClient(registry);
        proposer.Start();
        await UntilAsync(world, () => world.Published.Count == 1, TimeSpan.Zero);
        await admin.CallAsync("admin_stopProposer", null, static value => value.IsNull, default);
        Assert.False(proposer.Status.InFlight);
        Assert.True(proposer.Health.IsHealthy);
        Assert.Contains(world.Log.Lines, line => line.Text.Contains("may still", StringComparison.Ordinal) && line.Text.Contains("nonce 0", StringComparison.Ordinal));
        world.L1Stands.SetResult();
        world.L1Stands = null;
        world.Finalized = 40;
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await Task.Delay(20);
        Assert.Empty(world.Accepted);

        await admin.CallAsync("admin_startProposer", null, static value => value.IsNull, default);
        await UntilAsync(world, () => proposer.Status.Proposals == 1, TimeSpan.FromSeconds(12));
        Assert.Equal(30UL, Assert.Single(world.Accepted).L2Block);
        Assert.Equal(1UL, world.Nonce);
    }

    [Fact]
    public async Task No_fault_ends_the_loop_unseen()
    {
        var world = new World { Fault = new TimeoutException("L1 hangs") };
        await using ProposerService proposer = world.MakeForGames();
        proposer.Start();
        await UntilAsync(world, () => proposer.Status.Trouble == "L1 hangs", TimeSpan.Zero);
        Assert.False(proposer.Health.IsHealthy);
        await UntilAsync(world, () => world.Accepted.Count == 1, TimeSpan.FromSeconds(3));
    }

    /// <summary>Lets the loop run, its clock ahead by a step each time it stands.</summary>
    internal static async Task UntilAsync(World world, Func<bool> reached, TimeSpan step)
    {
        for (int i = 0; i < 5000 && !reached(); i++)
        {
            await Task.Delay(2);
            world.Time.Advance(step);
        }

        Assert.True(reached());
    }
}
