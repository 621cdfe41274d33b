using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Xunit.Abstractions;

namespace Opal.ActionTests;

/// <summary>A node that is killed again and again, at any point, derives what one derives that never stops, whatever the batcher does and however L1 reorganises.</summary>
public sealed class RestartScenarios(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-node-").FullName;
    private int _files;

    /// <summary>Seeds and forks; a history has some ten kills. OPAL_SOAK_NODE_RESTARTS sets how many histories.</summary>
    public static TheoryData<int, OptimismFork> Seeds
    {
        get
        {
            int count = int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_NODE_RESTARTS"), out int asked) ? asked : 12;
            OptimismFork[] forks = [OptimismFork.Regolith, OptimismFork.Canyon, OptimismFork.Granite, OptimismFork.Holocene, OptimismFork.Jovian, OptimismFork.Holocene];
            var rows = new TheoryData<int, OptimismFork>();
            for (int seed = 1; seed <= count; seed++) rows.Add(seed, forks[seed % forks.Length]);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    [Case("D-RS-10 V-33")]
    public async Task Killed_at_any_point_with_an_adversarial_batcher_it_ends_where_one_ends_that_never_stopped(int seed, OptimismFork fork)
    {
        var random = new Random(seed);
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await using NodeActor restless = NewNode(net);
        var adversary = new Adversary(net, random);
        int kills = 0, reorgs = 0;
        for (int action = 0; action < 40; action++)
        {
            switch (random.Next(8))
            {
                case 0:
                    net.L1.MineEmpty(random.Next(1, 4));
                    break;
                case 1 when random.Next(2) == 0 && net.L1.Head.Number > 8:
                    int depth = random.Next(1, Math.Min(9, (int)net.L1.Head.Number - 1));
                    net.L1.Reorg(depth);
                    net.Batcher.StartOver();
                    net.L1.MineEmpty(depth + random.Next(1, 4)); // a reorg is seen when the new chain passes the old height
                    reorgs++;
                    break;
                case 2 or 3:
                    await SequenceAsync(net, random);
                    break;
                default:
                    await SequenceAsync(net, random);
                    await PostAsync(net, adversary, random);
                    break;
            }

            await SettleAsync(net, net.Verifier);
            if (random.Next(3) != 0)
            {
                kills += await WorkAndDieAsync(restless, random);
                continue;
            }

            await SettleAsync(net, restless);
            AssertSame(net.Verifier, restless, seed);
        }

        net.L1.MineEmpty(2);
        await SettleAsync(net, net.Verifier);
        await SettleAsync(net, restless);
        await using var fresh = new NodeActor(net, new SequencerOptions());
        await SettleAsync(net, fresh);
        AssertSame(net.Verifier, fresh, seed);
        AssertSame(net.Verifier, restless, seed);
        AssertSameSafeHeads(net, restless, net.Verifier);
        output.WriteLine($"safe {fresh.Safe.Number}, {kills} kills, {reorgs} L1 reorgs, {net.Verifier.Recorder.Invalid.Count} invalid payloads");
        Assert.True(kills > 0);
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_from_its_snapshot_without_reading_L1_again()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        await using NodeActor node = NewNode(net);
        for (int i = 0; i < 30; i++)
        {
            net.L1.Mine();
            await net.RoundAsync();
            await node.SyncAsync();
        }

        L2BlockRef safe = node.Safe;
        await node.RestartAsync();
        int before = net.L1.Answers;
        await node.SyncAsync();
        Assert.Equal(safe, node.Safe);
        Assert.True(net.L1.Answers - before < 20, $"{net.L1.Answers - before} questions to L1");
        net.L1.Mine();
        await net.RoundAsync();
        await node.SyncAsync();
        Assert.True(node.Safe.Number > safe.Number);
        Assert.Equal(net.Verifier.Safe, node.Safe);
    }

    [Fact]
    public async Task Damaged_snapshots_are_left_out()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        string folder = Path.Combine(_folder, "damaged");
        await using var node = new NodeActor(net, new SequencerOptions(), folder);
        for (int i = 0; i < 6; i++)
        {
            net.L1.Mine();
            await net.RoundAsync();
            await node.SyncAsync();
        }

        await node.StopAsync();
        string[] files = [.. Directory.GetFiles(Path.Combine(folder, "derivation"), "*.snapshot").Order()];
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] content = File.ReadAllBytes(file);
            content[content.Length / 2] ^= 1;
            File.WriteAllBytes(file, content);
        }

        await node.RestartAsync();
        await SettleAsync(net, node);
        Assert.Equal(net.Verifier.Safe, node.Safe);
    }

    [Fact]
    public async Task Safe_heads_by_L1_block_survive_a_restart()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        await using NodeActor node = NewNode(net);
        for (int i = 0; i < 8; i++)
        {
            net.L1.Mine();
            await net.RoundAsync();
            await node.SyncAsync();
        }

        await node.RestartAsync();
        await node.SyncAsync();
        AssertSameSafeHeads(net, net.Verifier, node);
    }

    private NodeActor NewNode(ActorNet net) => new(net, new SequencerOptions(), Path.Combine(_folder, $"{_files++}"));

    /// <summary>Takes a few steps, so that death comes at any point of the work; then it starts again.</summary>
    private static async Task<int> WorkAndDieAsync(NodeActor node, Random random)
    {
        await node.StepsAsync(random.Next(1, random.Next(2) == 0 ? 12 : 150));
        if (random.Next(4) == 0) await node.RestartAsync();
        else await node.KillAsync();
        return 1;
    }

    private static async Task PostAsync(ActorNet net, Adversary adversary, Random random)
    {
        await SettleAsync(net, net.Sequencer);
        ulong safe = net.Sequencer.Safe.Number, head = net.Sequencer.Unsafe.Number;
        if (safe >= head) return;

        // at times from below the safe head: overlap
        ulong from = random.Next(3) == 0 && safe > 3 ? safe - (ulong)random.Next(3) : safe + 1;
        List<L1Item> items = adversary.Post(await net.Sequencer.BlocksAsync(Math.Max(1, from), head));
        for (int i = 0; i < items.Count;)
        {
            int count = random.Next(1, items.Count - i + 1);
            net.L1.Mine([.. items.Skip(i).Take(count)]);
            i += count;
        }
    }

    private static async Task SequenceAsync(ActorNet net, Random random)
    {
        await SettleAsync(net, net.Sequencer);
        if (random.Next(2) == 0)
        {
            ulong nonce = await net.Sequencer.Eth.GetTransactionCountAsync(net.Alice.Address, BlockParameter.Latest);
            try
            {
                await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256((ulong)random.Next(1000)), nonce: nonce));
            }
            catch (RpcCallException)
            {
                // in the pool already
            }
        }

        ulong target = net.Sequencer.Unsafe.Number + (ulong)random.Next(1, 5);
        DateTimeOffset end = net.Time.GetUtcNow() + TimeSpan.FromSeconds(40);
        await net.Sequencer.RunUntilAsync(() => net.Sequencer.Unsafe.Number >= target || net.Time.GetUtcNow() >= end, TimeSpan.FromSeconds(60));
    }

    private static async Task SettleAsync(ActorNet net, NodeActor node)
    {
        for (int i = 0; i < 5; i++)
        {
            await node.SyncAsync();
            if (node.Node.Driver.IsSettled && node.Node.Status.CurrentL1.Number == net.L1.Head.Number) return;
            net.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static void AssertSame(NodeActor expected, NodeActor actual, int seed) =>
        Assert.True(expected.Safe == actual.Safe, $"seed {seed}: {expected.Safe.Id} and {actual.Safe.Id}; at L1 block {actual.Node.Status.CurrentL1.Number} of {actual.Node.Status.HeadL1.Number}, {(actual.Node.Driver.IsSettled ? "settled" : "not settled")} {actual.Node.Driver.HaltReason}\n{expected.Log}\n--- the other\n{actual.Log}");

    private static void AssertSameSafeHeads(ActorNet net, NodeActor expected, NodeActor actual)
    {
        for (ulong number = 0; number <= net.L1.Head.Number; number++)
        {
            bool known = expected.Node.Driver.SafeHeads.TryGet(number, out BlockId l1, out BlockId safe);
            Assert.Equal(known, actual.Node.Driver.SafeHeads.TryGet(number, out BlockId otherL1, out BlockId otherSafe));
            Assert.Equal((l1, safe), (otherL1, otherSafe));
        }
    }

    public void Dispose() => Directory.Delete(_folder, true);
}
