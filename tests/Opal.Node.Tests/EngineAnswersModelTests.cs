using Microsoft.Extensions.Logging.Abstractions;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

/// <summary>Whatever an engine answers, and in whatever order: the heads stay in order, calls stay rare, and once it answers properly again the chain goes on.</summary>
public sealed class EngineAnswersModelTests
{
    private static readonly EngineVerdict[] s_verdicts = Enum.GetValues<EngineVerdict>();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Random_answers_cost_time_but_neither_order_nor_progress(int seed)
    {
        var random = new Random(seed);
        var chain = new FakeChain();
        var time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds((long)FakeChain.GenesisTime));
        var heads = new EngineController(chain.Engine, chain.Config, NullLogger.Instance);
        heads.Reset(chain.GenesisRef, chain.GenesisRef, chain.GenesisRef);
        var sequencer = new Sequencer(
            heads, new Planner(chain), chain.Config, new SequencerOptions { Enabled = true }, time, NullNodeObserver.Instance, NullLogger.Instance);
        var backoff = new Backoff(time, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10));
        int resets = 0;

        for (int round = 0; round < 6; round++)
        {
            double share = random.NextDouble();
            chain.Engine.Fault = method => method != "read" && random.NextDouble() < share ? s_verdicts[random.Next(s_verdicts.Length)] : null;
            if (random.Next(3) == 0) chain.Engine.Lose(heads.Unsafe.Number / 2);
            await RunForAsync(TimeSpan.FromSeconds(60));
        }

        chain.Engine.Fault = null;
        await RunForAsync(TimeSpan.FromSeconds(90));
        ulong due = ((ulong)time.GetUtcNow().ToUnixTimeSeconds() - FakeChain.GenesisTime) / 2;
        Assert.Equal(due, heads.Unsafe.Number);
        Assert.Equal(heads.Unsafe.Hash, chain.Engine.Head);

        async Task RunForAsync(TimeSpan span)
        {
            DateTimeOffset end = time.GetUtcNow() + span;
            int calls = chain.Engine.Calls.Count;
            while (time.GetUtcNow() < end)
            {
                for (int steps = 0; await StepAsync(); steps++) Assert.True(steps < 100, "the loop spins");
                time.Advance(TimeSpan.FromMilliseconds(50));
            }

            // every block takes 4 calls; failures are spaced by the back-off
            Assert.InRange(chain.Engine.Calls.Count - calls, 0, span.TotalSeconds * 60);
        }

        async Task<bool> StepAsync()
        {
            EngineStep step;
            if (heads.ForkchoicePending)
            {
                if (!backoff.IsDue) return false;
                step = await heads.UpdateForkchoiceAsync(default);
                if (step.Outcome == EngineOutcome.Retry) backoff.Failed();
                if (step.IsDone) backoff.Succeeded();
            }
            else
            {
                if (!(sequencer.NextAction <= time.GetUtcNow())) return false;
                step = await sequencer.StepAsync(default);
            }

            Assert.NotEqual(EngineOutcome.Halt, step.Outcome);
            Assert.True(heads.Finalized.Number <= heads.Safe.Number && heads.Safe.Number <= heads.PendingSafe.Number && heads.PendingSafe.Number <= heads.Unsafe.Number);
            if (step.Outcome == EngineOutcome.Reset)
            {
                resets++;
                backoff.Failed();
                L2BlockRef head = chain.Ref(chain.Engine.HeadBlock);
                heads.Reset(head, chain.GenesisRef, chain.GenesisRef);
                return false;
            }

            return step.IsDone;
        }
    }

    [Fact]
    [Case("D-EN-07 D-EN-08")]
    public void Every_answer_has_a_next_step_that_is_never_an_immediate_repetition()
    {
        foreach (EngineVerdict verdict in s_verdicts)
        {
            foreach (bool present in (bool[])[true, false])
            {
                foreach (int syncing in (int[])[1, EngineAnswersTable.SyncingBeforeReset])
                {
                    EngineStep[] steps =
                    [
                        EngineAnswersTable.Forkchoice(verdict, syncing, "why"), EngineAnswersTable.StartBuild(verdict, present, syncing, "why"),
                        EngineAnswersTable.GetPayload(verdict, present, "why"), EngineAnswersTable.NewPayload(verdict, syncing, "why"),
                    ];
                    foreach (EngineStep step in steps)
                    {
                        Assert.NotEqual(EngineOutcome.Halt, step.Outcome);
                        Assert.Equal(step.IsDone, step.Reason is null);
                        if (step.IsDone) Assert.Equal(EngineVerdict.Valid, verdict);
                        else Assert.Contains("why", step.Reason, StringComparison.Ordinal);
                    }
                }
            }
        }
    }

    private sealed class Planner(FakeChain chain) : IBlockPlanner
    {
        public Task<bool> IsCanonicalAsync(BlockId origin, CancellationToken cancellation) => Task.FromResult(true);

        public Task<BlockPlan> PlanAsync(L2BlockRef parent, bool recover, CancellationToken cancellation) =>
            Task.FromResult(BlockPlan.Build(chain.Attributes(parent, noTxPool: false)));
    }
}
