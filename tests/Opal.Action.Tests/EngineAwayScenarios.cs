using Opal.Execution;
using Opal.Node;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>The verifier's engine goes away in the middle of derivation and comes back, as it was or older.</summary>
public sealed class EngineAwayScenarios
{
    public static TheoryData<OptimismFork, string> Absences
    {
        get
        {
            var rows = new TheoryData<OptimismFork, string>();
            foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Bedrock, OptimismFork.Karst])
            {
                foreach (string absence in (string[])["no answer", "syncing", "older head", "genesis"]) rows.Add(fork, absence);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Absences))]
    [Case("S-VE-03")]
    public async Task It_ends_on_the_same_head(OptimismFork fork, string absence)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        for (int round = 0; round < 2; round++) await net.RoundAsync();
        L2BlockRef before = net.Verifier.Safe;
        Assert.True(before.Number > 6);
        net.Verifier.Engine.Fault = method => absence != "syncing" ? EngineVerdict.Unreachable : method == "read" ? null : EngineVerdict.Syncing;
        for (int round = 0; round < 2; round++)
        {
            await net.Sequencer.BuildToL1HeadAsync();
            net.L1.Mine(await net.Batcher.SubmitAllAsync());
        }

        DateTimeOffset until = net.Time.GetUtcNow() + TimeSpan.FromMinutes(1);
        await net.Verifier.RunUntilAsync(() => net.Time.GetUtcNow() >= until, TimeSpan.FromMinutes(2));
        if (absence == "syncing") Assert.True(net.Verifier.Safe.Number <= before.Number); // an engine that syncs for long has derivation start over, from where the walk back leads
        else Assert.Equal(before, net.Verifier.Safe);
        Assert.Equal(before.Hash, net.Verifier.Execution.Chain.Head.Hash);
        Assert.Null(net.Verifier.Node.Driver.HaltReason);

        if (absence is "older head" or "genesis")
        {
            ExecutedBlock older = net.Verifier.Execution.Chain.FindCanonical(absence == "genesis" ? 0ul : 3ul)!;
            Assert.True(net.Verifier.Execution.Chain.TrySetHead(older.Hash));
        }

        net.Verifier.Engine.Fault = null;
        await net.Verifier.RunUntilAsync(() => net.Verifier.Safe == net.Sequencer.Unsafe, TimeSpan.FromMinutes(5));
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Unsafe);
        Assert.Equal(net.Sequencer.Unsafe.Hash, net.Verifier.Execution.Chain.Head.Hash);
    }
}
