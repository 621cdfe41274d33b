using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Opal.Cli.Metering;

/// <summary>Gives out what the program's meters measure: as Prometheus text over HTTP, and to an OTLP collector where OTEL_EXPORTER_OTLP_ENDPOINT names one.</summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    private const string CollectorVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static readonly string[] Paths = ["/debug/metrics/prometheus", "/metrics"];

    private readonly PrometheusText _exporter = new();
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _meters;
    private HttpHost? _host;

    private MetricsServer(string service)
    {
        _reader = new BaseExportingMetricReader(_exporter);
        ResourceBuilder resource = ResourceBuilder.CreateDefault();
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME"))) resource.AddService(service);
        MeterProviderBuilder builder = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter("Opal.*", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel").AddReader(_reader);
        if (HasCollector) builder.AddOtlpExporter();
        _meters = builder.Build();
    }

    /// <summary>Whether the environment names an OTLP collector.</summary>
    public static bool HasCollector => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(CollectorVariable));

    /// <summary>The port it listens on; null when only a collector is fed.</summary>
    public int? Port => _host?.PortOf(0);

    /// <summary>Starts it.</summary>
    /// <param name="service">The name a collector files the metrics under.</param>
    /// <param name="host">Where to listen; null does not listen.</param>
    /// <param name="port">The TCP port; 0 takes any free one.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="EndpointUnavailableException">The port is taken.</exception>
    public static async Task<MetricsServer> StartAsync(string service, string? host, int port, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var server = new MetricsServer(service);
        ILogger logger = loggers.CreateLogger("Opal.Cli");
        if (HasCollector) logger.LogInformation("Sending metrics to the collector that {Variable} names", CollectorVariable);
        if (host is null) return server;
        try
        {
            server._host = await HttpHost.StartAsync([new HttpBinding("metrics", host, port, server.AnswerAsync)], loggers, cancellation);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        logger.LogInformation("Serving metrics at http://{Host}:{Port}{Path}", host, server.Port, Paths[0]);
        return server;
    }

    /// <summary>All metrics now, as Prometheus text.</summary>
    public string Collect()
    {
        _reader.Collect();
        return _exporter.Text;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!Paths.Contains(context.Request.Path.Value, StringComparer.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(Collect(), context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        _meters.Dispose();
        _exporter.Dispose();
    }
}
