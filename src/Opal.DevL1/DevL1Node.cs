using Microsoft.Extensions.Logging;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.DevL1;

/// <summary>
/// An L1 inside this process: the execution client under Ethereum's rules, a block producer in place of the beacon chain, and a Beacon
/// API that serves blobs. For development and tests; it has one producer and no peers.
/// </summary>
public sealed class DevL1Node : IAsyncDisposable
{
    private readonly DevL1Options _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly BlockProducer _producer;
    private readonly BeaconApi _beaconApi;
    private readonly CancellationTokenSource _stopping = new();
    private readonly IFrameLog? _blobLog;
    private HttpHost? _beaconHost;
    private Task _production = Task.CompletedTask;

    /// <param name="genesis">The first block: funded accounts, forks, gas limit; see <see cref="DevL1Genesis"/>.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="crypto">Signatures, hashes and precompiles.</param>
    /// <param name="time">The clock that blocks follow.</param>
    /// <param name="loggers">Where to log.</param>
    public DevL1Node(DevL1Genesis genesis, DevL1Options options, ICrypto crypto, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.BlockTimeSeconds);
        _options = options;
        _time = time;
        _loggers = loggers;
        _logger = loggers.CreateLogger("Opal.DevL1");
        var proofs = new KzgBlobProofs();
        Client = new ExecutionClient(
            new ExecutionClientOptions
            {
                Spec = genesis.Spec,
                GenesisHeader = genesis.Header,
                GenesisAlloc = genesis.Alloc,
                ClientName = "Opal/devl1",
                Pool = new PoolOptions { AcceptBlobs = true, MaxStoredBlobs = options.MaxStoredBlobs },
                AllowUnprotectedTransactions = true,
                KeptStates = options.KeptStates,
                Storage = options.Storage,
                Endpoints =
                [
                    new RpcEndpoint
                    {
                        Name = "l1", Host = options.Host, Port = options.RpcPort, WebSocket = true,
                        CorsOrigins = ["*"], WebSocketOrigins = ["*"], VirtualHosts = ["*"],
                    },
                ],
            },
            crypto, proofs, time, loggers);
        Slots = new BeaconSlots(genesis.Header.Timestamp, options.BlockTimeSeconds);

        // genesis is final from the start, as on a beacon chain
        if (Client.Chain.Heads.Safe is null) Client.Chain.TrySetSafe(Client.Chain.Genesis.Hash);
        if (Client.Chain.Heads.Finalized is null) Client.Chain.TrySetFinalized(Client.Chain.Genesis.Hash);
        if (options.BlobDirectory is { } blobs)
        {
            _blobLog = FileFrameLog.Open(blobs, new FileFrameLogOptions());
            Client.Pool.Sidecars.Persist(_blobLog);
        }

        _producer = new BlockProducer(Client, options, Slots, _logger);
        new DevApi(this).Register(Client.Registry);
        _beaconApi = new BeaconApi(Client.Chain, Client.Pool.Sidecars, proofs, Slots);
    }

    /// <summary>The execution client: chain, pool, JSON-RPC registry.</summary>
    public ExecutionClient Client { get; }

    /// <summary>How slots follow from timestamps.</summary>
    public BeaconSlots Slots { get; }

    /// <summary>The JSON-RPC URL, once started.</summary>
    public Uri RpcAddress => Client.AddressOf("l1");

    /// <summary>The Beacon API's URL, once started.</summary>
    public Uri BeaconAddress => _beaconHost is { } host
        ? new Uri($"http://{(_options.Host is "0.0.0.0" or "*" ? "127.0.0.1" : _options.Host)}:{host.PortOf(0)}/")
        : throw new InvalidOperationException("the node is not started");

    /// <summary>Opens the endpoints and begins to make blocks.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Client.StartAsync(cancellationToken);
        _beaconHost = await HttpHost.StartAsync([new HttpBinding("beacon", _options.Host, _options.BeaconPort, _beaconApi.HandleAsync)], _loggers, cancellationToken);
        _logger.LogInformation("L1 is up: JSON-RPC {Rpc}, Beacon API {Beacon}, a block every {Seconds} s", RpcAddress, BeaconAddress, _options.BlockTimeSeconds);
        if (_options.ProduceBlocks) StartProducing();
    }

    /// <summary>Begins to make blocks by the clock, where <see cref="DevL1Options.ProduceBlocks"/> left that for later.</summary>
    public void StartProducing()
    {
        if (!_production.IsCompleted) throw new InvalidOperationException("blocks are produced already");
        _production = Task.Run(ProduceAsync, CancellationToken.None);
    }

    private async Task ProduceAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                DateTimeOffset now = _time.GetUtcNow();
                DateTimeOffset next = DateTimeOffset.FromUnixTimeSeconds((long)_producer.NextTimestamp);
                if (next > now) await Task.Delay(next - now, _time, _stopping.Token);
                _producer.ProduceDue((ulong)_time.GetUtcNow().ToUnixTimeSeconds());
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception error)
            {
                _logger.LogError(error, "An L1 block could not be made");
                if (_stopping.IsCancellationRequested) return;
                await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None);
            }
        }
    }

    /// <summary>Makes blocks now, each in the slot after the head's, even if that is in the future. The last one made.</summary>
    public ExecutedBlock Mine(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ExecutedBlock block = Client.Chain.Head;
        for (int i = 0; i < count; i++) block = _producer.ProduceNext();
        return block;
    }

    /// <summary>Makes the block of the slot that begins at a time or before, whatever the clock says.</summary>
    /// <param name="timestamp">The time, seconds; later than the head's slot.</param>
    /// <exception cref="ArgumentOutOfRangeException">That slot is the head's, or before it.</exception>
    public ExecutedBlock MineAt(ulong timestamp) =>
        _producer.ProduceDue(timestamp) ?? throw new ArgumentOutOfRangeException(nameof(timestamp), $"the slot of {timestamp} has its block; the next one begins at {_producer.NextTimestamp}");

    /// <summary>Loses a transaction out of the pool, as a pool does that is full or restarted.</summary>
    /// <param name="transaction">Its hash.</param>
    public void DropFromPool(in Hash256 transaction) => Client.Pool.Drop(transaction, PoolDropReason.Withdrawn);

    /// <summary>Replaces the last blocks by as many empty ones, which become the canonical chain at once.</summary>
    /// <param name="depth">How many blocks to replace; not beyond the finalized head.</param>
    /// <param name="returnTransactions">Whether the replaced blocks' transactions go back to the pool, or are lost.</param>
    /// <returns>The new head.</returns>
    public ExecutedBlock Reorg(int depth, bool returnTransactions = true) => _producer.Reorg(depth, returnTransactions);

    /// <summary>Stops making blocks and closes the endpoints.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _production;
        if (_beaconHost is not null) await _beaconHost.DisposeAsync();
        _beaconHost = null;
        await Client.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Client.DisposeAsync();
        _blobLog?.Dispose();
        _stopping.Dispose();
    }
}
