using Opal.Cli.Flags;
using Opal.JsonRpc;

namespace Opal.Cli.Geth;

/// <summary>Makes the endpoints from the <c>http</c>, <c>ws</c> and <c>authrpc</c> flags.</summary>
internal static class GethEndpoints
{
    /// <summary>Where to listen.</summary>
    /// <param name="values">The flags.</param>
    /// <param name="jwtSecret">The Engine API's secret.</param>
    /// <exception cref="FlagException">A port is above 65535.</exception>
    public static IReadOnlyList<RpcEndpoint> Of(FlagValues values, byte[] jwtSecret) =>
    [
        .. Public(values).Where(endpoint => values.Bool(endpoint.Name)),
        RpcEndpoint.Authenticated(values.Text("authrpc.addr"), values.Port("authrpc.port"), jwtSecret) with { VirtualHosts = values.List("authrpc.vhosts") },
    ];

    /// <summary>Those that <c>admin_startHTTP</c> and <c>admin_startWS</c> may open later.</summary>
    /// <exception cref="FlagException">A port is above 65535.</exception>
    public static IReadOnlyList<RpcEndpoint> Closed(FlagValues values) => [.. Public(values).Where(endpoint => !values.Bool(endpoint.Name))];

    private static RpcEndpoint[] Public(FlagValues values)
    {
        int batch = values.Int("rpc.batch-request-limit"), response = values.Int("rpc.batch-response-max-size");
        return
        [
            new RpcEndpoint
            {
                Name = "http",
                Host = values.Text("http.addr"),
                Port = values.Port("http.port"),
                Namespaces = Namespaces(values, "http.api"),
                PathPrefix = values.Text("http.rpcprefix"),
                CorsOrigins = values.List("http.corsdomain"),
                VirtualHosts = values.List("http.vhosts"),
                MaxBatchItems = batch,
                MaxBatchResponseBytes = response,
            },
            new RpcEndpoint
            {
                Name = "ws",
                Host = values.Text("ws.addr"),
                Port = values.Port("ws.port"),
                Http = false,
                WebSocket = true,
                Namespaces = Namespaces(values, "ws.api"),
                PathPrefix = values.Text("ws.rpcprefix"),
                WebSocketOrigins = values.List("ws.origins"),
                MaxBatchItems = batch,
                MaxBatchResponseBytes = response,
            },
        ];
    }

    /// <summary>The namespaces of a list; null, which is all of them, where it says so.</summary>
    private static IReadOnlyList<string>? Namespaces(FlagValues values, string flag)
    {
        IReadOnlyList<string> names = values.List(flag);
        return names is ["all"] ? null : names;
    }
}
