using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

/// <summary>Several sequencers, of which a conductor lets one lead.</summary>
public sealed class ConductorTests
{
    private readonly FakeChain _chain = new();
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds((long)FakeChain.GenesisTime));
    private readonly EngineController _heads;
    private readonly Cluster _cluster = new();

    public ConductorTests()
    {
        _heads = new EngineController(_chain.Engine, _chain.Config, NullLogger.Instance);
        _heads.Reset(_chain.GenesisRef, _chain.GenesisRef, _chain.GenesisRef);
    }

    [Fact]
    public async Task No_block_is_passed_on_before_the_cluster_agrees_and_then_it_is_that_block()
    {
        Sequencer sequencer = Create(_cluster);
        _cluster.Fault = "not the leader";
        await RunForAsync(sequencer, TimeSpan.FromSeconds(7));
        Assert.Equal(0ul, _heads.Unsafe.Number);
        Assert.Contains("not the leader", sequencer.Obstacle, StringComparison.Ordinal);
        Assert.InRange(_cluster.Asked.Count, 2, 30);
        Assert.Single(_cluster.Asked.Distinct()); // the same block all the time

        _cluster.Fault = null;
        await RunForAsync(sequencer, TimeSpan.FromSeconds(6));
        Assert.Equal(_cluster.Asked[0], (await _chain.Engine.BlockByNumberAsync(1, default))!.Hash.ToString());
        Assert.True(_heads.Unsafe.Number > 1);
        Assert.Null(sequencer.Obstacle);
        for (ulong number = 1; number <= _heads.Unsafe.Number; number++)
        {
            Assert.Contains((await _chain.Engine.BlockByNumberAsync(number, default))!.Hash.ToString(), _cluster.Agreed);
        }
    }

    [Fact]
    public async Task A_slow_conductor_holds_up_nobody_else_and_a_stop_waits_for_its_answer()
    {
        Sequencer sequencer = Create(_cluster);
        _cluster.Answer = new TaskCompletionSource();
        await RunForAsync(sequencer, TimeSpan.FromSeconds(4));
        Assert.NotNull(sequencer.Pending);
        Assert.Null(sequencer.NextAction);
        Assert.False(sequencer.TryStop());
        _cluster.Answer.SetResult();
        Assert.False(sequencer.TryStop()); // agreed to: it has to be inserted first
        Assert.True((await sequencer.StepAsync(default)).IsDone);
        Assert.Equal(1ul, _heads.Unsafe.Number);
        Assert.True(sequencer.TryStop());
    }

    [Fact]
    public async Task A_node_that_leads_no_more_can_be_stopped_with_a_block_that_was_not_agreed_to()
    {
        Sequencer sequencer = Create(_cluster);
        _cluster.Fault = "not the leader";
        await RunForAsync(sequencer, TimeSpan.FromSeconds(4));
        Assert.True(sequencer.HasSealedBlock);
        Assert.True(sequencer.TryStop());
        Assert.Equal(0ul, _heads.Unsafe.Number);
    }

    [Fact]
    public async Task Over_RPC_the_whole_block_goes_to_the_conductor_and_an_override_asks_nobody()
    {
        PayloadEnvelope? committed = null;
        bool leads = false;
        RpcRegistry methods = new RpcRegistry()
            .Register("conductor_leader", _ => leads ? RpcResult.True : RpcResult.False)
            .Register("conductor_commitUnsafePayload", parameters =>
            {
                if (!leads) return RpcResult.Fail(RpcErrorCode.ServerError, "node is not the leader");
                committed = parameters.Get(0, static value => EngineJson.ReadEnvelope(value, 3));
                return RpcResult.Null;
            });
        var conductor = new RpcConductor(new InProcessRpcClient(methods));
        Sequencer sequencer = Create(conductor);
        Assert.False(await conductor.IsLeaderAsync(default));
        await RunForAsync(sequencer, TimeSpan.FromSeconds(3));
        Assert.Equal(0ul, _heads.Unsafe.Number);
        leads = true;
        Assert.True(await conductor.IsLeaderAsync(default));
        await RunForAsync(sequencer, TimeSpan.FromSeconds(5));
        Assert.Equal(_heads.Unsafe.Hash, committed!.Payload.BlockHash);
        Assert.True(committed.TryGetBlock(_chain.Config, out Block? _, out PayloadError fault), $"{fault}");

        leads = false;
        ulong before = _heads.Unsafe.Number;
        conductor.OverrideLeader();
        Assert.True(await conductor.IsLeaderAsync(default));
        await RunForAsync(sequencer, TimeSpan.FromSeconds(6));
        Assert.True(_heads.Unsafe.Number > before);
    }

    private Sequencer Create(IConductor conductor) =>
        new(_heads, new Planner(_chain), _chain.Config, new SequencerOptions { Enabled = true }, _time, NullNodeObserver.Instance, NullLogger.Instance, conductor);

    private async Task RunForAsync(Sequencer sequencer, TimeSpan span)
    {
        for (DateTimeOffset end = _time.GetUtcNow() + span; _time.GetUtcNow() < end; _time.Advance(TimeSpan.FromMilliseconds(25)))
        {
            for (int steps = 0; ; steps++)
            {
                if (_cluster.Answer is null && sequencer.Pending is { } pending) await pending.ContinueWith(static _ => { }, TaskScheduler.Default);
                if (!(sequencer.NextAction <= _time.GetUtcNow())) break;
                Assert.True(steps < 20, "the sequencer spins");
                Assert.True((await sequencer.StepAsync(default)).IsDone);
            }
        }
    }

    private sealed class Planner(FakeChain chain) : IBlockPlanner
    {
        public Task<bool> IsCanonicalAsync(BlockId origin, CancellationToken cancellation) => Task.FromResult(true);

        public Task<BlockPlan> PlanAsync(L2BlockRef parent, bool recover, CancellationToken cancellation) => Task.FromResult(BlockPlan.Build(chain.Attributes(parent, noTxPool: false)));
    }

    private sealed class Cluster : IConductor
    {
        public string? Fault { get; set; }

        public TaskCompletionSource? Answer { get; set; }

        public List<string> Asked { get; } = [];

        public List<string> Agreed { get; } = [];

        public Task<bool> IsLeaderAsync(CancellationToken cancellation) => Task.FromResult(Fault is null);

        public async Task CommitAsync(PayloadEnvelope payload, CancellationToken cancellation)
        {
            Asked.Add(payload.Payload.BlockHash.ToString());
            if (Answer is not null) await Answer.Task;
            if (Fault is not null) throw new SourceException(Fault);
            Agreed.Add(payload.Payload.BlockHash.ToString());
        }

        public void OverrideLeader() => Fault = null;
    }
}
