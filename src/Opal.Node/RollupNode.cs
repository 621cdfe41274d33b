using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// The rollup node: follows L1, derives the L2 chain into the execution engine, sequences when told to, and answers for both. Composition only: the work is
/// done by <see cref="Driver"/>, <see cref="EngineController"/> and <see cref="Sequencer"/>.
/// </summary>
public sealed class RollupNode : IAsyncDisposable
{
    private readonly RollupNodeOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CachingL1Source _l1;
    private readonly NodeMetrics _metrics;
    private RpcServer? _server;
    private Task _running = Task.CompletedTask;

    /// <summary>Puts a node together; nothing runs before <see cref="StartAsync"/>.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="ports">Its connections.</param>
    /// <param name="crypto">Cryptography.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="observer">Told of what changes; null when nobody is interested.</param>
    /// <exception cref="IOException">The file of <see cref="DriverOptions.AdminState"/> cannot be read.</exception>
    public RollupNode(RollupNodeOptions options, DriverPorts ports, ICrypto crypto, TimeProvider time, ILoggerFactory loggers, INodeObserver? observer = null)
    {
        (_options, _loggers) = (options, loggers);
        RollupConfig rollup = options.Rollup;
        IPayloadSigner? signer = options.Sequencer.Enabled ? options.Signer : null;
        INodeObserver told = observer ?? NullNodeObserver.Instance;
        _metrics = new NodeMetrics(rollup.L2ChainId, signer is null ? told : new FeedPublisher(options.Feed, rollup, signer, told));
        L1Heads = new L1Heads();
        CachingL1Source l1 = _l1 = new CachingL1Source(ports.L1, L1Heads, header => L1Receipts.AreNeeded(header, rollup), options.L1CacheSize);
        Watcher = new L1Watcher(l1, L1Heads, options.L1, time, loggers.CreateLogger("Opal.Node.L1"));
        Heads = new EngineController(ports.Engine, rollup, loggers.CreateLogger("Opal.Node.Engine"));
        var builder = new AttributesBuilder(rollup, options.L1Blobs, options.Upgrades);
        var dropped = new DroppedItems();
        var pipeline = new DerivationPipeline(rollup, crypto, builder, new DerivationLog(loggers.CreateLogger("Opal.Node.Derivation"), _metrics, dropped));
        if (options.Sequencer.Enabled)
        {
            var planner = new BlockPlanner(l1, ports.Engine, rollup, builder, options.Upgrades, L1Heads, options.Sequencer, time);
            bool stopped = options.Driver.AdminState?.Read() is { } started ? !started : options.Sequencer.StartStopped;
            Sequencer = new Sequencer(Heads, planner, rollup, options.Sequencer with { StartStopped = stopped }, time, _metrics, loggers.CreateLogger("Opal.Node.Sequencer"), options.Conductor);
        }

        Driver = new Driver(
            ports with { L1 = l1 }, rollup, pipeline, builder, options.Upgrades, Heads, Sequencer, L1Heads,
            options.Files?.SafeHeads ?? new SafeHeadHistory(), options.Files?.Snapshots ?? new SnapshotHistory(),
            options.Driver, time, _metrics, loggers.CreateLogger("Opal.Node.Driver"));
        if (options.Follow is { } source) Driver.Following = Follower = new UnsafeFollower(source, Driver, rollup, time, loggers.CreateLogger("Opal.Node.Following"));
        _metrics.Watch(() => Driver.Status);
        new NodeApi(rollup, ports.Engine, Driver.SafeHeads, () => Driver.Status, options.Version).Register(Registry);
        new StatusApi(Driver, rollup, dropped, time, options.Version).Register(Registry);
        if (signer is not null || options.Follow is { Waits: true }) new FeedApi(options.Feed, signer, ports.Engine, rollup, () => Driver.Status, time).Register(Registry);
        if (options.EnableAdmin) new AdminApi(Driver, rollup, options.SetLogLevel, options.Conductor).Register(Registry);
    }

    /// <summary>The node's methods, for callers in this process.</summary>
    public RpcRegistry Registry { get; } = new();

    /// <summary>The loop; tests step it by hand instead of calling <see cref="StartAsync"/>.</summary>
    public Driver Driver { get; }

    /// <summary>The L2 heads.</summary>
    public EngineController Heads { get; }

    /// <summary>Block production; null when not enabled.</summary>
    public Sequencer? Sequencer { get; }

    /// <summary>L1's labels.</summary>
    public L1Heads L1Heads { get; }

    /// <summary>Follows L1's labels; tests poll it by hand.</summary>
    public L1Watcher Watcher { get; }

    /// <summary>Follows another client's unsafe blocks; null when not asked for. Tests poll it by hand.</summary>
    public UnsafeFollower? Follower { get; }

    /// <summary>The latest snapshot.</summary>
    public SyncStatus Status => Driver.Status;

    /// <summary>Where the methods are served; null when only in this process, or not started.</summary>
    public Uri? RpcAddress => _server is not null && _options.Rpc is { } endpoint ? _server.AddressOf(endpoint.Name) : null;

    /// <summary>Ends when the node's loops have ended.</summary>
    public Task Completion => _running;

    /// <summary>Serves the methods and starts the loops.</summary>
    /// <exception cref="EndpointUnavailableException">The RPC port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_options.Upgrades.FirstMissing(_options.Rollup) is { } fork)
            _loggers.CreateLogger("Opal.Node").LogWarning("No bundle of network upgrade transactions is installed for {Fork}: the node will stop before its activation block", fork);
        if (_options.Rpc is { } endpoint)
        {
            var server = new RpcServerOptions { Version = _options.Version, Health = _ => ValueTask.FromResult(Health()) };
            _server = await RpcServer.StartAsync(Registry, [endpoint], _loggers, server, cancellation);
        }

        _running = Task.WhenAll(
            Task.Run(() => Watcher.RunAsync(_stopping.Token), CancellationToken.None), Task.Run(() => Driver.RunAsync(_stopping.Token), CancellationToken.None),
            Follower is null ? Task.CompletedTask : Task.Run(() => Follower.RunAsync(_stopping.Token), CancellationToken.None));
    }

    /// <summary>Ends the loops, then the server. A block being inserted is finished first.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        if (_server is not null) await _server.DisposeAsync();
        _server = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _l1.Dispose();
        _metrics.Dispose();
        _stopping.Dispose();
    }

    private RpcHealth Health() => Driver.HaltReason is { } reason ? new RpcHealth(false, reason) : new RpcHealth(true, _options.Version);
}
