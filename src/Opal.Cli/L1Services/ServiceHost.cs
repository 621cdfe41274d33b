using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Cli.Logs;
using Opal.Cli.Metering;
using Opal.JsonRpc;

namespace Opal.Cli.L1Services;

/// <summary>What every service has around it: log, metrics, RPC with health, and the signals that stop it.</summary>
internal sealed class ServiceHost : IAsyncDisposable
{
    /// <summary>admin_stopBatcher answers once what was at hand is on L1.</summary>
    private static readonly TimeSpan s_requestTime = TimeSpan.FromMinutes(3);

    private const string Starting = "starting";

    private readonly StopSignal _signal;
    private readonly LogLevels _levels;
    private MetricsServer? _metrics;
    private ServiceMetrics? _measured;
    private RpcServer? _server;
    private volatile string? _waiting = Starting;

    private ServiceHost(FlagValues values, StopSignal signal, ILoggerFactory loggers, LogLevels levels)
    {
        (Values, _signal, Loggers, _levels) = (values, signal, loggers, levels);
        Logger = loggers.CreateLogger("Opal.Cli");
        Wait = new EndpointWait(Logger, TimeProvider.System, waiting => _waiting = waiting ?? Starting); // until the service runs it is not healthy
    }

    public FlagValues Values { get; }

    public ILoggerFactory Loggers { get; }

    public ILogger Logger { get; }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => _signal.Token;

    private RpcRegistry Registry { get; } = new();

    /// <summary>Asks servers until they answer.</summary>
    public EndpointWait Wait { get; }

    /// <summary>Judges the service once it runs.</summary>
    public Func<RpcHealth>? ServiceHealth { get; set; }

    /// <summary>Writes what the service says of itself into the answer of <c>opal_status</c>, once it runs.</summary>
    public Action<Utf8JsonWriter>? ServiceStatus { get; set; }

    /// <summary>Adds a service's methods; <c>admin</c> and <c>txmgr</c> are open only with <c>--rpc.enable-admin</c>. Those that are there already stay.</summary>
    public void Serve(Action<RpcRegistry> register)
    {
        var methods = new RpcRegistry();
        register(methods);
        foreach (string method in methods.Methods)
        {
            if (!Registry.TryGet(method, out _) && methods.TryGet(method, out RpcHandler? handler)) Registry.Register(method, handler);
        }
    }

    /// <summary>Runs a service until a signal stops it: log, metrics and RPC are there before it, so that it can be watched while it waits for others.</summary>
    /// <param name="values">The flags.</param>
    /// <param name="name">What it is called: <c>batcher</c>.</param>
    /// <param name="body">The service.</param>
    /// <exception cref="FlagException">The flags cannot be used.</exception>
    /// <exception cref="ServiceException">It cannot start.</exception>
    /// <exception cref="EndpointUnavailableException">A port is taken.</exception>
    public static async Task RunAsync(FlagValues values, string name, Func<ServiceHost, Task> body)
    {
        using var signal = new StopSignal();
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 8), ports); // on few cores: compressing a channel must not keep receipts waiting for a thread
        using ILoggerFactory loggers = LogSetup.CreateForService(values, Console.Error, isTerminal: !Console.IsErrorRedirected, out LogLevels levels);
        await using var host = new ServiceHost(values, signal, loggers, levels);
        var clock = new Stopwatch();
        await using (signal.Token.Register(clock.Start))
        {
            try
            {
                await host.OpenAsync(name);
                await body(host);
            }
            catch (OperationCanceledException) when (signal.Token.IsCancellationRequested)
            {
                host.Logger.LogInformation("Stopped before the start was complete");
                return;
            }
        }

        host.Logger.LogInformation("Stopped in {Milliseconds} ms", clock.ElapsedMilliseconds);
    }

    /// <summary>Waits for the signal to stop.</summary>
    public async Task UntilStoppedAsync()
    {
        _waiting = null;
        await Task.Delay(Timeout.Infinite, Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Logger.LogInformation("Stopping; a second signal ends the program at once");
    }

    private async Task OpenAsync(string name)
    {
        Announce(name);
        FlagValues values = Values;
        _measured = new ServiceMetrics(name, () => _waiting is null);
        _metrics = values.Bool("metrics.enabled") || MetricsServer.HasCollector
            ? await MetricsServer.StartAsync($"opal-{name}", values.Bool("metrics.enabled") ? AddressOf("metrics.addr") : null, values.Port("metrics.port"), Loggers, Stop) : null;
        Registry.Register("health_status", _ => Health() is { IsHealthy: true } ? RpcResult.String("healthy") : RpcResult.Fail(RpcErrorCode.ServerError, Health().Detail));
        Registry.Register("opal_status", _ => RpcResult.Json(writer => WriteStatus(writer, name)));
        Registry.Register("admin_setLogLevel", parameters =>
        {
            parameters.RequireAtMost(1);
            string level = parameters.GetString(0);
            return _levels.TrySet(level) ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.InvalidParams, $"unknown level: {level}; there are trace, debug, info, warn, error and crit");
        });
        var endpoint = new RpcEndpoint
        {
            Name = "rpc",
            Host = AddressOf("rpc.addr"),
            Port = values.Port("rpc.port"),
            VirtualHosts = ["*"],
            Namespaces = values.Bool("rpc.enable-admin") ? null : ["health", "opal"],
            RequestTimeout = s_requestTime,
        };
        var options = new RpcServerOptions { Version = VersionText.Version, Health = _ => ValueTask.FromResult(Health()) };
        _server = await RpcServer.StartAsync(Registry, [endpoint], Loggers, options, Stop);
    }

    /// <summary>Where to listen; a variable that is set to nothing means every address, as with op-batcher.</summary>
    private string AddressOf(string flag) => Values.TextOrNull(flag) ?? Values.Table[flag].Default;

    private RpcHealth Health()
    {
        if (_waiting is { } waiting) return new RpcHealth(false, waiting);
        RpcHealth health = ServiceHealth?.Invoke() ?? new RpcHealth(true, "");
        return health.IsHealthy ? health with { Detail = VersionText.Version } : health;
    }

    private void WriteStatus(Utf8JsonWriter writer, string name)
    {
        RpcHealth health = Health();
        writer.WriteStartObject();
        writer.WriteString("role", name);
        writer.WriteString("version", VersionText.Version);
        writer.WriteBoolean("healthy", health.IsHealthy);
        writer.WriteString("trouble", health.IsHealthy ? "" : health.Detail);
        ServiceStatus?.Invoke(writer);
        writer.WriteEndObject();
    }

    /// <summary>Writes who starts, with which configuration, and what of it has no effect.</summary>
    private void Announce(string name)
    {
        Logger.LogInformation("Opal {Name} {Version}", name, VersionText.Version);
        foreach (string group in Values.Table.All.Select(flag => flag.Group).Distinct())
        {
            string described = group == SharedFlags.Misc ? "" : Values.Describe(group);
            if (described.Length > 0) Logger.LogInformation("Configuration, {Group}: {Values}", group.ToLowerInvariant(), described);
        }

        foreach (string warning in Values.Warnings) Logger.LogWarning("{Warning}", warning);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        if (_metrics is not null) await _metrics.DisposeAsync();
        _measured?.Dispose();
    }
}
