using System.Text.Json;
using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>The part of the <c>admin</c> namespace that opens and closes endpoints.</summary>
/// <param name="server">The server; null before it started and after it stopped.</param>
/// <param name="templates">What endpoints named <c>http</c> and <c>ws</c> are like where a request leaves something out.</param>
public sealed class AdminEndpointApi(Func<RpcServer?> server, IReadOnlyList<RpcEndpoint> templates)
{
    private const string Http = "http", Ws = "ws";

    private static readonly RpcEndpoint[] Standard =
    [
        new() { Name = Http, Port = 8545, Namespaces = ["net", "web3"] },
        new() { Name = Ws, Port = 8546, Namespaces = ["net", "web3"], Http = false, WebSocket = true },
    ];

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("admin_startHTTP", (parameters, _, cancellation) => StartAsync(HttpOf(parameters), "JSON-RPC over HTTP is already enabled", cancellation));
        registry.Register("admin_stopHTTP", (parameters, _, cancellation) => StopAsync(parameters, Http, cancellation));
        registry.Register("admin_startWS", (parameters, _, cancellation) => StartAsync(WsOf(parameters), "JSON-RPC over WebSocket is already enabled", cancellation));
        registry.Register("admin_stopWS", (parameters, _, cancellation) => StopAsync(parameters, Ws, cancellation));
        registry.RegisterSubscription("admin", "peerEvents", static (_, _, _) => ValueTask.CompletedTask); // no peer-to-peer network, so no event ever
    }

    private RpcEndpoint Template(string name) => templates.FirstOrDefault(e => e.Name == name) ?? Standard.First(e => e.Name == name);

    /// <summary>host, port, CORS origins, namespaces, virtual hosts.</summary>
    private RpcEndpoint HttpOf(RpcParams parameters)
    {
        parameters.RequireAtMost(5);
        RpcEndpoint endpoint = WithAddress(Template(Http), parameters);
        return endpoint with
        {
            CorsOrigins = List(parameters, 2) ?? endpoint.CorsOrigins,
            Namespaces = List(parameters, 3) ?? endpoint.Namespaces,
            VirtualHosts = List(parameters, 4) ?? endpoint.VirtualHosts,
        };
    }

    /// <summary>host, port, origins, namespaces.</summary>
    private RpcEndpoint WsOf(RpcParams parameters)
    {
        parameters.RequireAtMost(4);
        RpcEndpoint endpoint = WithAddress(Template(Ws), parameters);
        return endpoint with { WebSocketOrigins = List(parameters, 2) ?? endpoint.WebSocketOrigins, Namespaces = List(parameters, 3) ?? endpoint.Namespaces };
    }

    private static RpcEndpoint WithAddress(RpcEndpoint endpoint, RpcParams parameters)
    {
        int port = endpoint.Port;
        if (parameters.Has(1))
        {
            JsonElement given = parameters[1].Element;
            if (given.ValueKind != JsonValueKind.Number || !given.TryGetUInt16(out ushort number)) throw RpcException.InvalidParams("invalid argument 1: expected a port, 0 to 65535, as a number");
            port = number;
        }

        return endpoint with { Host = parameters.GetStringOrNull(0) ?? endpoint.Host, Port = port };
    }

    private static string[]? List(RpcParams parameters, int index) =>
        parameters.GetStringOrNull(index)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private RpcServer Server => server() ?? throw RpcException.Refused("the client does not serve: it has not started, or is stopping");

    private async ValueTask<RpcResult> StartAsync(RpcEndpoint endpoint, string already, CancellationToken cancellation)
    {
        try
        {
            return await Server.TryOpenAsync(endpoint, cancellation) ? RpcResult.True : RpcResult.Fail(RpcErrorCode.ServerError, already);
        }
        catch (EndpointUnavailableException unavailable)
        {
            return RpcResult.Fail(RpcErrorCode.ServerError, unavailable.Message);
        }
    }

    /// <summary>True also where there was nothing to stop, as geth answers.</summary>
    private async ValueTask<RpcResult> StopAsync(RpcParams parameters, string name, CancellationToken cancellation)
    {
        parameters.RequireAtMost(0);
        await Server.TryCloseAsync(name, cancellation);
        return RpcResult.True;
    }
}
