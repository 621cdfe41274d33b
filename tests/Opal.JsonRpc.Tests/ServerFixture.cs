using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Opal.JsonRpc.Tests;

/// <summary>A server with a few methods, on a free port.</summary>
internal sealed class ServerFixture : IAsyncDisposable
{
    public static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private readonly RpcServer _server;

    private ServerFixture(RpcServer server, string endpoint)
    {
        _server = server;
        Url = server.AddressOf(endpoint);
        Port = server.PortOf(endpoint);
    }

    public Uri Url { get; }

    public int Port { get; }

    public HttpClient Http { get; } = new();

    public static RpcRegistry Methods(Action<RpcSubscription>? onSubscribed = null) => new RpcRegistry()
        .Register("test_echo", parameters => RpcResult.String(parameters.GetString(0)))
        .Register("test_add", parameters => RpcResult.Quantity(parameters.GetQuantity(0) + parameters.GetQuantity(1)))
        .Register("test_null", _ => RpcResult.Null)
        .Register("test_refuse", _ => RpcResult.Fail(RpcErrorCode.ExecutionReverted, "execution reverted", "0x08c379a0"))
        .Register("test_crash", _ => throw new InvalidOperationException("boom"))
        .Register("test_halfWritten", _ => RpcResult.Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("a", "b");
            throw new InvalidOperationException("midway");
        }))
        .Register("test_slow", async (_, _, cancellation) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(30), cancellation);
            return RpcResult.Null;
        })
        .Register("test_large", parameters => RpcResult.String(new string('x', (int)parameters.GetQuantity(0))))
        .Register("engine_secret", _ => RpcResult.True)
        .Register("other_method", _ => RpcResult.True)
        .RegisterSubscription("eth", "newHeads", (_, subscription, _) =>
        {
            onSubscribed?.Invoke(subscription);
            return ValueTask.CompletedTask;
        });

    public static async Task<ServerFixture> StartAsync(
        Func<RpcEndpoint, RpcEndpoint>? change = null, RpcServerOptions? options = null, Action<RpcSubscription>? onSubscribed = null)
    {
        var endpoint = new RpcEndpoint { Name = "http", WebSocket = true };
        endpoint = change?.Invoke(endpoint) ?? endpoint;
        RpcServer server = await RpcServer.StartAsync(Methods(onSubscribed), [endpoint], NullLoggerFactory.Instance, options);
        return new ServerFixture(server, endpoint.Name);
    }

    public async Task<(int Status, string Body)> PostAsync(string text, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
        change?.Invoke(request);
        using HttpResponseMessage response = await Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> AskAsync(string text)
    {
        (int status, string body) = await PostAsync(text);
        Assert.Equal(200, status);
        return JsonElement.Parse(body);
    }

    public static int CodeOf(JsonElement answer) => answer.GetProperty("error").GetProperty("code").GetInt32();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
    }
}
