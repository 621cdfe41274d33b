using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Opal.Cli.Tests.Geth;

/// <summary>Metrics over OTLP, to a receiver that keeps what it is sent.</summary>
public sealed class CollectorTests : IAsyncLifetime, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<(string Path, string? Type, byte[] Body)> _received = new();
    private WebApplication? _receiver;

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.MapPost("/{**path}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _received.Enqueue((context.Request.Path, context.Request.ContentType, body.ToArray()));
        });
        await _receiver.StartAsync();
    }

    public async Task DisposeAsync() => await _receiver!.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    private string Address => _receiver!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    [Fact]
    public async Task A_collector_that_the_environment_names_gets_the_clients_metrics()
    {
        string genesis = _folder.Write("genesis.json", TestGenesis.Json());
        (string, string)[] environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "200")];
        using GethProcess geth = GethProcess.Start(_folder.Root, environment, "--datadir=d", $"--chain={genesis}", "--authrpc.port=0", "--ipcdisable");
        await geth.WaitForAsync("Ready: head is block 0");
        await geth.WaitForAsync("Sending metrics to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names");

        // protobuf keeps strings as they are: names, the service's, and the chain's label
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!_received.Any(r => Has(r.Body, "opal.execution.head")))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{_received.Count} messages, none with the head\n{geth.Output}");
            await Task.Delay(50);
        }

        (string path, string? type, byte[] body) = _received.First(r => Has(r.Body, "opal.execution.head"));
        Assert.Equal(("/v1/metrics", "application/x-protobuf"), (path, type));
        foreach (string text in new[] { "opal-geth", "chain.id", "opal.execution.pool" }) Assert.True(Has(body, text), text);
        Assert.True(Has(body, "42069") || body.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xd5, 0xc8, 0x02]) >= 0, "the chain id, as text or as a number");

        int before = _received.Count;
        geth.Terminate();
        Assert.Equal(0, await geth.ExitAsync());
        Assert.True(_received.Count > before, "the last values are sent at the stop");
    }

    private static bool Has(byte[] body, string text) => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
