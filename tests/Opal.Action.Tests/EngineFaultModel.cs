using System.Globalization;
using Opal.Crypto;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Node.Tests;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>
/// A whole node (sequencer, derivation, batches posted back to it) over an engine that answers anything at any time, for minutes, then properly: whatever it was told, its heads keep
/// their order, it never asks the same thing over and over, it makes one block a height, and it goes on soon after.
/// </summary>
public sealed class EngineFaultModel
{
    private static readonly TimeSpan s_realPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task Whatever_the_engine_answers_the_node_goes_on_within_half_a_minute()
    {
        int seeds = int.Parse(Environment.GetEnvironmentVariable("OPAL_SOAK_NODE_ENGINE") ?? "100", CultureInfo.InvariantCulture);
        int first = int.Parse(Environment.GetEnvironmentVariable("OPAL_SOAK_NODE_ENGINE_FIRST") ?? "1", CultureInfo.InvariantCulture);
        for (int seed = first; seed < first + seeds; seed++) await RunAsync(seed);
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var net = new Model(random);
        for (int round = 0; round < 3; round++)
        {
            net.Engine.IsFaulty = true;
            net.Engine.Share = random.NextDouble();
            if (random.Next(4) == 0) net.Fake.Lose(net.Fake.HeadBlock.Number / 2);
            net.Run(TimeSpan.FromSeconds(random.Next(10, 60)), seed);

            net.Engine.IsFaulty = false;
            L2BlockRef at = net.Node.Heads.Unsafe;
            net.Run(TimeSpan.FromSeconds(30), seed);
            Assert.True(net.Node.Driver.HaltReason is null, $"seed {seed}: {net.Node.Driver.HaltReason}");
            Assert.True(net.Node.Heads.Unsafe.Number > at.Number || net.Blocks > 0, $"seed {seed}, round {round}: no block within 30 s of the last fault, at {at.Number}\n{net.Log}");
            net.Blocks = 0;
        }

        // with time, all that is due is there, and the engine agrees
        net.Run(TimeSpan.FromSeconds(90), seed);
        L2BlockRef head = net.Node.Heads.Unsafe;
        Assert.True(head.Timestamp + 4 >= (ulong)net.Time.GetUtcNow().ToUnixTimeSeconds(), $"seed {seed}: the head's time is {head.Timestamp}, now {net.Time.GetUtcNow().ToUnixTimeSeconds()}\n{net.Log}");
        Assert.Equal(head.Hash, net.Fake.Head);
        Assert.True(net.Node.Heads.Safe.Number + 30 > head.Number, $"seed {seed}: safe {net.Node.Heads.Safe.Number}, unsafe {head.Number}; {net.Describe()}\n{net.Log}");
        Assert.True(net.Engine.TooOften is null, $"seed {seed}: {net.Engine.TooOften}\n{net.Log}");
    }

    /// <summary>The node, and the world it lives in, moved by one thread.</summary>
    private sealed class Model : INodeObserver, IAsyncDisposable
    {
        private readonly MemoryL1 _l1 = new(TestRollup.GenesisTime, 12);
        private readonly TestAccount _batcher = new("batcher");
        private readonly TestRollup _rollup;
        private readonly Dictionary<Hash256, Hash256> _sequenced = [];
        private Task<DriverProgress>? _step;
        private ulong _posted, _transactions;

        public Model(Random random)
        {
            _rollup = TestRollup.Create(_l1.Genesis, OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Jovian), _batcher, []);
            Fake = new FakeEngine(new Block { Header = _rollup.GenesisHeader, Withdrawals = [] }, _rollup.Config);
            Fake.Fault = method =>
            {
                // every job has a transaction of its own: a height built twice is seen
                if (method != "build") return null;
                Fake.Pool.Clear();
                Fake.Pool.Add(UserTransaction(_transactions++));
                return null;
            };
            Engine = new UnreliableEngine(Fake, random, Time);
            Node = new RollupNode(
                new RollupNodeOptions
                {
                    Rollup = _rollup.Config,
                    L1Blobs = BlobSchedule.None,
                    Sequencer = new SequencerOptions { Enabled = true, L1Confirmations = 0 },
                    L1 = new L1WatcherOptions(TimeSpan.Zero, TimeSpan.Zero),
                },
                new DriverPorts(_l1, _l1, Engine), NativeCrypto.Instance, Time, Log, this);
        }

        public ManualTime Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds((long)TestRollup.GenesisTime));

        public TestLog Log { get; } = new();

        public FakeEngine Fake { get; }

        public UnreliableEngine Engine { get; }

        public RollupNode Node { get; }

        /// <summary>Blocks sequenced since the test looked last.</summary>
        public int Blocks { get; set; }

        public void BlockSequenced(L2BlockRef block, PayloadEnvelope payload)
        {
            Blocks++;
            if (_sequenced.TryGetValue(block.ParentHash, out Hash256 other) && other != block.Hash && !Engine.CalledInvalid.Contains(other))
                throw new InvalidOperationException($"two blocks sequenced on {block.ParentHash}: {other} and {block.Hash}");
            _sequenced[block.ParentHash] = block.Hash;
        }

        public void Run(TimeSpan span, int seed)
        {
            DateTimeOffset end = Time.GetUtcNow() + span;
            while (Time.GetUtcNow() < end)
            {
                for (int steps = 0; ; steps++)
                {
                    Assert.True(steps < 2000, $"seed {seed}: the loop spins\n{Log}");
                    _step ??= Node.Driver.StepAsync(default);
                    if (!_step.IsCompleted && (Engine.HasLate || !((IAsyncResult)_step).AsyncWaitHandle.WaitOne(s_realPatience))) break;
                    Assert.True(_step.IsCompletedSuccessfully, $"seed {seed}: {_step.Exception}\n{Log}");
                    DriverProgress progress = _step.Result;
                    _step = null;
                    EngineController heads = Node.Heads;
                    Assert.True(
                        heads.Finalized.Number <= heads.Safe.Number && heads.Safe.Number <= heads.PendingSafe.Number && heads.PendingSafe.Number <= heads.Unsafe.Number,
                        $"seed {seed}: finalized {heads.Finalized.Number}, safe {heads.Safe.Number}, pending {heads.PendingSafe.Number}, unsafe {heads.Unsafe.Number}\n{Log}");
                    if (progress.State == DriverState.Advanced) continue;
                    if (progress.State == DriverState.Halted || progress.Pending is not { } pending) break;

                    // what goes on on other threads is given real time: the clock must not run away from it on a busy machine
                    if (!pending.IsCompleted && (Engine.HasLate || !((IAsyncResult)pending).AsyncWaitHandle.WaitOne(s_realPatience))) break;
                }

                Time.Advance(s_tick);
                Engine.Release();
                if ((ulong)Time.GetUtcNow().ToUnixTimeSeconds() >= _l1.Head.Timestamp + 12) MineL1();
                Assert.True(Node.Watcher.PollAsync(default).IsCompletedSuccessfully);
            }
        }

        /// <summary>An L1 block with the batches of what the engine has above the last one posted, or above the safe head when that was in vain.</summary>
        private void MineL1()
        {
            if (_l1.Head.Number > 3) _l1.FinalizedNumber = _l1.Head.Number - 3;
            var blocks = new List<Block>();
            ulong from = Math.Min(_posted, Fake.HeadBlock.Number);
            if (_l1.Head.Number % 3 == 0) from = Math.Min(from, Node.Heads.Safe.Number);
            for (Block at = Fake.HeadBlock; at.Number > from; at = Fake.BlockByHashAsync(at.Header.ParentHash, default).Result!) blocks.Add(at);
            blocks.Reverse();
            _posted = Fake.HeadBlock.Number;
            L1Item[] items = blocks.Count == 0 ? [] : [.. BatchWriter.Frames(BatchWriter.Channel(BatchWriter.Singular(blocks)), 100_000)
                .Select(frame => new L1Item(_batcher.Sign(TestRollup.L1ChainId, TestRollup.Inbox, data: FrameCodec.Encode([frame]))))];
            _l1.Mine(items);
        }

        private static byte[] UserTransaction(ulong nonce) => new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = TestRollup.L2ChainId,
            Nonce = nonce,
            GasLimit = 21_000,
            To = Address.FromNumber(0x1234),
            R = new UInt256(1),
            S = new UInt256(1),
        }.Encoded;

        /// <summary>Where derivation is, and why.</summary>
        public string Describe()
        {
            Task<NodeReport> report = Node.Driver.ReportAsync(new DroppedItems(), default);
            for (int i = 0; i < 10 && !report.IsCompleted; i++) Node.Driver.StepAsync(default);
            return $"at L1 block {Node.Status.CurrentL1.Number} of {_l1.Head.Number}: {(report.IsCompletedSuccessfully ? report.Result.SafeReason : "no report")}";
        }

        public ValueTask DisposeAsync() => Node.DisposeAsync();
    }
}
