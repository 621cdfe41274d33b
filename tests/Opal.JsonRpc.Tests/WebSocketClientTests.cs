using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Opal.JsonRpc.Tests;

/// <summary>Calls over a WebSocket.</summary>
public sealed class WebSocketClientTests
{
    private static readonly HttpRpcClientOptions s_once = new() { Retry = RpcRetryPolicy.None };

    [Fact]
    public async Task Calls_batches_and_errors_are_as_over_http()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        using WebSocketRpcClient client = Open(server, s_once with { MaxBatchItems = 7 });
        Assert.Equal("hello", await EchoAsync(client, "hello"));
        string[] echoed = await client.CallAllAsync(
            [.. Enumerable.Range(0, 50).Select(i => new RpcRequest("test_echo", writer => writer.WriteStringValue($"{i}")))], static (_, value) => value.AsString());
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), echoed);
        RpcCallException refused = await Assert.ThrowsAsync<RpcCallException>(() => client.CallAsync("test_refuse", null, static v => v.AsString()));
        Assert.Equal(RpcErrorCode.ExecutionReverted, refused.Code);
        refused = await Assert.ThrowsAsync<RpcCallException>(() => client.CallAsync("test_nothing", null, static v => v.AsString()));
        Assert.Equal(RpcErrorCode.MethodNotFound, refused.Code);
    }

    [Fact]
    public async Task Calls_run_side_by_side_and_each_gets_its_own_answer()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        using WebSocketRpcClient client = Open(server, s_once);
        using var patience = new CancellationTokenSource();
        Task slow = client.CallAsync("test_slow", null, static v => v.IsNull, patience.Token);
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => EchoAsync(client, $"{i}")));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), answers);
        Assert.False(slow.IsCompleted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        Assert.Equal("after", await EchoAsync(client, "after")); // one caller's leaving breaks nothing
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_a_transient_fault()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        using WebSocketRpcClient client = Open(server, s_once with { Timeout = TimeSpan.FromMilliseconds(100) });
        RpcTransportException fault = await Assert.ThrowsAsync<RpcTransportException>(() => client.CallAsync("test_slow", null, static v => v.IsNull));
        Assert.True(fault.IsTransient);
    }

    [Fact]
    public async Task A_large_answer_comes_whole_and_one_beyond_the_limit_is_refused()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        using WebSocketRpcClient client = Open(server, s_once with { MaxResponseBytes = 400_000 });
        Assert.Equal(300_000, (await LargeAsync(client, 300_000)).Length);
        RpcTransportException fault = await Assert.ThrowsAsync<RpcTransportException>(() => LargeAsync(client, 500_000));
        Assert.False(fault.IsTransient);
        Assert.Equal(10, (await LargeAsync(client, 10)).Length); // over a new connection
    }

    [Fact]
    public async Task The_secret_goes_with_the_handshake()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { JwtSecret = ServerFixture.Secret, Namespaces = ["engine"] });
        using WebSocketRpcClient client = Open(server, s_once with { JwtSecret = ServerFixture.Secret });
        Assert.True(await client.CallAsync("engine_secret", null, static v => v.AsBool()));
        using WebSocketRpcClient stranger = Open(server, s_once with { JwtSecret = new byte[32] });
        RpcTransportException fault = await Assert.ThrowsAsync<RpcTransportException>(() => stranger.CallAsync("engine_secret", null, static v => v.AsBool()));
        Assert.False(fault.IsTransient);
        Assert.Contains("401", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_connection_fails_what_is_under_way_and_is_made_anew()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        using var proxy = new Wire(server.Port);
        using var client = new WebSocketRpcClient(new Uri($"ws://127.0.0.1:{proxy.Port}"), s_once);
        Assert.Equal("1", await EchoAsync(client, "1"));
        Task slow = client.CallAsync("test_slow", null, static v => v.IsNull);
        await Task.Delay(50);
        proxy.Cut();
        RpcTransportException fault = await Assert.ThrowsAsync<RpcTransportException>(() => slow);
        Assert.True(fault.IsTransient);
        Assert.Equal("2", await EchoAsync(client, "2"));
    }

    [Fact]
    public async Task Nobody_there_is_a_transient_fault()
    {
        using var client = new WebSocketRpcClient(new Uri("ws://127.0.0.1:1"), s_once);
        Assert.True((await Assert.ThrowsAsync<RpcTransportException>(() => EchoAsync(client, "x"))).IsTransient);
        Assert.Throws<ArgumentException>(() => new WebSocketRpcClient(new Uri("http://127.0.0.1:1")));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"result":1}""", 7, false)]
    [InlineData("""{"result":{"id":3,"method":"x"},"jsonrpc":"2.0","id":8}""", 8, false)]
    [InlineData("""[{"id":null,"error":{}},{"result":[[1]],"id":9}]""", 9, false)]
    [InlineData("""{"jsonrpc":"2.0","method":"eth_subscription","params":{"id":4}}""", null, true)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"error":{"code":-32700}}""", null, false)]
    [InlineData("[]", null, false)]
    [InlineData("5", null, false)]
    public void Answers_are_told_apart_by_their_ids(string text, int? id, bool isNotification)
    {
        Assert.Equal(id, AnswerId.Find(Encoding.UTF8.GetBytes(text), out bool isNotice));
        Assert.Equal(isNotification, isNotice);
    }

    private static WebSocketRpcClient Open(ServerFixture server, HttpRpcClientOptions options) => new(new Uri($"ws://127.0.0.1:{server.Port}"), options);

    private static Task<string> EchoAsync(IRpcClient client, string text) => client.CallAsync("test_echo", writer => writer.WriteStringValue(text), static v => v.AsString());

    private static Task<string> LargeAsync(IRpcClient client, ulong length) => client.CallAsync("test_large", writer => writer.WriteQuantityValue(length), static v => v.AsString());

    /// <summary>A piece of wire to a port that can be cut.</summary>
    private sealed class Wire : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<TcpClient> _ends = [];

        public Wire(int to)
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _ = RunAsync(to);
        }

        public int Port { get; }

        public void Cut()
        {
            lock (_ends)
            {
                foreach (TcpClient end in _ends) end.Dispose();
                _ends.Clear();
            }
        }

        public void Dispose()
        {
            _listener.Dispose();
            Cut();
        }

        private async Task RunAsync(int to)
        {
            try
            {
                while (true)
                {
                    TcpClient here = await _listener.AcceptTcpClientAsync();
                    var there = new TcpClient();
                    await there.ConnectAsync(IPAddress.Loopback, to);
                    lock (_ends) _ends.AddRange([here, there]);
                    _ = PumpAsync(here, there);
                    _ = PumpAsync(there, here);
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // the test is over
            }
        }

        private static async Task PumpAsync(TcpClient from, TcpClient to)
        {
            try
            {
                await from.GetStream().CopyToAsync(to.GetStream());
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // cut
            }
        }
    }
}
