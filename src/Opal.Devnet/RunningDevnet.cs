using Microsoft.Extensions.Logging;
using Opal.Batcher;
using Opal.Crypto;
using Opal.Deployer;
using Opal.Deployer.Config;
using Opal.Deployer.Keys;
using Opal.Deployer.L1;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Proposer;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Devnet;

/// <summary>A devnet that runs: all roles in this process, wired through their public interfaces.</summary>
public sealed class RunningDevnet : IAsyncDisposable
{
    /// <summary>What the L2 nodes keep in memory: blocks with receipts, and blocks whose state can be read and proven.</summary>
    private const int KeptBlocks = 7200, KeptTransactions = 40_000, KeptStates = 2048;

    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly List<IDisposable> _clients = [];
    private readonly DevnetOptions _options;
    private readonly Action<string> _say;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ILoggerFactory _loggers;
    private StatusReader? _status;
    private L2Stack? _sequencer;

    private RunningDevnet(DevnetOptions options, Action<string> say)
    {
        _options = options;
        _say = say;
        _loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddProvider(new FileLog(Path.Combine(options.DataDirectory, "opal.log"), LogLevel.Information)));
    }

    /// <summary>What devnet.json says.</summary>
    public DevnetDescription Description { get; private set; } = null!;

    /// <summary>Starts everything and returns when everything answers.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="say">Told of each step, a line each.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DevnetException">It cannot start; the message says what to do.</exception>
    public static async Task<RunningDevnet> StartAsync(DevnetOptions options, Action<string> say, CancellationToken cancellation)
    {
        CheckOptions(options);
        PortCheck.Require(options.Ports.All(options.L1Rpc is null, options.Verifier));
        try
        {
            Directory.CreateDirectory(options.DataDirectory);
            File.Delete(Path.Combine(options.DataDirectory, DevnetDescription.FileName)); // an old one would look like readiness
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DevnetException($"the data directory {options.DataDirectory} cannot be used: {error.Message}; choose another with --datadir", error);
        }

        var devnet = new RunningDevnet(options, say);
        try
        {
            await devnet.RunAsync(cancellation);
            return devnet;
        }
        catch (Exception error)
        {
            await devnet.DisposeAsync();
            if (error is DeployerException or ConfigFileException or EndpointUnavailableException or RpcTransportException or RpcCallException)
            {
                throw new DevnetException(error.Message, error);
            }

            throw;
        }
    }

    private static void CheckOptions(DevnetOptions options)
    {
        foreach ((string flag, TimeSpan time) in new[] { ("--l1-block-time", options.L1BlockTime), ("--l2-block-time", options.L2BlockTime) })
        {
            if (time < TimeSpan.FromSeconds(1) || time.Ticks % TimeSpan.TicksPerSecond != 0) throw new DevnetException($"{flag} must be whole seconds, at least 1s");
        }

        if (options.L2BlockTime > options.L1BlockTime) throw new DevnetException("--l2-block-time must not be longer than --l1-block-time");
        if (options.L1Rpc is null && options.L1Beacon is not null) throw new DevnetException("--l1-beacon belongs to an L1 that runs already; give its JSON-RPC with --l1");
        if (options.L1Rpc is not null && options.L1Beacon is null && options.DataAvailability == DataAvailability.Blobs)
        {
            throw new DevnetException("blobs on an L1 of your own need its Beacon API: give --l1-beacon URL, or use --da calldata");
        }
    }

    private T Own<T>(T part) where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
    }

    private HttpRpcClient Connect(Uri url, byte[]? jwtSecret = null)
    {
        var client = new HttpRpcClient(url, new HttpRpcClientOptions { JwtSecret = jwtSecret });
        _clients.Add(client);
        return client;
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        ulong l1Seconds = (ulong)_options.L1BlockTime.TotalSeconds, l2Seconds = (ulong)_options.L2BlockTime.TotalSeconds;
        NetworkUpgrades upgrades = LoadUpgrades();
        Task warm = Task.Run(Kzg.Warm, CancellationToken.None); // the trusted setup takes a moment; nothing waits for it yet

        EmbeddedL1? embedded = _options.L1Rpc is null ? Own(await EmbeddedL1.StartAsync(_options, l1Seconds, _time, _loggers, cancellation)) : null;
        Uri l1Url = embedded?.Rpc ?? _options.L1Rpc!;
        Uri? beaconUrl = embedded?.Beacon ?? _options.L1Beacon;
        var l1 = new EthClient(Connect(l1Url), trusted: true);
        ulong l1ChainId = await ChainIdOfAsync(l1, cancellation);
        _say(embedded is not null ? $"L1 is up: {Plain(l1Url)}, Beacon API {Plain(beaconUrl!)}" : $"using the L1 at {Plain(l1Url)}, chain {l1ChainId}");
        if (embedded is null) await new RoleFunding(l1, l1ChainId, _time, _loggers).RunAsync(cancellation);

        DeployConfig config = DevnetDeployConfig.Make(l1ChainId, l1Seconds, l2Seconds, upgrades.Of(OptimismFork.Isthmus) is not null && upgrades.Of(OptimismFork.Jovian) is not null);
        RollupDeploymentResult rollup = await DeployAsync(config, upgrades, l1, embedded, cancellation);
        embedded?.StartProducing();
        DevnetFiles files = DevnetFiles.Write(_options.DataDirectory, config, rollup);
        byte[] jwtSecret = JwtSecretFile.ReadOrCreate(files.Jwt);
        _say($"contracts deployed ({rollup.GasUsed / 1_000_000} M gas); L2 begins at L1 block {rollup.StartBlock.Number}");
        await warm;

        DevnetPorts ports = _options.Ports;
        BlobSchedule blobs = embedded?.Blobs ?? ForeignBlobs(l1ChainId);
        _sequencer = Own(await L2Stack.StartAsync(
            ExecutionOptions(rollup, L2Stack.Endpoints(ports.L2Rpc, ports.L2WebSocket, ports.L2Engine, jwtSecret), sequencer: null),
            NodeOptions(rollup.RollupConfig, blobs, upgrades, ports.Node, isSequencer: true),
            engine => ConnectionOptions(l1Url, beaconUrl, engine, jwtSecret), _time, _loggers, cancellation));
        Uri l2Url = _sequencer.Execution.AddressOf("http");
        var node = new RollupNodeClient(Connect(_sequencer.Node.RpcAddress!));
        _say($"sequencer is up: L2 RPC {Plain(l2Url)}");

        BatcherService batcher = await StartBatcherAsync(rollup.RollupConfig, l1, embedded?.OsakaTime, l2Url, node, cancellation);
        ProposerService proposer = await StartProposerAsync(rollup, l1, node, cancellation);
        RollupNodeClient? verifierNode = null;
        L2Stack? verifier = null;
        if (_options.Verifier)
        {
            verifier = Own(await L2Stack.StartAsync(
                ExecutionOptions(rollup, L2Stack.Endpoints(ports.VerifierL2Rpc, null, ports.VerifierEngine, jwtSecret), Connect(l2Url)),
                NodeOptions(rollup.RollupConfig, blobs, upgrades, ports.VerifierNode, isSequencer: false),
                engine => ConnectionOptions(l1Url, beaconUrl, engine, jwtSecret), _time, _loggers, cancellation));
            verifierNode = new RollupNodeClient(Connect(verifier.Node.RpcAddress!));
            _say($"verifier is up: L2 RPC {Plain(verifier.Execution.AddressOf("http"))}");
        }

        _status = new StatusReader(l1, node, verifierNode, batcher, proposer, rollup.RollupConfig,
            [("batcher", DevnetKeys.Roles.Batcher.Address), ("proposer", DevnetKeys.Roles.Proposer.Address)]);
        await UntilProducingAsync(node, cancellation);
        Description = Describe(rollup, files, l1ChainId, l1Url, beaconUrl, l2Url, verifier);
        Description.Write(_options.DataDirectory);
    }

    private static async Task<ulong> ChainIdOfAsync(EthClient l1, CancellationToken cancellation)
    {
        try
        {
            return await l1.ChainIdAsync(cancellation);
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            throw new DevnetException($"the L1 does not answer ({error.Message}); start it, or correct the URL given with --l1", error);
        }
    }

    private NetworkUpgrades LoadUpgrades()
    {
        string? file = UpgradeBundleLocator.Find(_options.UpgradeBundles, Environment.GetEnvironmentVariable("OPAL_UPGRADE_BUNDLES"), _options.DataDirectory);
        if (file is null)
        {
            _say("no network upgrade bundles found (--upgrade-bundles, OPAL_UPGRADE_BUNDLES): the L2 stays at Holocene");
            return NetworkUpgrades.None;
        }

        IReadOnlyList<UpgradeBundle> bundles = UpgradeBundleFile.ReadCollection(file);
        UpgradeBundle[] published = [.. bundles.Where(NetworkUpgrades.IsPublished)];
        if (bundles.Count == 0) throw new DevnetException($"{file} holds no network upgrade transactions; give the file of the upgrade bundles or leave it out");
        foreach (UpgradeBundle other in bundles.Where(b => NetworkUpgrades.HasTransactions(b.Fork) && !NetworkUpgrades.IsPublished(b)))
        {
            throw new DevnetException($"{file}: the {other.Fork} bundle is not the published one (its hash is {other.Hash}); get the official file");
        }

        return new NetworkUpgrades(published);
    }

    private async Task<RollupDeploymentResult> DeployAsync(DeployConfig config, NetworkUpgrades upgrades, EthClient l1, EmbeddedL1? embedded, CancellationToken cancellation)
    {
        var options = new RollupDeploymentOptions
        {
            Config = config,
            L1 = new RpcL1Sender(l1, DevnetKeys.Roles.Admin),
            Deployment = new L1DeploymentOptions
            {
                PollInterval = TimeSpan.FromMilliseconds(embedded is null ? 250 : 25),
                Progress = line => _loggers.CreateLogger("Opal.Deployer").LogInformation("{Step}", line),
            },
            Upgrades = upgrades,
            Time = _time,
        };
        Task<RollupDeploymentResult> Deploy() => RollupDeployment.DeployAsync(options, cancellation);
        return embedded is null ? await Deploy() : await embedded.MineWhileAsync(Deploy, cancellation);
    }

    /// <summary>The blob schedule of an L1 that is not ours: a public chain's own, else Prague's, which development chains run.</summary>
    private static BlobSchedule ForeignBlobs(ulong l1ChainId) => BlobSchedule.TryGetKnown(l1ChainId, out BlobSchedule known)
        ? known
        : ChainSpec.ForEthereum(l1ChainId, EthereumForkTimes.AllActiveAtGenesis(EthereumFork.Prague)).Blobs;

    private static ExecutionClientOptions ExecutionOptions(RollupDeploymentResult rollup, IReadOnlyList<RpcEndpoint> endpoints, IRpcClient? sequencer) => new()
    {
        Spec = rollup.Genesis.Spec,
        GenesisHeader = rollup.Genesis.Header,
        GenesisAlloc = rollup.Genesis.Block.ToDiff(),
        Endpoints = endpoints,
        Sequencer = sequencer,
        KeptStates = KeptStates,
        Chain = new BlockchainOptions { KeptBlocks = KeptBlocks, KeptTransactions = KeptTransactions },
    };

    private RollupNodeOptions NodeOptions(RollupConfig rollup, BlobSchedule blobs, NetworkUpgrades upgrades, int port, bool isSequencer)
    {
        TimeSpan look = TimeSpan.FromMilliseconds(Math.Min(500, _options.L1BlockTime.TotalMilliseconds / 4));
        return new RollupNodeOptions
        {
            Rollup = rollup,
            L1Blobs = blobs,
            Upgrades = upgrades,
            Sequencer = new SequencerOptions { Enabled = isSequencer, L1Confirmations = 0 },
            L1 = new L1WatcherOptions(look, _options.L1BlockTime),
            Rpc = new RpcEndpoint { Name = isSequencer ? "node" : "verifier", Port = port, WebSocket = true, CorsOrigins = ["*"], VirtualHosts = ["*"] },
            EnableAdmin = true,
        };
    }

    private static NodeConnectionOptions ConnectionOptions(Uri l1, Uri? beacon, Uri engine, byte[] jwtSecret) => new()
    {
        L1 = [l1],
        Beacon = beacon,
        Engine = engine,
        JwtSecret = jwtSecret,
    };

    private TransactionManager Manager(EthClient l1, WalletKey key, string role, ulong? osakaTime) => new(
        l1, new LocalSigner(key.PrivateKey.Span),
        new TxManagerOptions { ConfirmationBlocks = 1, ReceiptQueryInterval = TimeSpan.FromMilliseconds(250), ResubmissionTimeout = _options.L1BlockTime * 6, CellProofTime = osakaTime },
        _time, _loggers.CreateLogger($"Opal.TxManager.{role}"));

    private async Task<BatcherService> StartBatcherAsync(RollupConfig rollup, EthClient l1, ulong? osakaTime, Uri l2Url, RollupNodeClient node, CancellationToken cancellation)
    {
        var options = new BatcherOptions
        {
            PollInterval = TimeSpan.FromMilliseconds(500),
            DataAvailability = _options.DataAvailability == DataAvailability.Blobs ? DataAvailabilityType.Blobs : DataAvailabilityType.Calldata,
            BatchType = BatchType.Span,
            Compression = ChannelCompression.Brotli,
            MaxChannelDurationBlocks = 3,
            SubSafetyMarginBlocks = 6,
            BatchInbox = rollup.BatchInboxAddress,
            ChannelTimeoutBlocks = rollup.ChannelTimeoutGraniteBlocks,
            SequencingWindowBlocks = rollup.SequencingWindowSize,
        };
        var submitter = new L1Submitter(Manager(l1, DevnetKeys.Roles.Batcher, "Batcher", osakaTime), rollup.BatchInboxAddress);
        var batcher = new BatcherService(options, new EthClient(Connect(l2Url), trusted: true), node, submitter,
            new ChannelCodec(rollup, options.BatchType, options.Compression), _time, _loggers.CreateLogger("Opal.Batcher"));
        Own(batcher);
        var registry = new RpcRegistry();
        batcher.Register(registry);
        await ServeAsync(registry, "batcher", _options.Ports.Batcher, cancellation);
        batcher.Start();
        return batcher;
    }

    private async Task<ProposerService> StartProposerAsync(RollupDeploymentResult rollup, EthClient l1, RollupNodeClient node, CancellationToken cancellation)
    {
        var options = new ProposerOptions
        {
            PollInterval = _options.L1BlockTime,
            AllowNonFinalized = true,
            OutputOracle = rollup.Addresses["L2OutputOracleProxy"],
        };
        var proposer = new ProposerService(options, l1, node, new ProposalSender(Manager(l1, DevnetKeys.Roles.Proposer, "Proposer", null)), _time, _loggers.CreateLogger("Opal.Proposer"));
        Own(proposer);
        var registry = new RpcRegistry();
        proposer.Register(registry);
        await ServeAsync(registry, "proposer", _options.Ports.Proposer, cancellation);
        proposer.Start();
        return proposer;
    }

    private async Task ServeAsync(RpcRegistry registry, string name, int port, CancellationToken cancellation) =>
        Own(await RpcServer.StartAsync(registry, [new RpcEndpoint { Name = name, Port = port, VirtualHosts = ["*"] }], _loggers, cancellation: cancellation));

    /// <summary>Ready means: the sequencer makes blocks.</summary>
    private async Task UntilProducingAsync(RollupNodeClient node, CancellationToken cancellation)
    {
        while ((await node.SyncStatusAsync(cancellation)).UnsafeL2.Number == 0)
        {
            if (_sequencer!.Node.Completion.IsFaulted) await _sequencer.Node.Completion;
            await Task.Delay(TimeSpan.FromMilliseconds(50), _time, cancellation);
        }
    }

    private DevnetDescription Describe(RollupDeploymentResult rollup, DevnetFiles files, ulong l1ChainId, Uri l1Url, Uri? beaconUrl, Uri l2Url, L2Stack? verifier)
    {
        Wallets roles = DevnetKeys.Roles;
        DevnetPorts ports = _options.Ports;
        return new DevnetDescription
        {
            L1ChainId = l1ChainId,
            L1Rpc = l1Url,
            L1Beacon = beaconUrl,
            L2ChainId = rollup.RollupConfig.L2ChainId,
            L2Rpc = l2Url,
            L2WebSocket = new Uri($"ws://127.0.0.1:{ports.L2WebSocket}"),
            L2Engine = _sequencer!.Execution.AddressOf("authrpc"),
            JwtFile = files.Jwt,
            NodeRpc = _sequencer.Node.RpcAddress!,
            VerifierL2Rpc = verifier?.Execution.AddressOf("http"),
            VerifierNodeRpc = verifier?.Node.RpcAddress,
            BatcherRpc = new Uri($"http://127.0.0.1:{ports.Batcher}"),
            ProposerRpc = new Uri($"http://127.0.0.1:{ports.Proposer}"),
            RollupConfigFile = files.RollupConfig,
            GenesisFile = files.Genesis,
            Addresses = [.. rollup.Addresses.All.OrderBy(a => a.Key, StringComparer.Ordinal)],
            Accounts = [.. DevnetKeys.Users.Select(k => new DevnetAccount(k.Address, k.PrivateKey.ToArray()))],
            Roles =
            [
                new("admin", roles.Admin.Address), new("batcher", roles.Batcher.Address), new("proposer", roles.Proposer.Address), new("sequencer", roles.Sequencer.Address),
            ],
        };
    }

    private static string Plain(Uri url) => url.ToString().TrimEnd('/');

    /// <summary>What it is doing now.</summary>
    public Task<DevnetStatus> StatusAsync(CancellationToken cancellation) => _status!.ReadAsync(cancellation);

    /// <summary>Waits; ends early with the failure when a role's loop died.</summary>
    public async Task DelayOrFailureAsync(TimeSpan delay, CancellationToken cancellation)
    {
        Task waited = await Task.WhenAny(Task.Delay(delay, _time, cancellation), _sequencer!.Node.Completion);
        await waited;
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Stops the roles, the last one started first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out IAsyncDisposable? part)) await part.DisposeAsync();
        foreach (IDisposable client in _clients) client.Dispose();
        _loggers.Dispose();
    }
}
