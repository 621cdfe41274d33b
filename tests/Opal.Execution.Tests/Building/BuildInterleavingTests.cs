using System.Collections.Concurrent;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>Payloads keep to what was asked for while the fork choice, the chain and the pool move.</summary>
public sealed class BuildInterleavingTests
{
    private const string Variable = "OPAL_SOAK_BUILDER";
    private const int RoundsPerChain = 100;
    private const int Workers = 3;

    [Fact]
    public async Task Every_payload_is_a_valid_block_on_the_parent_and_with_the_attributes_asked_for()
    {
        int rounds = Soak.Count(Variable, 300), seed = Soak.Seed(Variable, 41);
        for (int done = 0; done < rounds; done += RoundsPerChain) await RunAsync(seed++, Math.Min(RoundsPerChain, rounds - done));
    }

    private sealed class World(TestRollup rollup, TestAccount[] accounts)
    {
        public TestRollup Rollup { get; } = rollup;
        public TestAccount[] Accounts { get; } = accounts;
        public ConcurrentDictionary<int, ExecutedBlock> Blocks { get; } = new();
        public int Salt;

        public ExecutedBlock Pick(Random random) => Blocks[Math.Max(0, Blocks.Count - 1 - random.Next(Math.Min(Blocks.Count, 6)))];

        public void Add(ExecutedBlock block)
        {
            lock (Blocks) Blocks[Blocks.Count] = block;
        }
    }

    private static async Task RunAsync(int seed, int rounds)
    {
        OptimismFork[] forks = [OptimismFork.Ecotone, OptimismFork.Holocene, OptimismFork.Jovian, OptimismFork.Karst];
        await using var rollup = new TestRollup(forks[seed % forks.Length], o => o with
        {
            // branches here may leave the chain further back than the test disk's few recent blocks
            OpenStorage = new TestDisk { Options = new JournalOptions { CheckpointBlocks = 5, RecentTransactionBlocks = 4, CachedBlocks = 4 } }.Open,
            Builder = new PayloadBuilderOptions { MaxPayloads = 1000, GatherTime = TimeSpan.FromMilliseconds(1), QuietTime = TimeSpan.FromMilliseconds(2), CheckpointInterval = TimeSpan.FromMilliseconds(5) },
        });
        var world = new World(rollup, [.. Enumerable.Range(0, 5).Select(i => new TestAccount($"interleaved {i}"))]);
        world.Add(rollup.Build(noTxPool: true, forced: [.. world.Accounts.Select((a, i) => TestRollup.Deposit(a.Address, Address.Zero, TestRollup.Ether, 0, (ulong)i))]));
        int left = rounds;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random((seed * 31) + worker);
            using var executor = new BlockExecutor(rollup.Client.Chain.Crypto, rollup.Client.Chain.Spec);
            while (Interlocked.Decrement(ref left) >= 0) await RoundAsync(world, random, executor, $"seed {seed}, worker {worker}");
        })));
        Assert.Null(rollup.Client.Pool.FindInconsistency());
        Assert.Equal(0, rollup.Client.Builder.Counters.Mismatches);
    }

    private static async Task RoundAsync(World world, Random random, BlockExecutor executor, string context)
    {
        TestRollup rollup = world.Rollup;
        ExecutedBlock parent = world.Pick(random);
        PayloadAttributes attributes = rollup.Attributes(
            parent, noTxPool: random.Next(4) == 0, salt: (ulong)Interlocked.Increment(ref world.Salt),
            forced: random.Next(3) == 0 ? [TestRollup.Deposit(world.Accounts[0].Address, Address.FromNumber((ulong)random.Next(1, 5000) + 0x10000), 5, 3, (ulong)random.Next())] : []);
        PayloadId id = rollup.Begin(attributes, parent);
        int actions = random.Next(6);
        for (int i = 0; i < actions; i++) await ActAsync(world, random);
        BuiltPayload payload = rollup.Take(id);
        PayloadChecks.Check(rollup.Client.Chain, executor, parent, attributes, payload, context);
        Assert.Same(payload, rollup.Take(id));
        if (random.Next(3) == 0) return; // a payload nobody imports
        Assert.Equal(PayloadVerdict.Valid, rollup.Import(payload.Block).Verdict);
        world.Add(rollup.Client.Chain.Find(payload.Block.Hash)!);
        if (random.Next(2) == 0) Assert.Equal(PayloadVerdict.Valid, rollup.Choose(payload.Block.Hash).Status.Verdict);
    }

    private static async Task ActAsync(World world, Random random)
    {
        TestRollup rollup = world.Rollup;
        switch (random.Next(6))
        {
            case 0: // the fork choice moves somewhere else
                Assert.Equal(PayloadVerdict.Valid, rollup.Choose(world.Pick(random).Hash).Status.Verdict);
                break;
            case 1: // another payload is begun, perhaps asked for
                ExecutedBlock other = world.Pick(random);
                PayloadId id = rollup.Begin(rollup.Attributes(other, random.Next(2) == 0, (ulong)Interlocked.Increment(ref world.Salt)), other);
                if (random.Next(2) == 0) Assert.Equal(other.Hash, rollup.Take(id).Block.Header.ParentHash);
                break;
            case 2:
                await Task.Delay(random.Next(4));
                break;
            default:
                TestAccount account = world.Accounts[random.Next(world.Accounts.Length)];
                ulong nonce = rollup.Client.Pool.PendingNonce(account.Address) + (ulong)(random.Next(8) / 7);
                bool calls = random.Next(3) == 0;
                rollup.Client.Pool.Add(account.Send(
                    nonce, calls ? TestCode.Store : world.Accounts[random.Next(world.Accounts.Length)].Address, (ulong)random.Next(100),
                    calls ? [.. Enumerable.Repeat((byte)random.Next(256), 32)] : null, gas: calls ? 100_000UL : 21_000UL, tipGwei: (ulong)random.Next(1, 30)));
                break;
        }
    }
}
