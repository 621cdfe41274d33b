using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>A pipeline that goes on from a snapshot gives what the unbroken one gives.</summary>
public sealed class SnapshotTests
{
    /// <summary>An L1 with channels over several blocks, spans and singular batches, gaps, garbage, config changes, deposits and expired windows.</summary>
    private static TestNet Adversarial(OptimismFork fork, int seed)
    {
        var net = new TestNet(fork, static config => config with { SequencingWindowSize = 12, ChannelTimeoutGraniteBlocks = 6, ChannelTimeoutBlocks = 6 }, seed);
        var random = new Random(seed);
        ulong posted = 0;
        for (int round = 0; round < 8; round++)
        {
            net.L1.Mine(logs: random.Next(3) == 0 ? [CaseNet.Deposit(net, 5), CaseNet.Update(net, 2, (ulong)random.Next(20_000_000, 40_000_000))] : []);
            net.SequenceToL1Head(2);
            ulong head = net.Sequencer.HeadRef.Number;
            if (head == posted) continue;
            ulong[] numbers = TestNet.Range(posted + 1, head);
            byte[] Batches(ulong[] of) => TestNet.Compress(
                fork >= OptimismFork.Fjord && random.Next(2) == 0,
                fork >= OptimismFork.Delta && random.Next(2) == 0 ? [net.SpanOf(of)] : [.. of.Select(net.SingularOf)]);
            Frame[] frames = net.Cut(Batches(numbers), random.Next(1, 4));
            if (fork < OptimismFork.Holocene && random.Next(2) == 0) random.Shuffle(frames);
            if (random.Next(3) == 0) net.L1.Mine([net.Post(net.Cut(Batches(numbers), 3)[0])]); // begun and left open
            if (random.Next(3) == 0 && numbers.Length > 3) net.L1.Mine([net.Post(net.Cut(Batches(numbers[(numbers.Length / 2)..]), 1))]); // batches of the future
            foreach (Frame frame in frames)
            {
                net.L1.Mine([net.Post(frame), FakeL1.Calldata(net.Config, TestNet.Batcher, Mutation.Noise(random, 20))]);
                if (random.Next(4) == 0) net.L1.Mine();
            }

            if (random.Next(4) != 0) posted = head; // else the next channel repeats these blocks
        }

        for (int i = random.Next(16); i > 0; i--) net.L1.Mine();
        return net;
    }

    private static string Describe(DerivedAttributes given) =>
        $"{given.BlockNumber} {given.L1Origin.Number} {given.DerivedFrom.Number} {given.ConcludesBatch} {Keccak256.Hash([.. given.Attributes.Transactions.SelectMany(static transaction => transaction)])} {given.Parent.Hash}";

    public static TheoryData<OptimismFork> Forks => [OptimismFork.Bedrock, OptimismFork.Canyon, OptimismFork.Granite, OptimismFork.Holocene, OptimismFork.Karst];

    [Theory, MemberData(nameof(Forks))]
    [Case("V-33 D-RS-10")]
    public void At_every_L1_block_a_snapshot_goes_on_as_if_nothing_had_stopped(OptimismFork fork)
    {
        int first = Soak.Seed(300), snapshots = 0;
        for (int seed = first, last = first + Math.Max(1, Soak.Count(3000) / 1000); seed < last; seed++)
        {
            TestNet net = Adversarial(fork, seed);
            int l1 = net.L1.Chain.Count;
            var taken = new List<(byte[] Snapshot, int Given, L1BlockRef Origin)>();

            // the unbroken run, which is shown one L1 block after the other
            List<FakeL1.Entry> hidden = [.. net.L1.Chain[1..]];
            net.L1.Chain.RemoveRange(1, l1 - 1);
            foreach (FakeL1.Entry entry in hidden)
            {
                Assert.IsType<Idle>(net.Derive());
                Assert.IsType<NeedL1Block>(net.Pipeline.Step());
                DerivationSnapshot? snapshot = net.Pipeline.TakeSnapshot();
                Assert.True(snapshot is not null || net.Pipeline.PendingSafeHead != net.Pipeline.SafeHead, $"seed {seed}: no snapshot behind L1 block {net.Pipeline.Origin.Number}");
                if (snapshot is not null) taken.Add((snapshot.Encode(), net.Given.Count, net.Pipeline.Origin));
                net.L1.Chain.Add(entry);
            }

            Assert.IsType<Idle>(net.Derive());
            L2BlockRef end = net.Pipeline.SafeHead;
            string[] unbroken = [.. net.Given.Select(Describe)];
            SystemConfig config = net.Verifier.ConfigOf(net.Verifier.Head);
            Assert.True(end.Number > 5, $"seed {seed}: {end.Number}");
            Block[] chain = [.. net.Verifier.Chain];
            foreach ((byte[] encoded, int given, L1BlockRef origin) in taken)
            {
                Assert.True(DerivationSnapshot.TryDecode(encoded, net.Config, out DerivationSnapshot? snapshot), $"seed {seed}, L1 block {origin.Number}");
                Assert.Equal(encoded, snapshot!.Encode());
                Assert.Equal(origin, snapshot.Origin);
                net.Verifier.Chain.Clear();
                net.Verifier.Chain.AddRange(chain);
                net.Given.Clear();
                net.Resume(snapshot);
                Assert.IsType<Idle>(net.Derive());
                Assert.Equal(end, net.Pipeline.SafeHead);
                Assert.Equal(unbroken[given..], net.Given.Select(Describe));
                Assert.Equal(config, net.Verifier.ConfigOf(net.Verifier.Head));
                snapshots++;
            }
        }

        Assert.True(snapshots > 20, $"{snapshots}");
    }

    [Fact]
    public void Damaged_snapshots_are_refused_or_read_as_they_are_written()
    {
        int seed = Soak.Seed(301);
        var random = new Random(seed);
        var seeds = new List<byte[]>();
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Granite, OptimismFork.Karst])
        {
            TestNet net = Adversarial(fork, 5);
            List<FakeL1.Entry> hidden = [.. net.L1.Chain[1..]];
            net.L1.Chain.RemoveRange(1, hidden.Count);
            foreach (FakeL1.Entry entry in hidden)
            {
                Assert.IsType<Idle>(net.Derive());
                net.Pipeline.Step();
                if (net.Pipeline.TakeSnapshot() is { } snapshot) seeds.Add(snapshot.Encode());
                net.L1.Chain.Add(entry);
            }
        }

        RollupConfig config = new TestNet(OptimismFork.Karst).Config;
        var seen = new int[2];
        for (int round = 0, count = Soak.Count(5000); round < count; round++)
        {
            byte[] input = [.. seeds[random.Next(seeds.Count)]];
            if (random.Next(3) == 0) input = Mutation.Of(random, input);
            else input[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
            bool read = DerivationSnapshot.TryDecode(input, config, out DerivationSnapshot? snapshot);
            if (read) Assert.True(input.AsSpan().SequenceEqual(snapshot!.Encode()), $"seed {seed}, round {round}: {Hex.Encode(input)}");
            seen[read ? 1 : 0]++;
        }

        Assert.All(seen, static count => Assert.True(count > 50));
    }
}
