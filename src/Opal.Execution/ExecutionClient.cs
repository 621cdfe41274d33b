using Microsoft.Extensions.Logging;
using Opal.Compiler;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.State;

namespace Opal.Execution;

/// <summary>An execution client: chain, pool, builder, Engine API and JSON-RPC, composed. Blocks come through the Engine API, or from whoever holds <see cref="Chain"/>.</summary>
public sealed class ExecutionClient : IAsyncDisposable
{
    private readonly ExecutionClientOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly FilterManager _filters;
    private readonly EthSubscriptions _subscriptions;
    private readonly CodeCompiler? _compiler;
    private readonly ChainStorage? _storage;
    private RpcServer? _server;

    /// <param name="options">What it is made of.</param>
    /// <param name="crypto">Signatures, hashes and precompiles.</param>
    /// <param name="blobProofs">Blob proofs; needed where the pool accepts blobs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <exception cref="ChainDatabaseException">The directory of <see cref="ExecutionClientOptions.Storage"/> is in use, holds another chain, or cannot be opened.</exception>
    /// <exception cref="Opal.Storage.StoreCorruptException">What is in it is damaged.</exception>
    public ExecutionClient(ExecutionClientOptions options, ICrypto crypto, IBlobProofs? blobProofs, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _loggers = loggers;
        _logger = loggers.CreateLogger("Opal.Execution");
        if (options.OpenStorage is { } open) _storage = open();
        else if (options.Storage is { } storage) _storage = ChainStorage.Open(storage, options.Spec, options.GenesisHeader, _logger);
        try
        {
            IStateStore states = _storage?.States ?? new MemoryStateStore(options.KeptStates);
            var genesis = new BlockState(options.GenesisHeader.Number, options.GenesisHeader.Hash, options.GenesisHeader.StateRoot);
            if (states.Persisted is null) GenesisState.Write(states, options.GenesisAlloc, genesis, options.LargeGenesis, _logger);

            if (options.Compiler is { } compilation) _compiler = new CodeCompiler(compilation, new CompilerLog(_logger));
            Chain = new Blockchain(options.Spec, options.GenesisHeader, crypto, states, options.Chain, _logger, _compiler, _storage?.Blocks, _storage?.Guard);
        }
        catch
        {
            _compiler?.Dispose();
            _storage?.Dispose();
            throw;
        }

        Pool = new TransactionPool(Chain, crypto, options.Pool, blobProofs, time, loggers.CreateLogger("Opal.Execution.Pool"));
        Builder = new PayloadBuilder(Chain, Pool, options.Builder, loggers.CreateLogger("Opal.Execution.Building"));
        Engine = new EngineApi(Chain, Builder, _logger, options.Halt);
        _filters = new FilterManager(Chain, Pool, time);
        _subscriptions = new EthSubscriptions(Chain, Pool, _logger);
        if (_storage?.States is DurableStateStore durable && options.Storage is { StateCheck: { } pace } kept)
        {
            StateCheck = new StateCheck(durable, _storage.Guard, pace, new ChainFiles(kept.Directory, _logger).StateCheckNote, _logger);
        }

        Metrics = new ExecutionMetrics(Chain, Pool, Builder, StateCheck);
        Register(crypto, time);
    }

    /// <summary>The blocks.</summary>
    public Blockchain Chain { get; }

    /// <summary>Transactions that wait.</summary>
    public TransactionPool Pool { get; }

    /// <summary>Blocks being built.</summary>
    public PayloadBuilder Builder { get; }

    /// <summary>The Engine API, for callers in this process.</summary>
    public EngineApi Engine { get; }

    /// <summary>Ends when the disk failed: the client imports nothing any more, and the program should end with a failure. With the reason, in words.</summary>
    public Task<StorageUnavailableException> Failed => Chain.Failed;

    /// <summary>All methods, for clients in this process.</summary>
    public RpcRegistry Registry { get; } = new();

    internal ExecutionMetrics Metrics { get; }

    /// <summary>Checks the state on disk; null where there is none.</summary>
    internal StateCheck? StateCheck { get; }

    private void Register(ICrypto crypto, TimeProvider time)
    {
        var blocks = new BlockSelector(Chain, _options.ComputePendingBlock ? new PendingBlock(Chain, Builder, time) : null);
        var fees = new FeeOracle(Chain, _options.Fees);
        Web3Api.Register(Registry, _options.ClientName);
        NetApi.Register(Registry, _options.NetworkId ?? _options.Spec.ChainId);
        new MinerApi(Builder).Register(Registry);
        new AdminApi(Chain, _options.ClientName, _options.NetworkId ?? _options.Spec.ChainId, _options.Storage?.Directory).Register(Registry);
        new AdminEndpointApi(() => _server, [.. _options.Endpoints, .. _options.ClosedEndpoints]).Register(Registry);
        new EthBlockApi(Chain, blocks).Register(Registry);
        new EthConfigApi(Chain, _options.ForkBlocksBeforeLondon).Register(Registry);
        new EthStateApi(blocks, Pool).Register(Registry);
        new EthTransactionApi(Chain, blocks, Pool).Register(Registry);
        new EthCallApi(Chain, blocks, new CallSimulator(Chain, _options.RpcEvmTimeout), _options.RpcGasCap).Register(Registry);
        new EthSimulateApi(Chain, blocks, _options.RpcGasCap, _options.RpcEvmTimeout).Register(Registry);
        new EthFeeApi(Chain, blocks, fees).Register(Registry);
        new EthSendApi(Chain, Pool, crypto, _options, _logger).Register(Registry);
        if (_options.ConditionalTransactions is { } conditional) new EthConditionalApi(Chain, Pool, crypto, _options, conditional, time, _logger).Register(Registry);
        new EthFilterApi(Chain, blocks, _filters).Register(Registry);
        _subscriptions.Register(Registry);
        new TxPoolApi(Pool, crypto).Register(Registry);
        new DebugRawApi(blocks, Chain, Pool).Register(Registry);
        new DebugTraceApi(Chain, blocks, _options.RpcGasCap, _options.RpcEvmTimeout).Register(Registry);
        new DebugChainApi(Chain, blocks, _options.RpcEvmTimeout, _logger).Register(Registry);
        var preimages = new PreimageCache();
        var keys = new KnownKeys(preimages, _options.GenesisAlloc);
        new DebugStateApi(Chain, blocks, preimages, keys).Register(Registry);
        new DebugRangeApi(Chain, blocks, keys, _options.RpcEvmTimeout).Register(Registry);
        new TraceApi(Chain, blocks, _options.RpcGasCap, _options.RpcEvmTimeout).Register(Registry);
        new EngineRpc(Engine, Chain, _options.ClientName).Register(Registry);
        if (Chain.Spec.IsOptimism && Chain.Genesis.Number > 0) new HistoricalCalls(Chain, Pool, _options.Historical).Cover(Registry);
    }

    /// <summary>Opens the endpoints.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_server is not null) throw new InvalidOperationException("the client is started already");
        StateCheck?.Start();
        _logger.LogInformation("Chain {ChainId}, genesis {Hash}", Chain.Spec.ChainId, Chain.Genesis.Hash);
        if (_options.Sequencer is { } sequencer) await SequencerProbe.RunAsync(sequencer, Chain.Spec.ChainId, _logger, cancellationToken);
        _server = await RpcServer.StartAsync(Registry, _options.Endpoints, _loggers, new RpcServerOptions { Version = _options.ClientName }, cancellationToken);
    }

    /// <summary>The URL of an endpoint, once started.</summary>
    public Uri AddressOf(string endpoint) => _server?.AddressOf(endpoint) ?? throw new InvalidOperationException("the client is not started");

    /// <summary>Closes the endpoints.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is { } server) await server.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Builder.Dispose();
        Pool.Dispose();
        _filters.Dispose();
        _subscriptions.Dispose();
        Metrics.Dispose();
        StateCheck?.Dispose();
        Chain.Dispose();
        _compiler?.Dispose();
        _storage?.Dispose();
    }
}
