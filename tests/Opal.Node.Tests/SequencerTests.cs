using Microsoft.Extensions.Logging.Abstractions;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

public sealed class SequencerTests
{
    private readonly FakeChain _chain = new();
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds((long)FakeChain.GenesisTime));
    private readonly EngineController _heads;
    private readonly Planner _planner;

    public SequencerTests()
    {
        _heads = new EngineController(_chain.Engine, _chain.Config, NullLogger.Instance);
        _heads.Reset(_chain.GenesisRef, _chain.GenesisRef, _chain.GenesisRef);
        _planner = new Planner(_chain);
    }

    [Fact]
    public async Task One_block_per_block_time_sealed_just_before_its_time()
    {
        Sequencer sequencer = Create();
        var sealedAt = new List<DateTimeOffset>();
        ulong seen = 0;
        for (int i = 0; i < 400; i++)
        {
            await RunDueAsync(sequencer);
            if (_heads.Unsafe.Number > seen)
            {
                Assert.Equal(++seen, _heads.Unsafe.Number);
                sealedAt.Add(_time.GetUtcNow());
            }

            _time.Advance(TimeSpan.FromMilliseconds(25));
        }

        Assert.Equal(5, sealedAt.Count);
        for (int i = 0; i < sealedAt.Count; i++)
        {
            DateTimeOffset blockTime = DateTimeOffset.FromUnixTimeSeconds((long)FakeChain.GenesisTime + (2 * (i + 1)));
            Assert.InRange(blockTime - sealedAt[i], TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
        }
    }

    [Fact]
    public async Task Pool_transactions_are_included()
    {
        Sequencer sequencer = Create();
        _chain.Engine.Pool.Add(FakeChain.UserTransaction(0));
        await RunForAsync(sequencer, TimeSpan.FromSeconds(2));
        Assert.Equal(2, _chain.Engine.HeadBlock.Transactions.Length);
    }

    [Fact]
    public async Task Catching_up_is_fast_but_leaves_room_between_blocks()
    {
        Sequencer sequencer = Create();
        _time.Advance(TimeSpan.FromSeconds(200));
        Assert.True(sequencer.NextAction <= _time.GetUtcNow());
        await sequencer.StepAsync(default);
        Assert.Equal(1ul, _heads.Unsafe.Number);
        Assert.Equal(_time.GetUtcNow() + sequencer.CatchUpInterval, sequencer.NextAction);
        await RunForAsync(sequencer, TimeSpan.FromSeconds(15));
        Assert.Equal((ulong)(215 / 2), _heads.Unsafe.Number);
    }

    [Fact]
    [Case("D-SQ-08")]
    public async Task Production_pauses_at_the_safe_lag_and_resumes()
    {
        Sequencer sequencer = Create(new SequencerOptions { Enabled = true, MaxSafeLag = 5 });
        await RunForAsync(sequencer, TimeSpan.FromSeconds(60));
        Assert.Equal(5ul, _heads.Unsafe.Number);
        Assert.Null(sequencer.NextAction);
        Block? first = await _chain.Engine.BlockByNumberAsync(1, default);
        EngineStep step = await _heads.ApplyDerivedAsync(_planner.Made[0], _chain.GenesisRef, concludes: true, default);
        Assert.True(step.IsDone, step.Reason);
        Assert.Equal(first!.Hash, _heads.Safe.Hash);
        await RunForAsync(sequencer, TimeSpan.FromSeconds(60));
        Assert.Equal(6ul, _heads.Unsafe.Number);
    }

    [Fact]
    public async Task Waiting_for_L1_is_not_a_tight_loop()
    {
        Sequencer sequencer = Create();
        _planner.Answer = _ => BlockPlan.Wait("no L1");
        await RunForAsync(sequencer, TimeSpan.FromSeconds(60));
        Assert.InRange(_planner.Asked, 10, 60);
        _planner.Answer = null;
        await RunForAsync(sequencer, TimeSpan.FromSeconds(20));
        Assert.Equal(40ul, _heads.Unsafe.Number);
    }

    [Fact]
    public async Task Slow_planning_does_not_block_and_finishes_later()
    {
        Sequencer sequencer = Create();
        var plan = new TaskCompletionSource<BlockPlan>();
        _planner.Delayed = plan.Task;
        await sequencer.StepAsync(default);
        Assert.NotNull(sequencer.Pending);
        Assert.Null(sequencer.NextAction);
        plan.SetResult(BlockPlan.Build(_chain.Attributes(_chain.GenesisRef)));
        _planner.Delayed = null;
        await RunForAsync(sequencer, TimeSpan.FromSeconds(2));
        Assert.Equal(1ul, _heads.Unsafe.Number);
    }

    [Fact]
    [Case("D-SQ-09")]
    public async Task A_sealed_block_is_inserted_again_and_never_replaced()
    {
        Sequencer sequencer = Create();
        int faults = 3;
        _chain.Engine.Fault = method => method == "newPayload" && faults-- > 0 ? EngineVerdict.Unreachable : null;
        await RunForAsync(sequencer, TimeSpan.FromMilliseconds(1950));
        Assert.True(sequencer.HasSealedBlock);
        Assert.False(sequencer.TryStop());
        await RunForAsync(sequencer, TimeSpan.FromSeconds(3));
        Assert.Equal(2ul, _heads.Unsafe.Number);
        Assert.Equal(2, _chain.Engine.Calls.Count(call => call == "getPayload"));
        Assert.True(sequencer.TryStop());
        Assert.False(sequencer.IsActive);
    }

    [Fact]
    public async Task A_job_on_a_head_that_moved_is_given_up()
    {
        Sequencer sequencer = Create();
        await sequencer.StepAsync(default);
        PayloadAttributes derived = _chain.Attributes(_chain.GenesisRef, true, FakeChain.UserTransaction(3));
        Assert.True((await _heads.ApplyDerivedAsync(derived, _chain.GenesisRef, concludes: true, default)).IsDone);
        await RunForAsync(sequencer, TimeSpan.FromSeconds(4));
        Assert.Equal(2ul, _heads.Unsafe.Number);
        Assert.Equal(_heads.Safe.Hash, _heads.Unsafe.ParentHash);
    }

    [Theory]
    [InlineData("build")]
    [InlineData("getPayload")]
    [InlineData("newPayload")]
    [InlineData("forkchoice")]
    [Case("D-SQ-09 D-EN-13")]
    public async Task Temporary_engine_faults_cost_time_but_no_block(string method)
    {
        Sequencer sequencer = Create();
        foreach (EngineVerdict verdict in (EngineVerdict[])[EngineVerdict.Unreachable, EngineVerdict.Syncing, EngineVerdict.Invalid])
        {
            if (verdict == EngineVerdict.Invalid && method == "forkchoice") continue; // asks for a reset
            int faults = 2;
            _chain.Engine.Fault = called => called == method && faults-- > 0 ? verdict : null;
            await RunForAsync(sequencer, TimeSpan.FromSeconds(10));
        }

        ulong due = ((ulong)_time.GetUtcNow().ToUnixTimeSeconds() - FakeChain.GenesisTime) / 2;
        Assert.Equal(due, _heads.Unsafe.Number);
    }

    private Sequencer Create(SequencerOptions? options = null) =>
        new(_heads, _planner, _chain.Config, options ?? new SequencerOptions { Enabled = true }, _time, NullNodeObserver.Instance, NullLogger.Instance);

    private async Task RunForAsync(Sequencer sequencer, TimeSpan span)
    {
        DateTimeOffset end = _time.GetUtcNow() + span;
        while (true)
        {
            await RunDueAsync(sequencer);
            if (_time.GetUtcNow() >= end) return;
            _time.Advance(TimeSpan.FromMilliseconds(25));
        }
    }

    private async Task RunDueAsync(Sequencer sequencer)
    {
        for (int steps = 0; sequencer.NextAction <= _time.GetUtcNow(); steps++)
        {
            Assert.True(steps < 10, "the sequencer spins");
            EngineStep step = await sequencer.StepAsync(default);
            Assert.True(step.IsDone, step.Reason);
        }
    }

    private sealed class Planner(FakeChain chain) : IBlockPlanner
    {
        public Func<L2BlockRef, BlockPlan>? Answer { get; set; }

        public Task<BlockPlan>? Delayed { get; set; }

        public int Asked { get; private set; }

        public List<PayloadAttributes> Made { get; } = [];

        public Task<bool> IsCanonicalAsync(BlockId origin, CancellationToken cancellation) => Task.FromResult(true);

        public Task<BlockPlan> PlanAsync(L2BlockRef parent, bool recover, CancellationToken cancellation)
        {
            Asked++;
            if (Delayed is not null) return Delayed;
            if (Answer is not null) return Task.FromResult(Answer(parent));
            PayloadAttributes attributes = chain.Attributes(parent, noTxPool: false);
            Made.Add(attributes);
            return Task.FromResult(BlockPlan.Build(attributes));
        }
    }
}
