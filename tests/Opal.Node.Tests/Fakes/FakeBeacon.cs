using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;

namespace Opal.Node.Tests;

/// <summary>A Beacon node of genesis 1000 and slots of 12 s whose answers a test sets: JSON by path, else a status.</summary>
internal sealed class FakeBeacon : IAsyncDisposable
{
    private HttpHost? _host;

    public Dictionary<string, string> Answers { get; } = new()
    {
        ["genesis"] = """{"data":{"genesis_time":"1000"}}""",
        ["spec"] = """{"data":{"SECONDS_PER_SLOT":"12","DEPOSIT_CHAIN_ID":"900"}}""",
    };

    /// <summary>The status of paths without an answer; 0 never answers.</summary>
    public int Status { get; set; } = 404;

    /// <summary>Requests for blobs and sidecars so far.</summary>
    public List<string> Asked { get; } = [];

    public Uri Url => new($"http://127.0.0.1:{_host!.PortOf(0)}/");

    public static async Task<FakeBeacon> StartAsync()
    {
        var node = new FakeBeacon();
        node._host = await HttpHost.StartAsync([new HttpBinding("beacon", "127.0.0.1", 0, node.AnswerAsync)], NullLoggerFactory.Instance);
        return node;
    }

    public BeaconClient Client() => new(Url, new BeaconClientOptions { Timeout = TimeSpan.FromSeconds(Status == 0 ? 0.3 : 30) });

    /// <summary>Gives these blobs for a slot.</summary>
    public void Serve(ulong slot, params TestBlob[] blobs) => Answers[$"blobs/{slot}"] = $$"""{"data":[{{string.Join(",", blobs.Select(blob => blob.Json))}}]}""";

    private async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!.Replace("/eth/v1/beacon/", "", StringComparison.Ordinal).Replace("/eth/v1/config/", "", StringComparison.Ordinal);
        lock (Asked)
        {
            if (path.StartsWith("blob", StringComparison.Ordinal)) Asked.Add(path + context.Request.QueryString);
        }

        if (Answers.TryGetValue(path, out string? answer)) await context.Response.WriteAsync(answer);
        else if (Status == 0) await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        else
        {
            context.Response.StatusCode = Status;
            await context.Response.WriteAsync("""{"code":0,"message":"as told"}""");
        }
    }

    public ValueTask DisposeAsync() => _host!.DisposeAsync();
}
