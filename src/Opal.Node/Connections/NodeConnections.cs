using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>The connections of a rollup node, opened from URLs.</summary>
public sealed class NodeConnections : IDisposable
{
    private readonly List<IDisposable> _open = [];
    private readonly L1Endpoint[] _l1;
    private readonly EthClient[] _l1State;
    private readonly EthClient _l2;
    private readonly RollupConfig _rollup;
    private readonly bool _trustsL1;

    /// <summary>Opens the connections; nothing is sent yet.</summary>
    /// <param name="options">Where to.</param>
    /// <param name="rollup">The rollup.</param>
    /// <param name="commitments">Verifies blobs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="archive">Where blobs are kept; null keeps none. It is not closed with the connections.</param>
    public NodeConnections(NodeConnectionOptions options, RollupConfig rollup, IBlobCommitments commitments, TimeProvider time, ILoggerFactory loggers, BlobArchive? archive = null)
    {
        _rollup = rollup;
        _trustsL1 = options.TrustL1;
        var metrics = new L1Metrics(rollup.L2ChainId);
        _open.Add(metrics);
        // The source goes on to the next endpoint and repeats by itself: a repetition below it would only keep it from doing so.
        HttpRpcClientOptions l1 = options.L1Http with { Retry = RpcRetryPolicy.None };
        MeteredRpcClient[] endpoints = [.. options.L1.Select(url => new MeteredRpcClient(Open(url, l1), metrics))];
        _l1 = [.. endpoints.Select(rpc => new L1Endpoint(new L1Client(rpc, options.L1Kind, options.TrustL1, options.L1Source.Clock), new EndpointHealth(options.L1Source.Clock)))];
        _l1State = [.. endpoints.Select(rpc => new EthClient(rpc, options.TrustL1))];
        metrics.Watch(_l1);
        // The driver has its own back-off for the engine, and a repeated call is never free of meaning there: no retries below it.
        IRpcClient engine = Open(options.Engine, new HttpRpcClientOptions { JwtSecret = options.JwtSecret, Timeout = options.EngineTimeout, Retry = RpcRetryPolicy.None });
        _l2 = new EthClient(engine, trusted: true);
        ILogger blobLogger = loggers.CreateLogger("Opal.Node.Blobs");
        BeaconNodes? beacons = options.Beacons.Count > 0
            ? Kept(new BeaconNodes(options.Beacons.Select(url => new BeaconClient(url, options.BeaconHttp)), commitments, rollup.L1ChainId, time, blobLogger)) : null;
        Ports = new DriverPorts(
            new RpcL1Source(_l1, options.L1Source, loggers.CreateLogger("Opal.Node.L1")), new BlobSource(beacons, archive, blobLogger), new RpcEngine(engine, rollup));
    }

    /// <summary>What the node is composed with.</summary>
    public DriverPorts Ports { get; }

    /// <summary>
    /// Asks every provider for its chain id. The answer names the first that serves another chain than the rollup's configuration says; null when all that
    /// answered fit. A provider that does not answer is no fault here: the node retries.
    /// </summary>
    public async Task<string?> FindWrongChainAsync(CancellationToken cancellation)
    {
        foreach (L1Endpoint endpoint in _l1)
        {
            if (await CheckAsync(endpoint.Client.ChainIdAsync, endpoint.Name, _rollup.L1ChainId, "L1", cancellation) is { } fault) return fault;
        }

        return await CheckAsync(_l2.ChainIdAsync, _l2.Rpc.Endpoint, _rollup.L2ChainId, "L2", cancellation);
    }

    /// <summary>Who signs the sequencer's unsafe blocks, as L1's SystemConfig has it now.</summary>
    /// <exception cref="SourceException">No endpoint gave a usable answer.</exception>
    public Task<Address> UnsafeBlockSignerAsync(CancellationToken cancellation) => UnsafeBlockSignerReader.ReadAsync(_l1State, _trustsL1, _rollup, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable open in _open) open.Dispose();
    }

    private T Kept<T>(T open)
        where T : IDisposable
    {
        _open.Add(open);
        return open;
    }

    private IRpcClient Open(Uri url, HttpRpcClientOptions options)
    {
        IRpcClient client = RpcClients.Open(url, options);
        if (client is IDisposable open) _open.Add(open);
        return client;
    }

    private static async Task<string?> CheckAsync(Func<CancellationToken, Task<ulong>> ask, string endpoint, ulong expected, string layer, CancellationToken cancellation)
    {
        try
        {
            ulong actual = await ask(cancellation);
            return actual == expected ? null : $"{endpoint} serves chain {actual}, but the rollup's {layer} is chain {expected}: wrong URL, or wrong rollup configuration";
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return null;
        }
    }
}
