using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>One listening address and what answers its requests.</summary>
/// <param name="Name">The name in errors.</param>
/// <param name="Host">An IP address, <c>localhost</c>, <c>*</c>, or a host name of this machine.</param>
/// <param name="Port">The TCP port; 0 takes any free one.</param>
/// <param name="Handler">Answers a request.</param>
public sealed record HttpBinding(string Name, string Host, int Port, RequestDelegate Handler);

/// <summary>A bare Kestrel server: a few listening addresses, each with one request handler; HTTP/1.1 and WebSocket upgrades. No configuration files, no signals.</summary>
public sealed class HttpHost : IAsyncDisposable
{
    /// <summary>How long a connection may be idle between requests.</summary>
    internal static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(2);

    private readonly WebApplication _application;
    private readonly int[] _ports;

    private HttpHost(WebApplication application, int[] ports) => (_application, _ports) = (application, ports);

    /// <summary>The port that binding <paramref name="index"/> listens on.</summary>
    public int PortOf(int index) => _ports[index];

    /// <summary>Starts listening; a caller may take 30 seconds to send a request's head.</summary>
    /// <exception cref="EndpointUnavailableException">An address is taken, not of this machine, or not permitted.</exception>
    public static Task<HttpHost> StartAsync(IReadOnlyList<HttpBinding> bindings, ILoggerFactory loggers, CancellationToken cancellation = default) =>
        StartAsync(bindings, loggers, TimeSpan.FromSeconds(30), cancellation);

    /// <summary>Starts listening.</summary>
    /// <param name="bindings">Where to listen, and what answers.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="headTimeout">How long a caller may take to send a request's head.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="EndpointUnavailableException">An address is taken, not of this machine, or not permitted.</exception>
    public static async Task<HttpHost> StartAsync(IReadOnlyList<HttpBinding> bindings, ILoggerFactory loggers, TimeSpan headTimeout, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var listening = new ListenOptions?[bindings.Count];
        var addresses = new IPAddress[bindings.Count];
        for (int i = 0; i < bindings.Count; i++)
        {
            addresses[i] = await ResolveAsync(bindings[i], cancellation);
            Probe(bindings[i], addresses[i]);
        }

        builder.Services.Configure<SocketTransportOptions>(static sockets =>
        {
            // A request is answered where its bytes were received, on a thread of the pool, without passing through queues. What takes long
            // leaves that thread first (see RpcDispatcher); the pool receives for other connections meanwhile in any case.
            sockets.UnsafePreferInlineScheduling = true;
            sockets.WaitForDataBeforeAllocatingBuffer = false; // 4 KiB an idle connection, two system calls less a request
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = null;
            options.Limits.KeepAliveTimeout = KeepAlive;
            options.Limits.RequestHeadersTimeout = headTimeout;
            for (int i = 0; i < bindings.Count; i++)
            {
                int index = i;
                options.Listen(addresses[i], bindings[i].Port, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use(next => connection =>
                    {
                        connection.Features.Set(bindings[index]);
                        return next(connection);
                    });
                    listening[index] = listen;
                });
            }
        });
        WebApplication application = builder.Build();
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(30) });
        application.Run(static context => context.Features.Get<HttpBinding>()!.Handler(context));
        try
        {
            await application.StartAsync(cancellation);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await application.DisposeAsync();
            int failed = Math.Max(0, Array.FindIndex(listening, l => l is null || error.Message.Contains($":{l.IPEndPoint?.Port}", StringComparison.Ordinal)));
            throw Unavailable(bindings[failed], error);
        }

        return new HttpHost(application, [.. listening.Select(l => l!.IPEndPoint!.Port)]);
    }

    /// <summary>Binds and lets go, so that a fault is known with its cause and its binding before the server is half up.</summary>
    private static void Probe(HttpBinding binding, IPAddress address)
    {
        if (binding.Port == 0) return;
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, binding.Port));
        }
        catch (SocketException error)
        {
            throw Unavailable(binding, error);
        }
    }

    private static EndpointUnavailableException Unavailable(HttpBinding binding, Exception error)
    {
        var code = (error as SocketException ?? error.InnerException as SocketException ?? error.InnerException?.InnerException as SocketException)?.SocketErrorCode;
        string reason = code switch
        {
            SocketError.AddressAlreadyInUse => "the port is in use by another program; stop that program or choose another port",
            SocketError.AccessDenied => "not permitted; choose a port above 1023",
            SocketError.AddressNotAvailable => "this machine has no such address",
            _ => error.InnerException is AddressInUseException or null && error is not SocketException
                ? "the port is in use by another program; stop that program or choose another port" : error.Message,
        };
        return new EndpointUnavailableException(binding.Name, binding.Host, binding.Port, reason, error);
    }

    private static async ValueTask<IPAddress> ResolveAsync(HttpBinding binding, CancellationToken cancellation)
    {
        if (binding.Host is "localhost" or "") return IPAddress.Loopback;
        if (binding.Host is "*" or "+") return IPAddress.Any;
        if (IPAddress.TryParse(binding.Host.Trim('[', ']'), out IPAddress? address)) return address;
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(binding.Host, cancellation);
            if (found.Length > 0) return found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
            throw new EndpointUnavailableException(binding.Name, binding.Host, binding.Port, "the host name has no address");
        }
        catch (SocketException error)
        {
            throw new EndpointUnavailableException(binding.Name, binding.Host, binding.Port, "the host name is unknown", error);
        }
    }

    /// <summary>Stops listening, gives running requests a few seconds, and ends connections.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }

    /// <summary>The program that owns the server handles signals, not the server.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
