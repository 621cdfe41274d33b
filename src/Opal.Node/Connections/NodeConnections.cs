using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>The connections of a rollup node over HTTP, opened from URLs.</summary>
public sealed class NodeConnections : IDisposable
{
    private readonly List<HttpRpcClient> _clients = [];
    private readonly BeaconNodes? _beacons;
    private readonly EthClient[] _l1;
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
        _l1 = [.. options.L1.Select(url => new EthClient(Open(url, options.L1Http), options.TrustL1))];
        // The driver has its own back-off for the engine, and a repeated call is never free of meaning there: no retries below it.
        HttpRpcClient engine = Open(options.Engine, new HttpRpcClientOptions { JwtSecret = options.JwtSecret, Timeout = options.EngineTimeout, Retry = RpcRetryPolicy.None });
        _l2 = new EthClient(engine, trusted: true);
        ILogger logger = loggers.CreateLogger("Opal.Node.Blobs");
        _beacons = options.Beacons.Count > 0 ? new BeaconNodes(options.Beacons.Select(url => new BeaconClient(url, options.BeaconHttp)), commitments, rollup.L1ChainId, time, logger) : null;
        var blobs = new BlobSource(_beacons, archive, logger);
        Ports = new DriverPorts(new RpcL1Source(_l1), blobs, new RpcEngine(engine, rollup));
    }

    /// <summary>What the node is composed with.</summary>
    public DriverPorts Ports { get; }

    /// <summary>
    /// Asks every provider for its chain id. The answer names the first that serves another chain than the rollup's configuration says; null when all that
    /// answered fit. A provider that does not answer is no fault here: the node retries.
    /// </summary>
    public async Task<string?> FindWrongChainAsync(CancellationToken cancellation)
    {
        foreach (EthClient client in _l1)
        {
            if (await CheckAsync(client, _rollup.L1ChainId, "L1", cancellation) is { } fault) return fault;
        }

        return await CheckAsync(_l2, _rollup.L2ChainId, "L2", cancellation);
    }

    /// <summary>Who signs the sequencer's unsafe blocks, as L1's SystemConfig has it now.</summary>
    /// <exception cref="SourceException">No endpoint gave a usable answer.</exception>
    public Task<Address> UnsafeBlockSignerAsync(CancellationToken cancellation) => UnsafeBlockSignerReader.ReadAsync(_l1, _trustsL1, _rollup, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (HttpRpcClient client in _clients) client.Dispose();
        _beacons?.Dispose();
    }

    private HttpRpcClient Open(Uri url, HttpRpcClientOptions options)
    {
        var client = new HttpRpcClient(url, options);
        _clients.Add(client);
        return client;
    }

    private static async Task<string?> CheckAsync(EthClient client, ulong expected, string layer, CancellationToken cancellation)
    {
        try
        {
            ulong actual = await client.ChainIdAsync(cancellation);
            return actual == expected ? null : $"{client.Rpc.Endpoint} serves chain {actual}, but the rollup's {layer} is chain {expected}: wrong URL, or wrong rollup configuration";
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return null;
        }
    }
}
