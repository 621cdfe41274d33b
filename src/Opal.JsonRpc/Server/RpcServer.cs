using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>Serves a registry's methods at one or more endpoints.</summary>
public sealed class RpcServer : IAsyncDisposable
{
    private readonly RpcEndpoint[] _endpoints;
    private readonly CancellationTokenSource _stopping;
    private readonly HttpHost _host;
    private readonly DirectHttp[] _direct;
    private readonly Dictionary<string, int> _ports = new(StringComparer.Ordinal);

    private RpcServer(RpcEndpoint[] endpoints, HttpHost host, DirectHttp[] direct, CancellationTokenSource stopping) =>
        (_endpoints, _host, _direct, _stopping) = (endpoints, host, direct, stopping);

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
        RpcEndpoint[] all = [.. endpoints];
        ILogger logger = loggers.CreateLogger("Opal.JsonRpc");
        var stopping = new CancellationTokenSource();
        RpcServerOptions shared = (options ?? new RpcServerOptions()) with { Stopping = stopping.Token };
        var dispatcher = new RpcDispatcher(registry, logger);
        List<RpcEndpoint[]> groups = Group(all);
        var bindings = new List<HttpBinding>();
        var directs = new List<DirectHttp>();
        foreach (RpcEndpoint[] group in groups)
        {
            RpcEndpoint? http = Array.Find(group, e => e.Http);
            var transport = new HttpRpcTransport(http, Array.Find(group, e => e.WebSocket), dispatcher, shared, logger);
            DirectHttp? direct = http is { JwtSecret: null } && shared.Direct ? new DirectHttp(http, dispatcher) : null;
            if (direct is not null) directs.Add(direct);
            bindings.Add(new HttpBinding(string.Join("+", group.Select(e => e.Name)), group[0].Host, group[0].Port, transport.HandleAsync) { Direct = direct is null ? null : direct.ServeAsync });
        }

        HttpHost host;
        try
        {
            host = await HttpHost.StartAsync(bindings, loggers, shared.HeadTimeout, cancellation);
        }
        catch
        {
            foreach (DirectHttp direct in directs) direct.Dispose();
            stopping.Dispose();
            throw;
        }

        var server = new RpcServer(all, host, [.. directs], stopping);
        for (int i = 0; i < groups.Count; i++)
        {
            foreach (RpcEndpoint endpoint in groups[i])
            {
                server._ports[endpoint.Name] = host.PortOf(i);
                Announce(logger, registry, endpoint, server.AddressOf(endpoint.Name));
            }
        }

        return server;
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

    /// <summary>The port an endpoint listens on.</summary>
    public int PortOf(string endpoint) => _ports[endpoint];

    /// <summary>The URL of an endpoint, as a client on this machine reaches it; http, or ws where only that is served.</summary>
    public Uri AddressOf(string endpoint)
    {
        RpcEndpoint found = Array.Find(_endpoints, e => e.Name == endpoint) ?? throw new ArgumentException($"no endpoint is named {endpoint}", nameof(endpoint));
        string host = found.Host is "0.0.0.0" or "*" or "+" or "" ? "127.0.0.1" : found.Host is "::" or "[::]" ? "[::1]" : found.Host;
        if (host.Contains(':', StringComparison.Ordinal) && host[0] != '[') host = $"[{host}]";
        return new Uri($"{(found.Http ? "http" : "ws")}://{host}:{_ports[endpoint]}/{found.PathPrefix.Trim('/')}");
    }

    /// <summary>Closes connections and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _host.DisposeAsync();
        foreach (DirectHttp direct in _direct) direct.Dispose();
        _stopping.Dispose();
    }
}
