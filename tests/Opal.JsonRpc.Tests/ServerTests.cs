using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Opal.JsonRpc.Tests;

public class ServerTests
{
    [Fact]
    public async Task Answers_a_call_with_its_own_id()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        Assert.Equal("""{"jsonrpc":"2.0","id":"a\u0020b","result":"hi \"you\""}""",
            (await server.PostAsync("""{"jsonrpc":"2.0","id":"a\u0020b","method":"test_echo","params":["hi \"you\""]}""")).Body);
        Assert.Equal("0x5", (await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"test_add","params":["0x2","0x3"]}""")).GetProperty("result").GetString());
        Assert.Equal(JsonValueKind.Null, (await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"test_null"}""")).GetProperty("result").ValueKind);
    }

    [Theory]
    [InlineData("{", RpcErrorCode.ParseError)]
    [InlineData("1", RpcErrorCode.InvalidRequest)]
    [InlineData("[]", RpcErrorCode.InvalidRequest)]
    [InlineData("""{"id":1,"method":"test_null"}""", RpcErrorCode.InvalidRequest)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"test_null"}""", RpcErrorCode.InvalidRequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"test_none"}""", RpcErrorCode.MethodNotFound)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":""}""", RpcErrorCode.InvalidRequest)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"test_add","params":{"a":1}}""", RpcErrorCode.InvalidParams)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"test_add","params":["0x1"]}""", RpcErrorCode.InvalidParams)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"test_add","params":["0x1","0x01"]}""", RpcErrorCode.InvalidParams)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"test_crash"}""", RpcErrorCode.InternalError)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"test_halfWritten"}""", RpcErrorCode.InternalError)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"test_refuse"}""", RpcErrorCode.ExecutionReverted)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"engine_secret"}""", RpcErrorCode.MethodNotFound)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}""", RpcErrorCode.MethodNotFound)]
    public async Task Answers_faults_with_the_right_code(string request, int code)
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        Assert.Equal(code, ServerFixture.CodeOf(await server.AskAsync(request)));
    }

    [Fact]
    public async Task Names_the_missing_method_and_the_bad_argument()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        Assert.Equal("the method test_none does not exist/is not available",
            (await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"test_none"}""")).GetProperty("error").GetProperty("message").GetString());
        Assert.Contains("missing value for required argument 1",
            (await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"test_add","params":["0x1"]}""")).GetProperty("error").GetProperty("message").GetString());
        JsonElement refused = (await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"test_refuse"}""")).GetProperty("error");
        Assert.Equal("0x08c379a0", refused.GetProperty("data").GetString());
    }

    [Fact]
    public async Task Batches_keep_order_and_skip_notifications()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        JsonElement answer = await server.AskAsync("""
            [{"jsonrpc":"2.0","id":7,"method":"test_echo","params":["a"]},
             {"jsonrpc":"2.0","method":"test_echo","params":["nobody hears"]},
             17,
             {"jsonrpc":"2.0","id":null,"method":"test_none"}]
            """);
        Assert.Equal(3, answer.GetArrayLength());
        Assert.Equal(7, answer[0].GetProperty("id").GetInt32());
        Assert.Equal(RpcErrorCode.InvalidRequest, ServerFixture.CodeOf(answer[1]));
        Assert.Equal(RpcErrorCode.MethodNotFound, ServerFixture.CodeOf(answer[2]));
        Assert.Equal("", (await server.PostAsync("""[{"jsonrpc":"2.0","method":"test_null"}]""")).Body);
    }

    [Fact]
    public async Task Batch_limits_hold_for_items_and_for_bytes()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { MaxBatchItems = 3, MaxBatchResponseBytes = 1000 });
        const string Small = """{"jsonrpc":"2.0","id":1,"method":"test_null"}""", Large = """{"jsonrpc":"2.0","id":2,"method":"test_large","params":["0x400"]}""";
        JsonElement refused = Assert.Single((await server.AskAsync($"[{Small},{Small},{Small},{Small}]")).EnumerateArray());
        Assert.Equal(RpcErrorCode.InvalidRequest, ServerFixture.CodeOf(refused));
        Assert.Equal((1, "batch too large"), (refused.GetProperty("id").GetInt32(), refused.GetProperty("error").GetProperty("message").GetString()));
        JsonElement answer = await server.AskAsync($"[{Small},{Large},{Small}]");
        Assert.Equal(JsonValueKind.Null, answer[0].GetProperty("result").ValueKind);
        Assert.Equal(1024, answer[1].GetProperty("result").GetString()!.Length); // the one that crosses the line is still answered
        Assert.Equal(RpcErrorCode.ResponseTooLarge, ServerFixture.CodeOf(answer[2]));
    }

    [Fact]
    public async Task Namespaces_not_listed_are_closed()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { Namespaces = ["test", "engine"] });
        Assert.Equal(RpcErrorCode.MethodNotFound, ServerFixture.CodeOf(await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"other_method"}""")));
        Assert.Equal(RpcErrorCode.MethodNotFound, ServerFixture.CodeOf(await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"engine_secret"}""")));
    }

    [Fact]
    public async Task A_slow_call_is_cut_off()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { RequestTimeout = TimeSpan.FromMilliseconds(50) });
        Assert.Equal(RpcErrorCode.TimedOut, ServerFixture.CodeOf(await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"test_slow"}""")));
    }

    [Fact]
    public async Task A_large_body_is_refused_with_413()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { MaxRequestBytes = 100 });
        Assert.Equal(413, (await server.PostAsync($$"""{"jsonrpc":"2.0","id":1,"method":"test_echo","params":["{{new string('x', 200)}}"]}""")).Status);
    }

    [Fact]
    public async Task Foreign_hosts_and_content_types_are_refused()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        const string Call = """{"jsonrpc":"2.0","id":1,"method":"test_null"}""";
        (int status, string body) = await server.PostAsync(Call, r => r.Headers.Host = "evil.example");
        Assert.Equal(403, status);
        Assert.Contains("invalid host specified", body);
        Assert.Equal(200, (await server.PostAsync(Call, r => r.Headers.Host = "localhost:8545")).Status);
        Assert.Equal(415, (await server.PostAsync(Call, r => r.Content = new StringContent(Call, Encoding.UTF8, "text/plain"))).Status);
        using var put = new HttpRequestMessage(HttpMethod.Put, server.Url);
        Assert.Equal(405, (int)(await server.Http.SendAsync(put)).StatusCode);
    }

    [Fact]
    public async Task Cors_headers_appear_for_allowed_origins_only()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { CorsOrigins = ["http://wallet.example", "https://*.app.example"] });
        async Task<string?> Allowed(string origin)
        {
            using var preflight = new HttpRequestMessage(HttpMethod.Options, server.Url);
            preflight.Headers.Add("Origin", origin);
            preflight.Headers.Add("Access-Control-Request-Method", "POST");
            preflight.Headers.Add("Access-Control-Request-Headers", "content-type");
            using HttpResponseMessage response = await server.Http.SendAsync(preflight);
            Assert.Equal(204, (int)response.StatusCode);
            return response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? values) ? values.Single() : null;
        }

        Assert.Equal("http://wallet.example", await Allowed("http://wallet.example"));
        Assert.Equal("https://x.app.example", await Allowed("https://x.app.example"));
        Assert.Null(await Allowed("http://evil.example"));
    }

    [Fact]
    public async Task Health_is_answered_to_GET()
    {
        await using ServerFixture good = await ServerFixture.StartAsync(options: new RpcServerOptions { Version = "opal/1" });
        Assert.Equal("""{"version":"opal/1"}""", await good.Http.GetStringAsync(new Uri(good.Url, "healthz")));
        await using ServerFixture bad = await ServerFixture.StartAsync(options: new RpcServerOptions { Health = _ => ValueTask.FromResult(new RpcHealth(false, "L1 is away")) });
        using HttpResponseMessage response = await bad.Http.GetAsync(bad.Url);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("L1 is away", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var endpoint = new RpcEndpoint { Name = "authrpc", Port = port };
        EndpointUnavailableException error = await Assert.ThrowsAsync<EndpointUnavailableException>(
            () => RpcServer.StartAsync(ServerFixture.Methods(), [endpoint], NullLoggerFactory.Instance));
        Assert.Equal("authrpc", error.Endpoint);
        Assert.Equal(port, error.Port);
        Assert.Contains($"127.0.0.1:{port}: the port is in use", error.Message);
    }

    [Fact]
    public async Task Http_and_WebSocket_endpoints_share_a_port()
    {
        int port = FreePort();
        await using RpcServer server = await RpcServer.StartAsync(ServerFixture.Methods(),
            [new RpcEndpoint { Name = "http", Port = port, Namespaces = ["test"] }, new RpcEndpoint { Name = "ws", Port = port, Http = false, WebSocket = true, Namespaces = ["other"] }],
            NullLoggerFactory.Instance);
        using var http = new HttpRpcClient(server.AddressOf("http"));
        Assert.Equal("x", await http.CallAsync("test_echo", w => w.WriteStringValue("x"), v => v.AsString()));
        await using WebSocketTester socket = await WebSocketTester.ConnectAsync(port);
        await socket.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"other_method"}""");
        Assert.True((await socket.ReceiveAsync()).GetProperty("result").GetBoolean());
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
