using Microsoft.Extensions.Logging;
using Opal.Crypto;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Node;

namespace Opal.Devnet;

/// <summary>One L2 node: an execution client and the rollup node that drives it over the Engine API.</summary>
internal sealed class L2Stack : IAsyncDisposable
{
    private readonly ExecutionClient _execution;
    private readonly NodeConnections _connections;
    private readonly RollupNode _node;

    private L2Stack(ExecutionClient execution, ulong startHead, NodeConnections connections, RollupNode node) =>
        (_execution, StartHead, _connections, _node) = (execution, startHead, connections, node);

    /// <summary>The head's number when it was started: 0 on a new chain.</summary>
    public ulong StartHead { get; }

    public ExecutionClient Execution => _execution;

    public RollupNode Node => _node;

    /// <summary>Starts both.</summary>
    /// <param name="execution">The execution client's parts; its endpoint "authrpc" is the engine's.</param>
    /// <param name="node">The node's parts.</param>
    /// <param name="connect">Where the node connects to, given the engine's URL.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<L2Stack> StartAsync(
        ExecutionClientOptions execution, RollupNodeOptions node, Func<Uri, NodeConnectionOptions> connect, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var client = new ExecutionClient(execution, NativeCrypto.Instance, blobProofs: null, time, loggers);
        ulong startHead = client.Chain.Head.Number;
        await client.StartAsync(cancellation);
        var connections = new NodeConnections(connect(client.AddressOf("authrpc")), node.Rollup, NativeBlobCommitments.Instance, loggers);
        var rollupNode = new RollupNode(node, connections.Ports, NativeCrypto.Instance, time, loggers);
        await rollupNode.StartAsync(cancellation);
        return new L2Stack(client, startHead, connections, rollupNode);
    }

    /// <summary>The endpoints of an execution client in the devnet.</summary>
    public static IReadOnlyList<RpcEndpoint> Endpoints(int http, int? webSocket, int engine, byte[] jwtSecret)
    {
        string[] open = ["eth", "net", "web3", "txpool", "debug", "trace"];
        var endpoints = new List<RpcEndpoint>
        {
            new() { Name = "http", Port = http, Namespaces = open, CorsOrigins = ["*"], VirtualHosts = ["*"] },
            new() { Name = "authrpc", Port = engine, WebSocket = true, JwtSecret = jwtSecret, MaxRequestBytes = 128 * 1024 * 1024, VirtualHosts = ["*"] },
        };
        if (webSocket is { } port)
        {
            endpoints.Add(new RpcEndpoint { Name = "ws", Port = port, Http = false, WebSocket = true, Namespaces = open, WebSocketOrigins = ["*"], VirtualHosts = ["*"] });
        }

        return endpoints;
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _connections.Dispose();
        await _execution.DisposeAsync();
    }
}
