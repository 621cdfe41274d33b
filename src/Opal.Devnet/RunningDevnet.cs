using Microsoft.Extensions.Logging;
using Opal.Batcher;
using Opal.Crypto;
using Opal.Deployer;
using Opal.Deployer.Config;
using Opal.Deployer.Keys;
using Opal.Deployer.L1;
using Opal.Devnet.Games;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Proposer;
using Opal.Protocol;
using Opal.Storage;
using Opal.TxManager;

namespace Opal.Devnet;

/// <summary>A devnet that runs: all roles in this process, wired through their public interfaces.</summary>
public sealed partial class RunningDevnet : IAsyncDisposable
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
    private EmbeddedL1? _embedded;
    private readonly OperatorAlarms _alarms;

    private RunningDevnet(DevnetOptions options, Action<string> say)
    {
        _options = options;
        _say = say;
        _loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddProvider(new FileLog(Path.Combine(options.DataDirectory, "opal.log"), LogLevel.Information)));
        _alarms = new OperatorAlarms(_time, _loggers.CreateLogger("Opal.Alarms"));
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
            if (error is DeployerException or BatcherJournalException or ChainDatabaseException or StorageUnavailableException or StoreCorruptException or IOException or ConfigFileException or EndpointUnavailableException or RpcTransportException or RpcCallException)
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
        DevnetState? kept = DevnetState.Read(_options.DataDirectory);
        if (kept is not null && _options.Ephemeral) throw new DevnetException($"the directory {_options.DataDirectory} holds a devnet that is kept; choose another --datadir for --ephemeral, or remove the directory");
        kept?.RequireSame(_options.DataDirectory, _options.L1Rpc is null ? DevnetDeployConfig.L1ChainId : kept.L1ChainId, _options.L1Rpc is null, l1Seconds, l2Seconds, _options.Proofs);
        if (kept is { Deployed: false })
        {
            _say("the last start did not get through the deployment: beginning anew");
            DevnetStorage.Clear(_options);
            kept = null;
        }

        NetworkUpgrades upgrades = LoadUpgrades(out string? bundles);
        bool canUpgrade = upgrades.Of(OptimismFork.Isthmus) is not null && upgrades.Of(OptimismFork.Jovian) is not null;
        if (kept is { WithUpgrades: true } && !canUpgrade)
        {
            throw new DevnetException($"this devnet passes through Isthmus and Jovian, and their upgrade bundles are not there any more; give them with --upgrade-bundles, or put them back as {Path.Combine(_options.DataDirectory, UpgradeBundleLocator.FileName)}");
        }

        Task warm = Task.Run(Kzg.Warm, CancellationToken.None); // the trusted setup takes a moment; nothing waits for it yet

        var state = new DevnetState
        {
            L1ChainId = DevnetDeployConfig.L1ChainId,
            EmbeddedL1 = _options.L1Rpc is null,
            L1BlockSeconds = l1Seconds,
            L2BlockSeconds = l2Seconds,
            WithUpgrades = kept?.WithUpgrades ?? canUpgrade,
            Proofs = _options.Proofs,
            Began = kept?.Began ?? (ulong)_time.GetUtcNow().ToUnixTimeSeconds(),
        };
        if (kept is null && !_options.Ephemeral)
        {
            KeepBundles(bundles);
            state.Write(_options.DataDirectory);
        }

        EmbeddedL1? embedded = _options.L1Rpc is null ? Own(await EmbeddedL1.StartAsync(_options, l1Seconds, state.Began, _time, _loggers, cancellation)) : null;
        _embedded = embedded;
        Uri l1Url = embedded?.Rpc ?? _options.L1Rpc!;
        Uri? beaconUrl = embedded?.Beacon ?? _options.L1Beacon;
        var l1 = new EthClient(Connect(l1Url), trusted: true);
        ulong l1ChainId = await ChainIdOfAsync(l1, cancellation);
        _say(embedded is not null ? $"L1 is up: {Plain(l1Url)}, Beacon API {Plain(beaconUrl!)}" : $"using the L1 at {Plain(l1Url)}, chain {l1ChainId}");
        if (embedded is null) await new RoleFunding(l1, l1ChainId, _options.Proofs, _time, _loggers).RunAsync(cancellation);

        kept?.RequireSame(_options.DataDirectory, l1ChainId, _options.L1Rpc is null, l1Seconds, l2Seconds, _options.Proofs);
        DeployConfig config = DevnetDeployConfig.Make(l1ChainId, l1Seconds, l2Seconds, state.WithUpgrades, _options.Proofs);
        RollupDeploymentResult rollup;
        var files = DevnetFiles.In(_options.DataDirectory);
        if (kept is not null)
        {
            rollup = files.ReadDeployment(config, upgrades, kept.GasUsed);
            await RequireDeployedAsync(l1, rollup.RollupConfig, cancellation);
            embedded?.StartProducing();
            _say($"the devnet in {_options.DataDirectory} goes on; L2 began at L1 block {rollup.StartBlock.Number}");
        }
        else
        {
            rollup = await DeployAsync(config, upgrades, l1, embedded, cancellation);
            embedded?.StartProducing();
            files.WriteDeployment(config, rollup);
            if (!_options.Ephemeral) (state with { L1ChainId = l1ChainId, Deployed = true, GasUsed = rollup.GasUsed }).Write(_options.DataDirectory);
            _say($"contracts deployed ({rollup.GasUsed / 1_000_000} M gas); L2 begins at L1 block {rollup.StartBlock.Number}");
        }

        byte[] jwtSecret = JwtSecretFile.ReadOrCreate(files.Jwt);
        await warm;

        DevnetPorts ports = _options.Ports;
        BlobSchedule blobs = embedded?.Blobs ?? ForeignBlobs(l1ChainId);
        _sequencer = Own(await L2Stack.StartAsync(
            ExecutionOptions(rollup, L2Stack.Endpoints(ports.L2Rpc, ports.L2WebSocket, ports.L2Engine, jwtSecret), DevnetStorage.Sequencer, sequencer: null),
            NodeOptions(rollup.RollupConfig, blobs, upgrades, ports.Node, isSequencer: true),
            DevnetStorage.NodeOf(_options, DevnetStorage.Sequencer),
            engine => ConnectionOptions(l1Url, beaconUrl, engine, jwtSecret), _time, _loggers, cancellation));
        Uri l2Url = _sequencer.Execution.AddressOf("http");
        var node = new RollupNodeClient(Connect(_sequencer.Node.RpcAddress!));
        _say($"sequencer is up: L2 RPC {Plain(l2Url)}");

        BatcherService batcher = await StartBatcherAsync(rollup.RollupConfig, l1, embedded?.OsakaTime, l2Url, node, jwtSecret, cancellation);
        ProposerService proposer = await StartProposerAsync(rollup, l1, node, cancellation);
        RollupNodeClient? verifierNode = null;
        L2Stack? verifier = null;
        if (_options.Verifier)
        {
            verifier = Own(await L2Stack.StartAsync(
                ExecutionOptions(rollup, L2Stack.Endpoints(ports.VerifierL2Rpc, null, ports.VerifierEngine, jwtSecret), DevnetStorage.Verifier, Connect(l2Url)),
                NodeOptions(rollup.RollupConfig, blobs, upgrades, ports.VerifierNode, isSequencer: false),
                DevnetStorage.NodeOf(_options, DevnetStorage.Verifier),
                engine => ConnectionOptions(l1Url, beaconUrl, engine, jwtSecret), _time, _loggers, cancellation));
            verifierNode = new RollupNodeClient(Connect(verifier.Node.RpcAddress!));
            _say($"verifier is up: L2 RPC {Plain(verifier.Execution.AddressOf("http"))}");
        }

        List<(string, Address)> spenders = [("batcher", DevnetKeys.Roles.Batcher.Address), ("proposer", DevnetKeys.Roles.Proposer.Address)];
        GameContracts? games = null;
        if (_options.Proofs == WithdrawalProofs.Games)
        {
            games = StartResolver(rollup, l1, node);
            spenders.Add(("challenger", DevnetKeys.Challenger.Address));
        }

        _status = new StatusReader(l1, node, verifierNode, batcher, proposer, _alarms, rollup.RollupConfig, spenders, games);
        await UntilProducingAsync(node, _sequencer.StartHead, cancellation);
        Description = Describe(rollup, files, l1ChainId, l1Url, beaconUrl, l2Url, verifier);
        Description.Write(_options.DataDirectory);
    }

    /// <summary>An L1 of the user's may have begun anew, or be another one, and then the rollup is not on it.</summary>
    private async Task RequireDeployedAsync(EthClient l1, RollupConfig rollup, CancellationToken cancellation)
    {
        BlockHeader? start = await l1.FindHeaderAsync(BlockParameter.At(rollup.GenesisL1.Number), cancellation);
        if (start?.Hash == rollup.GenesisL1.Hash) return;
        throw new DevnetException(
            $"the L1 does not have block {rollup.GenesisL1.Number} {rollup.GenesisL1.Hash}, where the rollup in {_options.DataDirectory} begins: it is not the L1 that it was deployed on; start that one, or choose another --datadir");
    }

    /// <summary>The next start must find the bundles wherever they came from.</summary>
    private void KeepBundles(string? file)
    {
        string own = Path.Combine(_options.DataDirectory, UpgradeBundleLocator.FileName);
        if (file is not null && !File.Exists(own)) File.Copy(file, own);
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

    private NetworkUpgrades LoadUpgrades(out string? file)
    {
        file = UpgradeBundleLocator.Find(_options.UpgradeBundles, Environment.GetEnvironmentVariable("OPAL_UPGRADE_BUNDLES"), _options.DataDirectory);
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

    private ExecutionClientOptions ExecutionOptions(RollupDeploymentResult rollup, IReadOnlyList<RpcEndpoint> endpoints, string role, IRpcClient? sequencer) => new()
    {
        Spec = rollup.Genesis.Spec,
        GenesisHeader = rollup.Genesis.Header,
        GenesisAlloc = rollup.Genesis.Block.ToDiff(),
        Endpoints = endpoints,
        Sequencer = sequencer,
        Storage = DevnetStorage.Of(_options, role),
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
            Signer = isSequencer ? new KeyPayloadSigner(DevnetKeys.Roles.Sequencer.PrivateKey.ToArray()) : null,
        };
    }

    private static NodeConnectionOptions ConnectionOptions(Uri l1, Uri? beacon, Uri engine, byte[] jwtSecret) => new()
    {
        L1 = [l1],
        Beacons = beacon is null ? [] : [beacon],
        Engine = engine,
        JwtSecret = jwtSecret,
    };

    private TransactionManager Manager(EthClient l1, WalletKey key, string role, ulong? osakaTime) => new(
        l1, new LocalSigner(key.PrivateKey.Span),
        new TxManagerOptions { ConfirmationBlocks = 1, ReceiptQueryInterval = TimeSpan.FromMilliseconds(250), ResubmissionTimeout = _options.L1BlockTime * 6, CellProofTime = osakaTime },
        _time, _loggers.CreateLogger($"Opal.TxManager.{role}"));

    private async Task ServeAsync(RpcRegistry registry, string name, int port, CancellationToken cancellation) =>
        Own(await RpcServer.StartAsync(registry, [new RpcEndpoint { Name = name, Port = port, VirtualHosts = ["*"] }], _loggers, cancellation: cancellation));

    /// <summary>Ready means: the sequencer makes blocks.</summary>
    private async Task UntilProducingAsync(RollupNodeClient node, ulong startHead, CancellationToken cancellation)
    {
        while ((await node.SyncStatusAsync(cancellation)).UnsafeL2.Number <= startHead)
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
            Proofs = _options.Proofs,
            RollupConfigFile = files.RollupConfig,
            GenesisFile = files.Genesis,
            Addresses = [.. rollup.Addresses.All.OrderBy(a => a.Key, StringComparer.Ordinal)],
            Accounts = [.. DevnetKeys.Users.Select(k => new DevnetAccount(k.Address, k.PrivateKey.ToArray()))],
            Roles =
            [
                new("admin", roles.Admin.Address), new("batcher", roles.Batcher.Address), new("proposer", roles.Proposer.Address), new("sequencer", roles.Sequencer.Address),
                .. _options.Proofs == WithdrawalProofs.Games ? [new KeyValuePair<string, Address>("challenger", DevnetKeys.Challenger.Address)] : Array.Empty<KeyValuePair<string, Address>>(),
            ],
        };
    }

    private static string Plain(Uri url) => url.ToString().TrimEnd('/');

    /// <summary>What it is doing now.</summary>
    public Task<DevnetStatus> StatusAsync(CancellationToken cancellation) => _status!.ReadAsync(cancellation);

    /// <summary>Waits; ends early with the failure when a role's loop died.</summary>
    public async Task DelayOrFailureAsync(TimeSpan delay, CancellationToken cancellation)
    {
        List<Task> parts = [Task.Delay(delay, _time, cancellation), _sequencer!.Node.Completion, _sequencer.Execution.Failed];
        if (_embedded is not null) parts.Add(_embedded.Failed);
        Task waited = await Task.WhenAny(parts);
        if (waited is Task<StorageUnavailableException> failed) throw new DevnetException((await failed).Message);
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
