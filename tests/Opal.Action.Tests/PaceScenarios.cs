using Opal.Node;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>However the same L1 reaches a node, its safe head behind each L1 block is the same.</summary>
public sealed class PaceScenarios : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-pace-").FullName;

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-VE-04")]
    public async Task Block_by_block_in_bursts_or_with_retries(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await using var bursts = new NodeActor(net, new SequencerOptions());
        var random = new Random(3);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 6; round++)
        {
            net.Batcher.Form = round % 2 == 1 && fork >= OptimismFork.Delta ? BatchForm.Span : BatchForm.Singular;
            net.Batcher.MaxFrameData = round % 3 == 0 ? 150 : 100_000;
            await net.Sequencer.BuildToL1HeadAsync();
            foreach (L1Item item in await net.Batcher.SubmitAllAsync())
            {
                net.L1.Mine(item);
                if (random.Next(3) == 0) net.L1.MineEmpty(1);
                await net.Verifier.SyncAsync();
            }

            if (round % 3 == 2) await bursts.SyncAsync();
        }

        net.L1.MineEmpty(14); // a window passes
        for (int i = 0; i < 14; i++) await net.Verifier.SyncAsync();
        await bursts.SyncAsync();

        await using var troubled = new NodeActor(net, new SequencerOptions());
        net.L1.BeforeAnswer = _ =>
        {
            if (random.Next(4) == 0) throw new SourceException("flaky");
        };
        troubled.Engine.Fault = _ => random.Next(6) == 0 ? EngineVerdict.Unreachable : null;
        await troubled.RunUntilAsync(() => troubled.Node.Driver.IsSettled && troubled.Node.Status.CurrentL1 == net.L1.HeadRef && troubled.Safe == net.Verifier.Safe, TimeSpan.FromMinutes(30));
        net.L1.BeforeAnswer = null;
        troubled.Engine.Fault = null;
        Assert.True(net.Verifier.Safe.Number > 40);
        AssertSameRecords(net, bursts);
        AssertSameRecords(net, troubled);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-SY-11")]
    public async Task Killed_after_any_number_of_steps(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        net.Batcher.Form = fork >= OptimismFork.Delta ? BatchForm.Span : BatchForm.Singular;
        await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, Primitives.UInt256.One));
        await net.RoundAsync();
        net.Batcher.MaxFrameData = 80;
        await net.RoundAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        int steps = 0;
        for (bool isDone = false; !isDone; steps++)
        {
            await using var node = new NodeActor(net, new SequencerOptions(), Path.Combine(_folder, $"{steps}"));
            await node.StepsAsync(steps);
            isDone = node.Safe == net.Verifier.Safe && node.Node.Status.CurrentL1 == net.L1.HeadRef;
            await node.KillAsync();
            await node.SyncAsync();
            Assert.True(net.Verifier.Safe == node.Safe, $"killed after {steps} steps: {node.Safe} instead of {net.Verifier.Safe}\n{node.Log}");
            Assert.Equal(net.Verifier.Execution.Chain.Head.Hash, node.Execution.Chain.Head.Hash);
            Assert.Empty(node.Recorder.Invalid);
        }

        Assert.True(steps > 20, $"all was done after {steps} steps");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void AssertSameRecords(ActorNet net, NodeActor node)
    {
        for (ulong l1 = 0; l1 <= net.L1.Head.Number; l1++)
        {
            Assert.True(net.Verifier.Node.Driver.SafeHeads.TryGet(l1, out BlockId at, out BlockId safe));
            Assert.True(node.Node.Driver.SafeHeads.TryGet(l1, out BlockId otherAt, out BlockId otherSafe));
            Assert.True((at, safe) == (otherAt, otherSafe), $"behind L1 block {l1}: {otherSafe} since {otherAt}, not {safe} since {at}");
        }
    }
}
