using Opal.Crypto;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>An execution client and a rollup node over it, wired as in production but for the sockets, and stepped by hand.</summary>
public sealed class NodeActor : IAsyncDisposable
{
    private readonly ActorNet _net;
    private readonly SequencerOptions _sequencing;
    private readonly string? _folder;
    private readonly IL1Source _l1;
    private NodeFiles? _files;
    private bool _isStopped;

    /// <param name="net">What it is part of.</param>
    /// <param name="sequencing">Whether and how it makes blocks.</param>
    /// <param name="folder">Where it keeps its files; null keeps them in memory.</param>
    /// <param name="l1">How it reads L1; null reads the net's directly.</param>
    public NodeActor(ActorNet net, SequencerOptions sequencing, string? folder = null, IL1Source? l1 = null)
    {
        _l1 = l1 ?? net.L1;
        _net = net;
        _sequencing = sequencing;
        _folder = folder;
        Execution = new ExecutionClient(
            new ExecutionClientOptions { Spec = net.Rollup.Spec, GenesisHeader = net.Rollup.GenesisHeader, GenesisAlloc = net.Rollup.Genesis.ToDiff() },
            NativeCrypto.Instance, null, net.Time, Log);
        Connection = new InProcessRpcClient(Execution.Registry);
        Engine = new FaultyEngine(new RpcEngine(Connection, net.Rollup.Config));
        Eth = new EthClient(Connection);
        Node = CreateNode();
    }

    public ExecutionClient Execution { get; }

    public IRpcClient Connection { get; }

    public EthClient Eth { get; }

    public FaultyEngine Engine { get; }

    public RollupNode Node { get; private set; }

    public Recorder Recorder { get; } = new();

    /// <summary>What node and engine log, shown when a scenario gets stuck.</summary>
    public TestLog Log { get; } = new();

    /// <summary>The file that keeps whether the sequencer runs, from the next start on.</summary>
    public string? AdminState { get; set; }

    /// <summary>Whose unsafe blocks are followed, from the next start on.</summary>
    public IUnsafeSource? Follow { get; set; }

    /// <summary>The key that signs its blocks, from the next start on.</summary>
    public IPayloadSigner? Signer { get; set; }

    /// <summary>The signed blocks it passes on, from the next start on.</summary>
    public UnsafeFeed? Feed { get; set; }

    /// <summary>Where it has blobs from if not from L1 itself, from the next start on.</summary>
    public IBlobSource? Blobs { get; set; }

    /// <summary>Whether the engine shall sync itself, from the next start on.</summary>
    public bool EngineSync { get; set; }

    /// <summary>By how much the safe head trails what it synced to.</summary>
    public ulong EngineSyncOffset { get; set; }

    public L2BlockRef Unsafe => Node.Status.UnsafeL2;

    public L2BlockRef Safe => Node.Status.SafeL2;

    public L2BlockRef Finalized => Node.Status.FinalizedL2;

    /// <summary>Restarts the rollup node over the same engine.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Node = CreateNode();
        _isStopped = false;
    }

    /// <summary>Stops the rollup node; <see cref="RestartAsync"/> starts it again.</summary>
    public async Task StopAsync()
    {
        if (_isStopped) return;
        _isStopped = true;
        await Node.DisposeAsync();
        if (_files is not null) await _files.DisposeAsync();
    }

    /// <summary>Looks at L1 and takes a few steps, as far as there is something to do.</summary>
    public async Task StepsAsync(int count)
    {
        await PollAsync();
        for (int i = 0; i < count; i++)
        {
            DriverProgress progress = await Node.Driver.StepAsync(default);
            if (progress.State == DriverState.Advanced) continue;
            if (progress.Pending is null) return;
            await progress.Pending;
        }
    }

    /// <summary>Kills the rollup node, with what it has not written, and starts it again over the same engine.</summary>
    public Task KillAsync()
    {
        _files?.Abandon();
        return RestartAsync();
    }

    /// <summary>Looks at L1 and works until nothing is left to do at this time. Time stands still.</summary>
    public async Task SyncAsync(int maxSteps = 20_000)
    {
        await PollAsync();
        for (int steps = 0; steps < maxSteps; steps++)
        {
            DriverProgress progress = await Node.Driver.StepAsync(default);
            if (progress.State == DriverState.Advanced) continue;
            if (progress.State == DriverState.Halted) return;
            if (progress.Pending is null) return;
            await progress.Pending;
        }

        Task<NodeReport> report = Node.Driver.ReportAsync(new DroppedItems(), default);
        await Node.Driver.StepAsync(default);
        Assert.Fail($"the node does not settle: {(await report).SafeReason}\n{Log}");
    }

    /// <summary>Works, letting time pass as far as retries ask for, until a condition holds.</summary>
    public async Task RunUntilAsync(Func<bool> reached, TimeSpan atMost)
    {
        DateTimeOffset end = _net.Time.GetUtcNow() + atMost;
        int steps = 0;
        while (!reached())
        {
            Assert.True(++steps < 100_000, $"the node spins\n{Log}");
            DriverProgress progress = await Node.Driver.StepAsync(default);
            if (progress.State == DriverState.Advanced) continue;
            Assert.NotEqual(DriverState.Halted, progress.State);
            if (progress.Pending is not null)
            {
                await progress.Pending;
                continue;
            }

            DateTimeOffset now = _net.Time.GetUtcNow();
            Assert.True(now < end, $"not reached: unsafe {Unsafe.Number}, safe {Safe.Number}\n{Log}");
            DateTimeOffset wake = progress.WakeAt is { } at && at > now ? at : now + TimeSpan.FromMilliseconds(250);
            _net.Time.Set(wake < end ? wake : end);
            await PollAsync();
        }
    }

    /// <summary>Sequences blocks.</summary>
    public async Task BuildAsync(int count = 1)
    {
        Assert.True(_sequencing.Enabled);
        if (Unsafe.Hash.IsZero) await SyncAsync();
        ulong target = Unsafe.Number + (ulong)count;
        await RunUntilAsync(() => Unsafe.Number >= target, TimeSpan.FromSeconds((count * 2) + 30));
        Assert.Equal(target, Unsafe.Number);
    }

    /// <summary>Sequences until the unsafe head's origin is L1's head.</summary>
    public async Task BuildToL1HeadAsync()
    {
        await SyncAsync();
        while (Unsafe.L1Origin.Number < _net.L1.Head.Number) await BuildAsync();
    }

    /// <summary>Puts a user's transaction into the pool.</summary>
    public Task<Hash256> SendAsync(Transaction transaction) => Eth.SendRawTransactionAsync(transaction.Encoded);

    /// <summary>The canonical block of a height, as its RPC has it.</summary>
    public async Task<Block> BlockAsync(ulong number) =>
        await Eth.FindBlockAsync(BlockParameter.At(number)) ?? throw new InvalidOperationException($"no block {number}");

    public async Task<List<Block>> BlocksAsync(ulong from, ulong to)
    {
        var blocks = new List<Block>();
        for (ulong number = from; number <= to; number++) blocks.Add(await BlockAsync(number));
        return blocks;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Execution.DisposeAsync();
    }

    private async Task PollAsync()
    {
        try
        {
            await Node.Watcher.PollAsync(default);
        }
        catch (SourceException)
        {
            // a faulty provider: the node goes on with what it knows
        }
    }

    private RollupNode CreateNode()
    {
        _files = _folder is null ? null : NodeFiles.Open(_folder, null, _net.Rollup.Config, Log);
        return CreateNode(_files);
    }

    private RollupNode CreateNode(NodeFiles? files) => new(
        new RollupNodeOptions
        {
            Rollup = _net.Rollup.Config,
            L1Blobs = _net.Rollup.L1Blobs,
            Upgrades = _net.Rollup.Upgrades,
            Sequencer = _sequencing,
            L1 = new L1WatcherOptions(TimeSpan.Zero, TimeSpan.Zero),
            Driver = new DriverOptions
            {
                LongestResetWait = TimeSpan.Zero, // a test that moves no clock may still see two reorgs
                AdminState = AdminState is null ? null : new AdminStateFile(AdminState),
                EngineSync = EngineSync,
                EngineSyncOffset = EngineSyncOffset,
            },
            Follow = Follow,
            Signer = Signer,
            Feed = Feed ?? new UnsafeFeed(),
            EnableAdmin = true,
            Files = files,
        },
        new DriverPorts(_l1, Blobs ?? _net.L1, Engine), NativeCrypto.Instance, _net.Time, Log, Recorder);
}
