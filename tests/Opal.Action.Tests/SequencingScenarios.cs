using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>The sequencer's own rules.</summary>
public sealed class SequencingScenarios
{
    [Fact]
    [Case("D-SQ-01 D-SQ-03")]
    public async Task The_next_origin_is_adopted_as_soon_as_time_and_depth_allow()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian, sequencing: new SequencerOptions { Enabled = true, L1Confirmations = 2 });
        net.L1.MineEmpty(5);
        await net.Sequencer.SyncAsync();
        while (net.Sequencer.Unsafe.L1Origin.Number < 3) await net.Sequencer.BuildAsync();
        Assert.Equal(TestRollup.GenesisTime + 36, net.Sequencer.Unsafe.Timestamp);
        await net.Sequencer.BuildAsync(20);
        Assert.Equal(3ul, net.Sequencer.Unsafe.L1Origin.Number);
        net.L1.MineEmpty(1);
        await net.Sequencer.BuildAsync(1);
        Assert.Equal(4ul, net.Sequencer.Unsafe.L1Origin.Number);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("D-SQ-02 D-SQ-05 S-SQ-09")]
    public async Task Without_new_L1_blocks_production_waits_at_the_drift_and_goes_on_after(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, config => config with { MaxSequencerDriftFjordSeconds = 40 }); // as before Fjord
        await net.Sequencer.BuildAsync(20);
        Assert.Equal(TestRollup.GenesisTime + 40, net.Sequencer.Unsafe.Timestamp);
        net.Time.Advance(TimeSpan.FromSeconds(60));
        await net.Sequencer.SyncAsync();
        Assert.Equal(20ul, net.Sequencer.Unsafe.Number);

        // L1 comes back: blocks resume, and those beyond the drift of the old origin are empty
        await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
        net.L1.MineAfter(60);
        net.L1.MineEmpty(3);
        await net.Sequencer.BuildToL1HeadAsync();
        foreach (Block block in await net.Sequencer.BlocksAsync(21, net.Sequencer.Unsafe.Number))
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            if (block.Header.Timestamp > info!.Timestamp + 40) Assert.Single(block.Transactions);
        }

        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Fact]
    public async Task L1_hiccups_within_the_drift_cost_no_block()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.L1.MineEmpty(3);
        await net.Sequencer.BuildAsync(2);
        net.L1.BeforeAnswer = _ => throw new SourceException("L1 is away");
        DateTimeOffset began = net.Time.GetUtcNow();
        await net.Sequencer.BuildAsync(20);
        Assert.InRange((net.Time.GetUtcNow() - began).TotalSeconds, 0, 41);
        net.L1.BeforeAnswer = null;
        await net.Sequencer.BuildToL1HeadAsync();
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("D-SQ-08 S-SQ-06")]
    public async Task Production_pauses_at_the_safe_lag_and_resumes_after_a_batch(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, sequencing: new SequencerOptions { Enabled = true, L1Confirmations = 0, MaxSafeLag = 5 });
        await net.Sequencer.BuildAsync(5);
        net.Time.Advance(TimeSpan.FromSeconds(30));
        await net.Sequencer.SyncAsync();
        Assert.Equal(5ul, net.Sequencer.Unsafe.Number);
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Sequencer.BuildAsync(5);
        Assert.Equal(10ul, net.Sequencer.Unsafe.Number);
        Assert.Equal(5ul, net.Sequencer.Safe.Number);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("D-SQ-10 S-SQ-07")]
    public async Task Start_and_stop_by_the_operator(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, sequencing: new SequencerOptions { Enabled = true, StartStopped = true, L1Confirmations = 0 });
        var admin = new RollupNodeClient(new InProcessRpcClient(net.Sequencer.Node.Registry));
        net.Time.Advance(TimeSpan.FromSeconds(10));
        await net.Sequencer.SyncAsync();
        Assert.Equal(0ul, net.Sequencer.Unsafe.Number);
        Assert.False(await admin.SequencerActiveAsync());
        await Assert.ThrowsAsync<RpcCallException>(() => AnswerAsync(net, admin.StartSequencerAsync(Hash256.Zero)));
        await AnswerAsync(net, admin.StartSequencerAsync(net.Sequencer.Unsafe.Hash));
        await Assert.ThrowsAsync<RpcCallException>(() => AnswerAsync(net, admin.StartSequencerAsync(net.Sequencer.Unsafe.Hash)));
        Assert.True(await admin.SequencerActiveAsync());
        await net.Sequencer.BuildAsync(2);
        Task<Hash256> stop = admin.StopSequencerAsync();
        await AnswerAsync(net, stop);
        Assert.Equal(net.Sequencer.Unsafe.Hash, await stop);
        ulong at = net.Sequencer.Unsafe.Number;
        net.Time.Advance(TimeSpan.FromSeconds(10));
        await net.Sequencer.SyncAsync();
        Assert.Equal(at, net.Sequencer.Unsafe.Number);
        await Assert.ThrowsAsync<RpcCallException>(() => AnswerAsync(net, admin.StopSequencerAsync()));
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("D-SQ-07 S-SQ-05")]
    public async Task Recovering_sequences_what_would_be_forced_anyway(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, sequencing: new SequencerOptions { Enabled = true, L1Confirmations = 0, Recover = true });
        net.L1.MineEmpty(30);
        await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
        await net.Sequencer.SyncAsync();
        await net.Verifier.SyncAsync();
        L2BlockRef forced = net.Verifier.Safe;
        Assert.True(forced.Number > 50);
        net.Time.Set(DateTimeOffset.FromUnixTimeSeconds((long)net.L1.Head.Timestamp));
        await net.Sequencer.BuildToL1HeadAsync();
        Assert.Equal(forced.Hash, (await net.Sequencer.BlockAsync(forced.Number)).Hash);
    }

    /// <summary>Steps the node while an operator waits for an answer.</summary>
    private static async Task AnswerAsync(ActorNet net, Task answer)
    {
        for (int i = 0; i < 1000 && !answer.IsCompleted; i++)
        {
            await net.Sequencer.Node.Driver.StepAsync(default);
            await Task.WhenAny(answer, Task.Delay(1));
        }

        await answer;
    }
}
