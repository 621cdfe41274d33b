using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>Serves a registry's methods at one or more endpoints, which may open and close while it runs. Thread-safe.</summary>
public sealed class RpcServer : IAsyncDisposable
{
    private readonly RpcRegistry _registry;
    private readonly RpcDispatcher _dispatcher;
    private readonly RpcServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;

    /// <summary>Held by the one who opens or closes; the lists are replaced, never changed.</summary>
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile RpcDoor[] _doors = [];
    private Closing[] _closing = [];

    /// <summary>A door that is being closed, and when it is.</summary>
    private sealed record Closing(int Port, Task Closed);

    private RpcServer(RpcRegistry registry, ILoggerFactory loggers, RpcServerOptions options)
    {
        (_registry, _loggers, _options) = (registry, loggers, options);
        _logger = loggers.CreateLogger("Opal.JsonRpc");
        _dispatcher = new RpcDispatcher(registry, _logger);
    }

    /// <summary>Starts a server.</summary>
    /// <param name="registry">The methods.</param>
    /// <param name="endpoints">Where and what to serve; names must differ.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="options">Version, health, clock.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="EndpointUnavailableException">A port is taken, or an address is not of this machine.</exception>
    public static async Task<RpcServer> StartAsync(
        RpcRegistry registry, IEnumerable<RpcEndpoint> endpoints, ILoggerFactory loggers, RpcServerOptions? options = null, CancellationToken cancellation = default)
    {
        var server = new RpcServer(registry, loggers, options ?? new RpcServerOptions());
        try
        {
            foreach (RpcEndpoint[] group in Group([.. endpoints])) await server.OpenDoorAsync(group, cancellation);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    private async Task OpenDoorAsync(RpcEndpoint[] group, CancellationToken cancellation)
    {
        RpcDoor door = await RpcDoor.OpenAsync(group, _dispatcher, _options, _loggers, _logger, cancellation);
        _doors = [.. _doors, door];
        foreach (RpcEndpoint endpoint in group) Announce(_logger, _registry, endpoint, AddressOf(endpoint.Name));
    }

    /// <summary>Opens another endpoint; at the address of one that serves the other transport, beside it.</summary>
    /// <returns>False when an endpoint of its name is open.</returns>
    /// <exception cref="EndpointUnavailableException">The port is taken, or the address is not of this machine.</exception>
    public async Task<bool> TryOpenAsync(RpcEndpoint endpoint, CancellationToken cancellation = default)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_doors.Any(d => d.Find(endpoint.Name) is not null)) return false;
            if (Array.Find(_closing, c => c.Port == endpoint.Port) is { } closing) await closing.Closed.WaitAsync(cancellation); // the port is about to be free
            if (endpoint.Port != 0 && Array.Find(_doors, d => d.Host == endpoint.Host && d.Port == endpoint.Port) is { } shared)
            {
                shared.Add(endpoint);
                Announce(_logger, _registry, endpoint, AddressOf(endpoint.Name));
                return true;
            }

            await OpenDoorAsync([endpoint], cancellation);
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes an endpoint: no request is taken from now on, those that run are answered, WebSockets end.</summary>
    /// <returns>False when there is no endpoint of that name.</returns>
    public async Task<bool> TryCloseAsync(string name, CancellationToken cancellation = default)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (Array.Find(_doors, d => d.Find(name) is not null) is not { } door) return false;
            _logger.LogInformation("Closing {Endpoint} at {Address}", name, AddressOf(name));
            if (door.Remove(name)) return true;
            _doors = [.. _doors.Where(d => d != door)];
            _closing = [.. _closing.Where(static c => !c.Closed.IsCompleted), new Closing(door.Port, door.CloseAsync())];
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static void Announce(ILogger logger, RpcRegistry registry, RpcEndpoint endpoint, Uri address)
    {
        if (endpoint.JwtSecret is null && endpoint.Namespaces?.Contains("engine") == true)
        {
            logger.LogWarning("Endpoint {Endpoint} lists the engine namespace; it is served only behind a JWT and stays closed here", endpoint.Name);
        }

        foreach (string unknown in (endpoint.Namespaces ?? []).Where(n => !registry.Namespaces.Contains(n)))
        {
            logger.LogWarning("Endpoint {Endpoint} lists the namespace {Namespace}, which has no methods here", endpoint.Name, unknown);
        }

        logger.LogInformation("Serving {Endpoint} at {Address}: {Namespaces}{Jwt}", endpoint.Name, address,
            string.Join(",", registry.Namespaces.Where(endpoint.Serves)), endpoint.JwtSecret is null ? "" : " (JWT)");
    }

    /// <summary>Endpoints that share an address share a listener; each transport may be served once there.</summary>
    private static List<RpcEndpoint[]> Group(RpcEndpoint[] endpoints)
    {
        if (endpoints.DistinctBy(e => e.Name).Count() != endpoints.Length) throw new ArgumentException("two endpoints have one name", nameof(endpoints));
        var groups = new List<RpcEndpoint[]>();
        foreach (IGrouping<(string, int), RpcEndpoint> shared in endpoints.Where(e => e.Port != 0).GroupBy(e => (e.Host, e.Port)))
        {
            RpcEndpoint[] group = [.. shared];
            if (group.Count(e => e.Http) > 1 || group.Count(e => e.WebSocket) > 1)
            {
                throw new EndpointUnavailableException(group[1].Name, group[1].Host, group[1].Port, $"endpoint \"{group[0].Name}\" serves the same transport there; choose another port");
            }

            groups.Add(group);
        }

        groups.AddRange(endpoints.Where(e => e.Port == 0).Select(e => new[] { e }));
        return groups;
    }

    private RpcDoor DoorOf(string endpoint) =>
        Array.Find(_doors, d => d.Find(endpoint) is not null) ?? throw new ArgumentException($"no endpoint is named {endpoint}", nameof(endpoint));

    /// <summary>The port an endpoint listens on.</summary>
    public int PortOf(string endpoint) => DoorOf(endpoint).Port;

    /// <summary>The URL of an endpoint, as a client on this machine reaches it; http, or ws where only that is served.</summary>
    public Uri AddressOf(string endpoint)
    {
        RpcDoor door = DoorOf(endpoint);
        RpcEndpoint found = door.Find(endpoint)!;
        string host = found.Host is "0.0.0.0" or "*" or "+" or "" ? "127.0.0.1" : found.Host is "::" or "[::]" ? "[::1]" : found.Host;
        if (host.Contains(':', StringComparison.Ordinal) && host[0] != '[') host = $"[{host}]";
        return new Uri($"{(found.Http ? "http" : "ws")}://{host}:{door.Port}/{found.PathPrefix.Trim('/')}");
    }

    /// <summary>Closes connections and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        try
        {
            await Task.WhenAll([.. _closing.Select(static c => c.Closed), .. _doors.Select(static d => d.DisposeAsync().AsTask())]);
            (_doors, _closing) = ([], []);
        }
        finally
        {
            _gate.Release();
        }
    }
}
