using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Opal.JsonRpc.Tests;

public sealed class IpcTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-ipc").FullName;

    private string SocketPath => Path.Combine(_folder, "data", "geth.ipc");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private IpcRpcServer Start(Action<RpcSubscription>? onSubscribed = null, int maxMessage = 1 << 20) =>
        IpcRpcServer.Start(ServerFixture.Methods(onSubscribed), SocketPath, new RpcEndpoint { Name = "ipc", MaxWebSocketMessageBytes = maxMessage }, NullLoggerFactory.Instance);

    private async Task<(Socket Socket, StreamReader Reader)> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        return (socket, new StreamReader(new NetworkStream(socket, ownsSocket: true)));
    }

    private static async Task SendAsync(Socket socket, string text)
    {
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(text);
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    [Fact]
    public async Task Values_without_space_between_them_and_batches_are_answered()
    {
        await using IpcRpcServer server = Start();
        (Socket socket, StreamReader reader) = await ConnectAsync();
        using (reader)
        {
            await SendAsync(socket, "  {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test_echo\",\"params\":[\"} ] \\\" {\"]}");
            Assert.Equal("} ] \" {", JsonElement.Parse((await reader.ReadLineAsync())!).GetProperty("result").GetString());
            await SendAsync(socket, """{"jsonrpc":"2.0","id":2,"method":"test_null"}[{"jsonrpc":"2.0","id":3,"method":"test_null"},{"jsonrpc":"2.0","id":4,"method":"engine_secret"}]""");
            var answers = new List<JsonElement> { JsonElement.Parse((await reader.ReadLineAsync())!), JsonElement.Parse((await reader.ReadLineAsync())!) };
            JsonElement batch = answers.Single(answer => answer.ValueKind == JsonValueKind.Array);
            Assert.Equal(RpcErrorCode.MethodNotFound, ServerFixture.CodeOf(batch[1]));
            foreach (char c in """{"jsonrpc":"2.0","id":9,"method":"test_echo","params":["slow"]}""") await SendAsync(socket, c.ToString());
            Assert.Equal(9, JsonElement.Parse((await reader.ReadLineAsync())!).GetProperty("id").GetInt32());
        }
    }

    [Fact]
    public async Task A_caller_that_closes_its_side_still_gets_its_answers()
    {
        await using IpcRpcServer server = Start();
        (Socket socket, StreamReader reader) = await ConnectAsync();
        using (reader)
        {
            await SendAsync(socket, """{"jsonrpc":"2.0","id":1,"method":"test_large","params":["0x20000"]}""");
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(0x20000, JsonElement.Parse((await reader.ReadLineAsync())!).GetProperty("result").GetString()!.Length);
            Assert.Null(await reader.ReadLineAsync());
        }
    }

    [Theory]
    [InlineData("hello", RpcErrorCode.ParseError)]
    [InlineData("{\"jsonrpc\":\"2.0\"", RpcErrorCode.ParseError)]
    [InlineData("{\"jsonrpc\" \"2.0\"}", RpcErrorCode.ParseError)]
    [InlineData("{}", RpcErrorCode.InvalidRequest)]
    public async Task What_is_no_request_is_answered_with_its_code(string text, int code)
    {
        await using IpcRpcServer server = Start();
        (Socket socket, StreamReader reader) = await ConnectAsync();
        using (reader)
        {
            await SendAsync(socket, text);
            socket.Shutdown(SocketShutdown.Send);
            Assert.Equal(code, ServerFixture.CodeOf(JsonElement.Parse((await reader.ReadLineAsync())!)));
            Assert.Null(await reader.ReadLineAsync());
        }
    }

    [Fact]
    public async Task A_message_without_end_is_cut_off()
    {
        await using IpcRpcServer server = Start(maxMessage: 10_000);
        (Socket socket, StreamReader reader) = await ConnectAsync();
        using (reader)
        {
            await SendAsync(socket, "{\"a\":\"" + new string('x', 12_000));
            Assert.Equal(RpcErrorCode.InvalidRequest, ServerFixture.CodeOf(JsonElement.Parse((await reader.ReadLineAsync())!)));
        }
    }

    [Fact]
    public async Task Subscriptions_notify_after_their_id()
    {
        RpcSubscription? subscription = null;
        await using IpcRpcServer server = Start(s => subscription = s);
        (Socket socket, StreamReader reader) = await ConnectAsync();
        using (reader)
        {
            await SendAsync(socket, """{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}""");
            string id = JsonElement.Parse((await reader.ReadLineAsync())!).GetProperty("result").GetString()!;
            Assert.True(subscription!.TryNotify(w => w.WriteStringValue("head")));
            JsonElement note = JsonElement.Parse((await reader.ReadLineAsync())!).GetProperty("params");
            Assert.Equal((id, "head"), (note.GetProperty("subscription").GetString(), note.GetProperty("result").GetString()));
        }
    }

    [Fact]
    public async Task The_socket_is_its_owners_alone_is_removed_at_the_end_and_replaces_a_stale_one()
    {
        IpcRpcServer first = Start();
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        EndpointUnavailableException taken = Assert.Throws<EndpointUnavailableException>(() => Start());
        Assert.Contains("another program serves it", taken.Message);
        await first.DisposeAsync();
        Assert.False(File.Exists(SocketPath));

        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)) dead.Bind(new UnixDomainSocketEndPoint(SocketPath));
        File.WriteAllText(SocketPath, ""); // as a killed program leaves it: a file nobody answers behind
        await using IpcRpcServer second = Start();
        (Socket socket, StreamReader reader) = await ConnectAsync();
        reader.Dispose();
    }

    [Fact]
    public void A_path_that_is_too_long_is_named()
    {
        EndpointUnavailableException error = Assert.Throws<EndpointUnavailableException>(
            () => IpcRpcServer.Start(new RpcRegistry(), Path.Combine(_folder, new string('x', 120)), new RpcEndpoint { Name = "ipc" }, NullLoggerFactory.Instance));
        Assert.Contains("107 bytes", error.Message);
    }

    [Fact]
    public void The_splitter_finds_the_same_values_however_the_stream_is_cut()
    {
        string[] values = ["{}", "[1,{\"a\":\"]\\\\\"}]", "{\"b\":[\"\\\"{\",[[]]]}", "[]"];
        byte[] stream = Encoding.UTF8.GetBytes(" " + string.Join("\n ", values) + values[0]);
        var random = new Random(5);
        for (int round = 0; round < 500; round++)
        {
            var splitter = new JsonStreamSplitter();
            var found = new List<string>();
            var current = new StringBuilder();
            for (int at = 0; at < stream.Length;)
            {
                int length = random.Next(1, Math.Min(9, stream.Length - at + 1));
                ReadOnlySpan<byte> part = stream.AsSpan(at, length);
                JsonStreamSplitter.Outcome outcome = splitter.Scan(part, out int skipped, out int used);
                current.Append(Encoding.UTF8.GetString(part[skipped..used]));
                at += used;
                Assert.NotEqual(JsonStreamSplitter.Outcome.Malformed, outcome);
                if (outcome != JsonStreamSplitter.Outcome.Complete) continue;
                found.Add(current.ToString());
                current.Clear();
            }

            Assert.Equal([.. values, values[0]], found);
        }
    }
}
