using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>A whole rollup in one process: in-memory L1, a sequencer, a verifier, a batcher, and one manual clock. Nothing happens but by explicit steps.</summary>
public sealed class ActorNet : IAsyncDisposable
{
    private ActorNet(MemoryL1 l1, TestRollup rollup)
    {
        L1 = l1;
        Rollup = rollup;
    }

    public MemoryL1 L1 { get; }

    public TestRollup Rollup { get; }

    public ManualTime Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds((long)TestRollup.GenesisTime));

    public TestAccount Alice { get; } = new("alice");

    public TestAccount Bob { get; } = new("bob");

    public NodeActor Sequencer { get; private set; } = null!;

    public NodeActor Verifier { get; private set; } = null!;

    public BatcherActor Batcher { get; private set; } = null!;

    public static Task<ActorNet> StartAsync(
        OptimismFork newest, Func<RollupConfig, RollupConfig>? adjust = null, SequencerOptions? sequencing = null) =>
        StartAsync(OptimismForkTimes.AllActiveAtGenesis(newest), adjust, sequencing);

    public static async Task<ActorNet> StartAsync(
        OptimismForkTimes forks, Func<RollupConfig, RollupConfig>? adjust = null, SequencerOptions? sequencing = null, NetworkUpgrades? upgrades = null,
        IReadOnlyList<GenesisAccount>? predeploys = null, BlobSchedule? l1Blobs = null)
    {
        var l1 = new MemoryL1(TestRollup.GenesisTime, blockTime: 12);
        var batcher = new TestAccount("batcher");
        TestRollup rollup = TestRollup.Create(l1.Genesis, forks, batcher, [new TestAccount("alice"), new TestAccount("bob")], adjust, upgrades, predeploys);
        var net = new ActorNet(l1, rollup with { L1Blobs = l1Blobs ?? BlobSchedule.None });
        net.Sequencer = new NodeActor(net, sequencing ?? new SequencerOptions { Enabled = true, L1Confirmations = 0 });
        net.Verifier = new NodeActor(net, new SequencerOptions());
        net.Batcher = new BatcherActor(net, batcher);
        await net.Sequencer.SyncAsync();
        await net.Verifier.SyncAsync();
        return net;
    }

    /// <summary>Sequences to L1's head, posts it all, mines it, and lets the verifier derive it.</summary>
    public async Task RoundAsync()
    {
        await Sequencer.BuildToL1HeadAsync();
        L1.Mine(await Batcher.SubmitAllAsync());
        await Verifier.SyncAsync();
    }

    /// <summary>Mines a block holding the items, in order, and lets the verifier derive it.</summary>
    public async Task DeriveAsync(params L1Item[] items)
    {
        L1.Mine(items);
        await Verifier.SyncAsync();
    }

    /// <summary>Sequences blocks with a transaction of Alice's in each, and gives them.</summary>
    public async Task<List<Block>> SequenceAsync(int count)
    {
        ulong first = Sequencer.Unsafe.Number + 1;
        for (int i = 0; i < count; i++)
        {
            await Sequencer.SendAsync(Alice.Sign(TestRollup.L2ChainId, Bob.Address, UInt256.One));
            await Sequencer.BuildAsync();
        }

        return await Sequencer.BlocksAsync(first, first + (ulong)count - 1);
    }

    /// <summary>The verifier's safe chain ends with a block, and is the sequencer's up to it.</summary>
    public async Task AssertSafeAsync(ulong number)
    {
        Assert.Equal(number, Verifier.Safe.Number);
        Assert.Equal((await Sequencer.BlockAsync(number)).Hash, Verifier.Safe.Hash);
    }

    public async ValueTask DisposeAsync()
    {
        await Sequencer.DisposeAsync();
        await Verifier.DisposeAsync();
    }
}
