using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Xunit.Abstractions;

namespace Opal.ActionTests;

/// <summary>
/// Random histories: whatever L1, batcher, operators and providers do and in whatever order, nodes that have seen the same L1 agree, and a node that starts
/// from nothing agrees with them.
/// </summary>
public sealed class RandomScenarios(ITestOutputHelper output)
{
    /// <summary>Seeds and forks; OPAL_RANDOM_SEEDS=500 makes a soak test of it.</summary>
    public static TheoryData<int, OptimismFork> Seeds => Rows(18);

    /// <summary>Fewer of them, each with a long L1.</summary>
    public static TheoryData<int, OptimismFork> DeepSeeds => Rows(7);

    private static TheoryData<int, OptimismFork> Rows(int usual)
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("OPAL_RANDOM_SEEDS"), out int asked) ? asked : usual;
        var rows = new TheoryData<int, OptimismFork>();
        for (int seed = 1; seed <= count; seed++) rows.Add(seed, (OptimismFork)((int)OptimismFork.Bedrock + (seed % ((int)OptimismFork.Jovian + 1))));
        return rows;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Nodes_that_see_the_same_L1_agree(int seed, OptimismFork fork)
    {
        var random = new Random(seed);
        await using ActorNet net = await ActorNet.StartAsync(fork);
        for (int action = 0; action < 60; action++)
        {
            switch (random.Next(10))
            {
                case 0:
                    net.L1.MineAfter((ulong)random.Next(1, 40));
                    break;
                case 1:
                    net.L1.Mine(Deposits(net, random));
                    break;
                case 2 when random.Next(3) == 0 && net.L1.Head.Number > 6:
                    net.L1.Reorg(random.Next(1, 4));
                    net.Batcher.StartOver();
                    net.L1.MineEmpty(random.Next(1, 5));
                    break;
                case 3:
                    await net.Verifier.RestartAsync();
                    break;
                case 4 when random.Next(2) == 0:
                    net.L1.FinalizedNumber = Math.Max(net.L1.FinalizedNumber, net.L1.Head.Number > 8 ? net.L1.Head.Number - 8 : 0);
                    break;
                case 5:
                    await SettleAsync(net, net.Verifier);
                    break;
                case 6:
                    await SubmitAsync(net, random);
                    break;
                default:
                    await SequenceAsync(net, random);
                    break;
            }
        }

        await AgreeAsync(net, random);
    }

    /// <summary>L1 reorganisations 1 to 64 blocks deep, far beyond the sequencing window and the channel timeout.</summary>
    [Theory]
    [MemberData(nameof(DeepSeeds))]
    public async Task Deep_reorganisations_end_where_a_fresh_node_ends(int seed, OptimismFork fork)
    {
        var random = new Random(seed + 1_000_000);
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await GrowAsync(net, random, 66);
        for (int reorgs = random.Next(1, 4); reorgs > 0; reorgs--)
        {
            int depth = random.Next(1, 65);
            net.L1.Reorg(depth);
            net.Batcher.StartOver();
            await GrowAsync(net, random, depth + random.Next(1, 6));
        }

        await AgreeAsync(net, random);
    }

    /// <summary>Adds blocks to L1: empty ones, with deposits, with batches; nodes look on now and then, and are restarted.</summary>
    private static async Task GrowAsync(ActorNet net, Random random, int blocks)
    {
        for (ulong target = net.L1.Head.Number + (ulong)blocks; net.L1.Head.Number < target;)
        {
            switch (random.Next(12))
            {
                case 0:
                    net.L1.Mine(Deposits(net, random));
                    break;
                case 1:
                    await SettleAsync(net, net.Verifier);
                    break;
                case 2 when random.Next(4) == 0:
                    await net.Verifier.RestartAsync();
                    break;
                case 3 or 4:
                    await SequenceAsync(net, random);
                    break;
                case 5 or 6:
                    await SubmitAsync(net, random);
                    break;
                default:
                    net.L1.MineEmpty(random.Next(1, 5));
                    break;
            }
        }
    }

    /// <summary>After a last honest batch all nodes have the same safe chain, the one that a node derives which starts from nothing.</summary>
    private async Task AgreeAsync(ActorNet net, Random random)
    {
        await SettleAsync(net, net.Sequencer);
        net.Batcher.StartOver();
        await SubmitAsync(net, random, spoil: false);
        net.L1.MineEmpty(2);
        await SettleAsync(net, net.Verifier);
        await SettleAsync(net, net.Sequencer);
        await using var fresh = new NodeActor(net, new SequencerOptions());
        await SettleAsync(net, fresh);
        Assert.True(fresh.Safe == net.Verifier.Safe, $"fresh {fresh.Safe}, verifier {net.Verifier.Safe}\n{net.Verifier.Log}\n--- fresh\n{fresh.Log}");
        Assert.Equal(fresh.Safe, net.Sequencer.Safe);
        Assert.True(net.Verifier.Finalized.Number <= net.Verifier.Safe.Number);
        Assert.Equal((await net.Verifier.BlockAsync(net.Verifier.Finalized.Number)).Hash, (await fresh.BlockAsync(net.Verifier.Finalized.Number)).Hash);
        output.WriteLine($"L1 {net.L1.Head.Number}, safe {fresh.Safe.Number}, final {net.Verifier.Finalized.Number}, resets {net.Verifier.Recorder.Resets.Count} and {net.Sequencer.Recorder.Resets.Count}, invalid {net.Verifier.Recorder.Invalid.Count}");
        List<Block> blocks = await fresh.BlocksAsync(0, fresh.Safe.Number);
        for (int i = 1; i < blocks.Count; i++) Assert.Equal(blocks[i - 1].Hash, blocks[i].Header.ParentHash);
    }

    private static async Task SequenceAsync(ActorNet net, Random random)
    {
        await SettleAsync(net, net.Sequencer);
        if (random.Next(2) == 0)
        {
            ulong nonce = await net.Sequencer.Eth.GetTransactionCountAsync(net.Alice.Address, BlockParameter.Latest);
            Transaction transaction = net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256((ulong)random.Next(1000)), new byte[random.Next(200)], nonce: nonce);
            try
            {
                await net.Sequencer.SendAsync(transaction);
            }
            catch (RpcCallException)
            {
                // already known
            }
        }

        ulong target = net.Sequencer.Unsafe.Number + (ulong)random.Next(1, 6);
        DateTimeOffset end = net.Time.GetUtcNow() + TimeSpan.FromSeconds(40);
        await net.Sequencer.RunUntilAsync(() => net.Sequencer.Unsafe.Number >= target || net.Time.GetUtcNow() >= end, TimeSpan.FromSeconds(60));
    }

    private static async Task SubmitAsync(ActorNet net, Random random, bool spoil = true)
    {
        await SettleAsync(net, net.Sequencer);
        bool spans = net.Rollup.Config.Forks.Delta is not null, blobs = net.Rollup.Config.Forks.Ecotone is not null;
        net.Batcher.Form = spans && random.Next(2) == 0 ? BatchForm.Span : BatchForm.Singular;
        net.Batcher.Carrier = blobs && random.Next(4) == 0 ? Carrier.Blobs : Carrier.Calldata;
        net.Batcher.MaxFrameData = random.Next(3) == 0 && net.Batcher.Carrier == Carrier.Calldata ? 400 : 100_000;
        List<L1Item> items = [.. await net.Batcher.SubmitAllAsync()];
        if (spoil && items.Count > 0 && random.Next(4) == 0)
        {
            items.RemoveAt(random.Next(items.Count));
            net.Batcher.StartOver();
        }

        if (spoil && random.Next(4) == 0)
        {
            byte[] noise = new byte[random.Next(1, 100)];
            random.NextBytes(noise);
            items.Insert(0, net.Batcher.Post(noise));
        }

        if (random.Next(3) != 0)
        {
            net.L1.Mine([.. items]);
            return;
        }

        foreach (L1Item item in items) net.L1.Mine(item);
    }

    private static L1Item[] Deposits(ActorNet net, Random random)
    {
        var items = new L1Item[random.Next(1, 4)];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = new L1Item(net.Alice.Sign(TestRollup.L1ChainId, TestRollup.Portal), true, random.Next(3) == 0
                ? L1Logs.GasLimit((ulong)random.Next(25_000_000, 40_000_000))
                : L1Logs.Deposit(net.Bob.Address, net.Alice.Address, new UInt256((ulong)random.Next(5)), new UInt256((ulong)random.Next(5))));
        }

        return items;
    }

    /// <summary>Works until nothing is left, retries included; the sequencer may make a block or two on the way.</summary>
    private static async Task SettleAsync(ActorNet net, NodeActor node)
    {
        for (int i = 0; i < 5; i++)
        {
            await node.SyncAsync();
            if (node.Node.Driver.IsSettled && node.Node.Status.CurrentL1.Number == net.L1.Head.Number) return;
            net.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
