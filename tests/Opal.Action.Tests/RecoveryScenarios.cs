using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>A sequencing window that passed without a batch, and operators who do nothing, or restart things.</summary>
public sealed class RecoveryScenarios
{
    [Theory]
    [Case("S-SQ-05")]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Jovian)]
    public async Task A_missed_window_is_recovered_from_with_nobody_touching_anything(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork); // window: 12 L1 blocks
        net.L1.MineEmpty(1);
        await net.RoundAsync();

        // the batcher stalls; users go on
        for (int i = 0; i < 20; i++)
        {
            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
            net.L1.MineEmpty(1);
            await net.Sequencer.BuildToL1HeadAsync();
        }

        await net.Verifier.SyncAsync();
        Assert.True(net.Sequencer.Node.Driver.IsRecovering);
        L2BlockRef forced = net.Verifier.Safe;
        Assert.True(forced.Number > 20);
        Assert.Equal(forced.Hash, (await net.Sequencer.BlockAsync(forced.Number)).Hash);

        // while it lasts, the sequencer's blocks are what will be forced: nothing is taken back any more
        L2BlockRef tip = net.Sequencer.Unsafe;
        Assert.True(tip.L1Origin.Number >= net.L1.Head.Number - 1);
        for (int i = 0; i < 5; i++)
        {
            net.L1.MineEmpty(1);
            await net.Sequencer.BuildToL1HeadAsync();
            await net.Verifier.SyncAsync();
            Assert.Equal(net.Verifier.Safe.Hash, (await net.Sequencer.BlockAsync(net.Verifier.Safe.Number)).Hash);
        }

        Assert.Equal(tip.Hash, (await net.Sequencer.BlockAsync(tip.Number)).Hash);

        // the batcher is back
        net.Batcher.StartOver();
        for (int i = 0; i < 3; i++) await net.RoundAsync();
        Assert.False(net.Sequencer.Node.Driver.IsRecovering);
        net.Alice.RewindNonce(TestRollup.L2ChainId, 0);
        await net.Sequencer.SendAsync(net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One));
        await net.RoundAsync();
        await net.RoundAsync();
        await net.Sequencer.SyncAsync();
        Assert.Equal(net.Sequencer.Safe, net.Verifier.Safe);
        Assert.True(net.Verifier.Safe.L1Origin.Number + 3 >= net.L1.Head.Number);
        List<Block> blocks = await net.Verifier.BlocksAsync(tip.Number + 1, net.Verifier.Safe.Number);
        Assert.Contains(blocks, block => block.Transactions.Length > 1);
    }

    [Fact]
    [Case("S-SQ-05")]
    public async Task Without_automatic_recovery_the_operator_decides()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian, sequencing: new SequencerOptions { Enabled = true, L1Confirmations = 0, AutoRecover = false });
        for (int i = 0; i < 16; i++)
        {
            net.L1.MineEmpty(1);
            await net.Sequencer.BuildToL1HeadAsync();
        }

        Assert.False(net.Sequencer.Node.Driver.IsRecovering);
    }

    [Fact]
    [Case("S-SQ-07")]
    public async Task Whether_the_sequencer_runs_survives_restarts()
    {
        string folder = Directory.CreateTempSubdirectory("opal-admin-").FullName, path = Path.Combine(folder, "state", "admin.json");
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        await using var node = new NodeActor(net, new SequencerOptions { Enabled = true, L1Confirmations = 0 }) { AdminState = path };
        await node.RestartAsync();
        await node.SyncAsync();
        Assert.True(node.Node.Driver.IsSequencing);
        Assert.False(File.Exists(path));

        Task<(Hash256 Head, string? Refusal)> stop = node.Node.Driver.StopSequencerAsync();
        await node.SyncAsync();
        Assert.Null((await stop).Refusal);
        Assert.Equal("""{"sequencerStarted":false}""", await File.ReadAllTextAsync(path));
        await node.RestartAsync();
        await node.SyncAsync();
        Assert.False(node.Node.Driver.IsSequencing);

        Task<string?> start = node.Node.Driver.StartSequencerAsync(node.Unsafe.Hash);
        await node.SyncAsync();
        Assert.Null(await start);
        await node.RestartAsync();
        await node.SyncAsync();
        Assert.True(node.Node.Driver.IsSequencing);

        await File.WriteAllTextAsync(path, "yes");
        Assert.Contains(path, (await Assert.ThrowsAsync<IOException>(() => node.RestartAsync())).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, """{"sequencerStarted":true}""");
        await node.RestartAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("S-SQ-09")]
    public async Task An_L1_that_is_away_stops_no_block_before_the_drift_does(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, config => config with { MaxSequencerDriftFjordSeconds = 40 }); // as before Fjord
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildAsync(3);
        net.L1.BeforeAnswer = _ => throw new SourceException("L1 is away");
        L2BlockRef before = net.Sequencer.Unsafe;
        ulong origin = TestRollup.GenesisTime + (12 * before.L1Origin.Number);
        int due = (int)((origin + 40 - before.Timestamp) / 2);
        await net.Sequencer.BuildAsync(due);
        Assert.Null(net.Sequencer.Node.Sequencer!.Obstacle);

        // on to the drift of the newest L1 block that it could know, then no further
        await net.Sequencer.RunUntilAsync(() => net.Sequencer.Node.Sequencer.Obstacle is not null, TimeSpan.FromMinutes(3));
        Assert.Equal(TestRollup.GenesisTime + (12 * net.Sequencer.Unsafe.L1Origin.Number) + 40, net.Sequencer.Unsafe.Timestamp);
        ulong last = net.Sequencer.Unsafe.Number;
        net.Time.Advance(TimeSpan.FromSeconds(60));
        await net.Sequencer.SyncAsync();
        Assert.Equal(last, net.Sequencer.Unsafe.Number);

        net.L1.BeforeAnswer = null;
        net.L1.MineEmpty(5);
        await net.Sequencer.RunUntilAsync(() => net.Sequencer.Unsafe.L1Origin.Number >= 5, TimeSpan.FromMinutes(2));
        net.L1.Mine(await net.Batcher.SubmitAllAsync());
        await net.Verifier.SyncAsync();
        Assert.True(net.Verifier.Safe.Number > before.Number + (ulong)due);
    }
}
