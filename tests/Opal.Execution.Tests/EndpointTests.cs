using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

public sealed class EndpointTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private static TestRollup Start() => new(OptimismFork.Isthmus, o => o with
    {
        Endpoints =
        [
            new RpcEndpoint { Name = "http", Namespaces = ["eth", "net", "web3", "txpool", "engine"] },
            new RpcEndpoint { Name = "ws", Http = false, WebSocket = true, Namespaces = ["eth"] },
            RpcEndpoint.Authenticated("127.0.0.1", 0, Secret),
        ],
    });

    [Fact]
    public async Task The_engine_is_served_behind_a_token_only_and_drives_the_chain()
    {
        await using TestRollup rollup = Start();
        await rollup.Client.StartAsync(CancellationToken.None);
        using var open = new HttpRpcClient(rollup.Client.AddressOf("http").ToString());
        Assert.Equal("\"0xa455\"", await open.TextAsync("eth_chainId"));
        Assert.Equal(RpcErrorCode.MethodNotFound, (await open.ErrorAsync("engine_exchangeCapabilities", "[]")).Code);
        using var stranger = new HttpRpcClient(rollup.Client.AddressOf("authrpc").ToString());
        await Assert.ThrowsAsync<RpcTransportException>(() => stranger.TextAsync("eth_chainId"));

        using var authenticated = new HttpRpcClient(rollup.Client.AddressOf("authrpc").ToString(), Secret);
        var engine = new EngineClient(authenticated, TestRollup.Forks(OptimismFork.Isthmus));
        Assert.Contains("engine_newPayloadV4", await engine.ExchangeCapabilitiesAsync());
        Assert.Equal("OP", (await authenticated.ResultAsync("engine_getClientVersionV1", "{\"code\":\"OP\",\"name\":\"x\",\"version\":\"1\",\"commit\":\"0x00\"}"))[0].GetProperty("code").GetString());
        PayloadAttributes attributes = rollup.Attributes(rollup.Head);
        ForkchoiceResult begun = await engine.ForkchoiceUpdatedAsync(new ForkchoiceState(rollup.Head.Hash, default, default), attributes);
        PayloadEnvelope envelope = await engine.GetPayloadAsync(begun.PayloadId!.Value, attributes.Timestamp);
        Assert.Equal(Hash256.Zero, envelope.ParentBeaconBlockRoot);
        Assert.NotNull(envelope.Payload.WithdrawalsRoot);
        Assert.Equal(PayloadVerdict.Valid, (await engine.NewPayloadAsync(envelope.Payload, Hash256.Zero)).Verdict);
        Assert.Equal(PayloadVerdict.Valid, (await engine.ForkchoiceUpdatedAsync(new ForkchoiceState(envelope.Payload.BlockHash, default, default))).Status.Verdict);
        Assert.Equal("\"0x1\"", await open.TextAsync("eth_blockNumber"));
        JsonElement bodies = await authenticated.ResultAsync("engine_getPayloadBodiesByRangeV1", "\"0x1\",\"0x2\"");
        Assert.Equal(1, bodies.GetArrayLength());
        RpcCallException error = await Assert.ThrowsAsync<RpcCallException>(() => engine.GetPayloadAsync(4, new PayloadId(3UL << 56)));
        Assert.Equal(RpcErrorCode.UnknownPayload, error.Code);
        await rollup.Client.StopAsync();
    }

    [Fact]
    public async Task Subscriptions_push_heads_logs_and_pending_transactions()
    {
        await using TestRollup rollup = Start();
        await rollup.Client.StartAsync(CancellationToken.None);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(rollup.Client.AddressOf("ws"), limit.Token);
        string heads = (await AskAsync(socket, """{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}""", limit.Token)).GetProperty("result").GetString()!;
        string logs = (await AskAsync(socket, """{"jsonrpc":"2.0","id":2,"method":"eth_subscribe","params":["logs",{"topics":[]}]}""", limit.Token)).GetProperty("result").GetString()!;
        string pending = (await AskAsync(socket, """{"jsonrpc":"2.0","id":3,"method":"eth_subscribe","params":["newPendingTransactions"]}""", limit.Token)).GetProperty("result").GetString()!;

        Transaction sent = Alice.Send(0, TestCode.Store, data: new byte[32], gas: 100_000);
        Assert.True(rollup.Client.Pool.Add(sent).IsAccepted);
        ExecutedBlock block = rollup.Build();
        var seen = new Dictionary<string, JsonElement>();
        while (seen.Count < 3)
        {
            JsonElement told = (await ReceiveAsync(socket, limit.Token)).GetProperty("params");
            seen[told.GetProperty("subscription").GetString()!] = told.GetProperty("result");
        }

        Assert.Equal(block.Hash.ToString(), seen[heads].GetProperty("hash").GetString());
        Assert.Equal(sent.Hash.ToString(), seen[logs].GetProperty("transactionHash").GetString());
        Assert.Equal(sent.Hash.ToString(), seen[pending].GetString());
        JsonElement closed = await AskAsync(socket, $"{{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"eth_unsubscribe\",\"params\":[\"{heads}\"]}}", limit.Token);
        Assert.True(closed.GetProperty("result").GetBoolean());
        await rollup.Client.StopAsync();
    }

    [Fact]
    public async Task Endpoints_open_and_close_while_the_client_runs()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with
        {
            Endpoints = [RpcEndpoint.Authenticated("127.0.0.1", 0, Secret)],
            ClosedEndpoints = [new RpcEndpoint { Name = "http", Namespaces = ["eth"] }],
        });
        var rpc = new InProcessRpcClient(rollup.Client.Registry);
        Assert.Equal(-32000, (await rpc.ErrorAsync("admin_startHTTP")).Code); // not started
        await rollup.Client.StartAsync(CancellationToken.None);
        Assert.Equal("true", await rpc.TextAsync("admin_stopHTTP")); // nothing to stop

        Assert.Equal("true", await rpc.TextAsync("admin_startHTTP"));
        Uri first = rollup.Client.AddressOf("http");
        using var open = new HttpRpcClient(first.ToString());
        Assert.Equal("\"0xa455\"", await open.TextAsync("eth_chainId"));
        Assert.Equal(RpcErrorCode.MethodNotFound, (await open.ErrorAsync("net_version")).Code);
        Assert.Equal("JSON-RPC over HTTP is already enabled", (await rpc.ErrorAsync("admin_startHTTP")).Message);
        Assert.Equal("true", await rpc.TextAsync("admin_stopHTTP"));
        await Assert.ThrowsAsync<RpcTransportException>(async () => { while (true) await open.TextAsync("eth_chainId"); });

        // again at the same port, with the namespaces asked for; and it can close itself, and is heard
        Assert.Equal("true", await rpc.TextAsync("admin_startHTTP", $"\"127.0.0.1\",{first.Port},\"https://a.example\",\"eth, admin\",\"*\""));
        Assert.Equal(first, rollup.Client.AddressOf("http"));
        using var admin = new HttpRpcClient(first.ToString());
        Assert.Equal("\"0xa455\"", await admin.TextAsync("eth_chainId"));
        Assert.Equal(-32000, (await rpc.ErrorAsync("admin_startWS", $"\"127.0.0.1\",{rollup.Client.AddressOf("authrpc").Port}")).Code); // taken

        // WebSocket at the port of HTTP: it comes and goes, HTTP stays
        Assert.Equal("true", await admin.TextAsync("admin_startWS", $"\"127.0.0.1\",{first.Port},\"\",\"eth,admin\""));
        Assert.Equal("JSON-RPC over WebSocket is already enabled", (await admin.ErrorAsync("admin_startWS", $"\"127.0.0.1\",0")).Message);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(rollup.Client.AddressOf("ws"), limit.Token);
        Assert.Equal("0xa455", (await AskAsync(socket, """{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}""", limit.Token)).GetProperty("result").GetString());
        Assert.True((await AskAsync(socket, """{"jsonrpc":"2.0","id":2,"method":"admin_stopWS"}""", limit.Token)).GetProperty("result").GetBoolean());
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[100], limit.Token)).MessageType);
        Assert.Throws<ArgumentException>(() => rollup.Client.AddressOf("ws"));
        using var refused = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(new Uri($"ws://127.0.0.1:{first.Port}/"), limit.Token));

        Assert.Equal("true", await admin.TextAsync("admin_stopHTTP"));
        Assert.Throws<ArgumentException>(() => rollup.Client.AddressOf("http"));
        Assert.Equal(-32602, (await rpc.ErrorAsync("admin_startHTTP", "\"127.0.0.1\",70000")).Code);
        using var engine = new HttpRpcClient(rollup.Client.AddressOf("authrpc").ToString(), Secret);
        Assert.Equal("\"0xa455\"", await engine.TextAsync("eth_chainId")); // untouched by all this
        await rollup.Client.StopAsync();
    }

    private static async Task<JsonElement> AskAsync(ClientWebSocket socket, string request, CancellationToken cancellation)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, true, cancellation);
        return await ReceiveAsync(socket, cancellation);
    }

    private static async Task<JsonElement> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 16];
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
            length += part.Count;
            if (part.EndOfMessage) return JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement;
        }
    }
}
