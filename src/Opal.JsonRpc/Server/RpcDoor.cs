using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>One listening address with the endpoints behind it: one, or two that share it, of which each serves a transport.</summary>
internal sealed class RpcDoor : IAsyncDisposable
{
    /// <summary>How long WebSockets stay after their endpoint was closed: the one that asked for it gets its answer.</summary>
    private static readonly TimeSpan Parting = TimeSpan.FromMilliseconds(250);

    private readonly RpcDispatcher _dispatcher;
    private readonly RpcServerOptions _options;
    private readonly ILogger _logger;
    private volatile RpcEndpoint[] _endpoints;
    private volatile HttpRpcTransport _transport;
    private CancellationTokenSource _sockets = new();
    private HttpHost? _host;

    private RpcDoor(RpcEndpoint[] endpoints, RpcDispatcher dispatcher, RpcServerOptions options, ILogger logger)
    {
        (_endpoints, _dispatcher, _options, _logger) = (endpoints, dispatcher, options, logger);
        _transport = MakeTransport(endpoints);
    }

    /// <summary>The host as the endpoints name it.</summary>
    public string Host => _endpoints[0].Host;

    /// <summary>The port it listens on.</summary>
    public int Port => _host!.PortOf(0);

    /// <summary>Starts listening.</summary>
    /// <exception cref="EndpointUnavailableException">The port is taken, or the address is not of this machine.</exception>
    public static async Task<RpcDoor> OpenAsync(RpcEndpoint[] endpoints, RpcDispatcher dispatcher, RpcServerOptions options, ILoggerFactory loggers, ILogger logger, CancellationToken cancellation)
    {
        var door = new RpcDoor(endpoints, dispatcher, options, logger);
        var binding = new HttpBinding(string.Join("+", endpoints.Select(static e => e.Name)), endpoints[0].Host, endpoints[0].Port, context => door._transport.HandleAsync(context));
        door._host = await HttpHost.StartAsync([binding], loggers, options.HeadTimeout, cancellation);
        return door;
    }

    private HttpRpcTransport MakeTransport(RpcEndpoint[] endpoints) =>
        new(Array.Find(endpoints, static e => e.Http), Array.Find(endpoints, static e => e.WebSocket), _dispatcher, _options with { Stopping = _sockets.Token }, _logger);

    /// <summary>An endpoint by its name.</summary>
    public RpcEndpoint? Find(string name) => Array.Find(_endpoints, e => e.Name == name);

    /// <summary>Serves one more endpoint.</summary>
    /// <exception cref="EndpointUnavailableException">Its transport is served already.</exception>
    public void Add(RpcEndpoint endpoint)
    {
        if (Array.Find(_endpoints, e => (e.Http && endpoint.Http) || (e.WebSocket && endpoint.WebSocket)) is { } taken)
        {
            throw new EndpointUnavailableException(endpoint.Name, endpoint.Host, endpoint.Port, $"endpoint \"{taken.Name}\" serves the same transport there; choose another port");
        }

        Serve([.. _endpoints, endpoint]);
    }

    /// <summary>Serves an endpoint no more; false when it is the only one, so that the door must be closed.</summary>
    public bool Remove(string name)
    {
        if (_endpoints.Length == 1) return false;
        bool hasSockets = Find(name) is { WebSocket: true };
        CancellationTokenSource sockets = _sockets;
        if (hasSockets) _sockets = new CancellationTokenSource();
        Serve([.. _endpoints.Where(e => e.Name != name)]);
        if (hasSockets) sockets.CancelAfter(Parting);
        return true;
    }

    private void Serve(RpcEndpoint[] endpoints)
    {
        _endpoints = endpoints;
        _transport = MakeTransport(endpoints);
    }

    /// <summary>Stops listening, lets requests that run be answered, and ends connections; WebSockets a moment later, as one of them may be waiting for the answer to just this.</summary>
    public async Task CloseAsync()
    {
        _sockets.CancelAfter(Parting);
        if (_host is { } host) await host.DisposeAsync();
        _sockets.Dispose();
    }

    /// <summary>Ends WebSockets, stops listening, and lets requests that run be answered.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sockets.CancelAsync();
        if (_host is { } host) await host.DisposeAsync();
        _sockets.Dispose();
    }
}
