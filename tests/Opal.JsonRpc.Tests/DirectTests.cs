using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace Opal.JsonRpc.Tests;

/// <summary>Plain requests are answered below the HTTP server, and nobody can tell.</summary>
/// <remarks>OPAL_SOAK_DIRECT sets how many connections are compared; the default is quick.</remarks>
public sealed class DirectTests(ITestOutputHelper output)
{
    private const string Add = """{"jsonrpc":"2.0","id":1,"method":"test_add","params":["0x2","0x3"]}""";

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_DIRECT"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 200;

    private static readonly string[] Bodies =
    [
        Add, "", " ", "{", "[]", "17", """{"jsonrpc":"2.0","method":"test_null"}""", """{"jsonrpc":"2.0","id":"ä\u0020","method":"test_echo","params":["é\n"]}""",
        """[{"jsonrpc":"2.0","id":7,"method":"test_echo","params":["a"]},{"jsonrpc":"2.0","method":"test_null"},17,{"jsonrpc":"2.0","id":null,"method":"test_none"}]""",
        """{"jsonrpc":"2.0","id":1,"method":"test_large","params":["0x1000"]}""", """{"jsonrpc":"2.0","id":1,"method":"test_large","params":["0x180000"]}""",
        """{"jsonrpc":"2.0","id":1,"method":"test_crash"}""", """{"jsonrpc":"2.0","id":1,"method":"test_halfWritten"}""", $$"""{"jsonrpc":"2.0","id":1,"method":"test_echo","params":["{{new string('y', 9000)}}"]}""",
    ];

    private static readonly Func<string, string>[] Heads =
    [
        static body => Head(body, ""),
        static body => Head(body, ""),
        static body => Head(body, "User-Agent: t/1\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n"),
        static body => Head(body, "X-Empty:\r\nX-Text:   spaces about  \r\n"),
        static body => Head(body, "X-Tab: a\tb\r\n"),
        static body => Head(body, "Origin: http://wallet.example\r\n"),
        static body => Head(body, "Origin: http://evil.example\r\n"),
        static body => Head(body, "Upgrade: h2c\r\n"),
        static body => Head(body, "Authorization: Bearer x\r\n"),
        static body => Head(body, "").Replace("Content-Type: application/json", "content-TYPE: Application/JSON; charset=utf-8", StringComparison.Ordinal),
        static body => Head(body, "").Replace("Content-Type: application/json", "Content-Type: text/plain", StringComparison.Ordinal),
        static body => Head(body, "").Replace("application/json", "application/jsonrequest", StringComparison.Ordinal),
        static body => Head(body, "").Replace("Host: localhost", "Host: LocalHost:8545", StringComparison.Ordinal),
        static body => Head(body, "").Replace("Host: localhost", "Host: 127.0.0.1:8545", StringComparison.Ordinal),
        static body => Head(body, "").Replace("Host: localhost", "Host: evil.example", StringComparison.Ordinal),
        static body => Head(body, "").Replace("Host: localhost", "Host: [::1]:8545", StringComparison.Ordinal),
        static body => Head(body, "").Replace("Host: localhost", "Host: localhost:x", StringComparison.Ordinal),
        static body => Head(body, "").Replace("POST /", "POST /any/path?query=1", StringComparison.Ordinal),
        static body => Head(body, "").Replace("POST", "PUT", StringComparison.Ordinal),
        static body => Head(body, "").Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal),
        static body => Head(body, "Host: localhost\r\n"),
        static body => Head(body, "Content-Type: application/json\r\n"),
        static body => Head(body, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"),
        static body => Head(body, "Bad Name: x\r\n"),
        static body => Head(body, "No colon\r\n"),
        static body => Head(body, "X-Control: a\u0001b\r\n"),
        static body => Head(body, "Connection: close\r\n"),
        static body => $"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{Encoding.UTF8.GetByteCount(body):x}\r\n{body}\r\n" + (body.Length > 0 ? "0\r\n\r\n" : "\r\n"),
        static _ => "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        static _ => "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://wallet.example\r\nAccess-Control-Request-Method: POST\r\n\r\n",
    ];

    private static string Head(string body, string more) =>
        $"POST / HTTP/1.1\r\nHost: localhost\r\n{more}Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    [Fact]
    public async Task Every_request_gets_the_answer_the_HTTP_server_gives()
    {
        static RpcEndpoint Change(RpcEndpoint e) => e with { CorsOrigins = ["http://wallet.example"], Namespaces = ["test"] };
        await using ServerFixture direct = await ServerFixture.StartAsync(Change), plain = await ServerFixture.StartAsync(Change, new RpcServerOptions { Direct = false });
        int answers = 0;
        await Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var random = new Random(i);
            var text = new StringBuilder();
            for (int requests = random.Next(1, 5); requests > 0; requests--) text.Append(Heads[random.Next(random.Next(2) == 0 ? 4 : Heads.Length)](Bodies[random.Next(Bodies.Length)]));
            text.Append(Head(Add, "Connection: close\r\n"));
            byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
            string expected = await ExchangeAsync(plain.Port, bytes, new Random(i)), got = await ExchangeAsync(direct.Port, bytes, new Random(i));
            Interlocked.Add(ref answers, expected.Split("HTTP/1.1 ").Length - 1);
            Assert.True(expected == got, $"connection {i} sent\n{Brief(text.ToString())}\nthe server answers\n{Brief(expected)}\nand directly\n{Brief(got)}");
        });
        output.WriteLine($"[count] {Count} connections, {answers} answers compared");
        Assert.True(answers > Count);
    }

    private static string Brief(string text) => Regex.Replace(text, "(.)\\1{20,}", "$1…");

    /// <summary>Sends in pieces, reads to the end; the headers of each answer sorted, without dates.</summary>
    private static async Task<string> ExchangeAsync(int port, byte[] bytes, Random random)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", port);
        NetworkStream stream = client.GetStream();
        using var received = new MemoryStream();
        Task reading = stream.CopyToAsync(received);
        try
        {
            for (int at = 0; at < bytes.Length;)
            {
                int count = random.Next(2) == 0 ? bytes.Length - at : Math.Min(bytes.Length - at, random.Next(1, 400));
                await stream.WriteAsync(bytes.AsMemory(at, count));
                at += count;
                if (random.Next(4) == 0) await Task.Delay(1);
            }

            await reading.WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (IOException)
        {
            // the server has closed: a request before was refused for good
        }

        return Normalized(Encoding.UTF8.GetString(received.ToArray()));
    }

    private static string Normalized(string answers)
    {
        var text = new StringBuilder();
        foreach (string answer in answers.Split("HTTP/1.1 ").Skip(1))
        {
            int end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            string[] lines = answer[..end].Split("\r\n");
            text.AppendLine(lines[0]);
            foreach (string line in lines.Skip(1).Where(l => !l.StartsWith("Date:", StringComparison.Ordinal)).Order(StringComparer.Ordinal)) text.AppendLine(line);
            text.AppendLine(answer[end..]);
        }

        return text.ToString();
    }

    [Fact]
    public async Task A_caller_that_pauses_within_a_request_is_answered()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        byte[] bytes = Encoding.UTF8.GetBytes(Head(Add, "") + Head(Add, "Connection: close\r\n"));
        await Task.WhenAll(new[] { 10, 120, bytes.Length / 2 - 5, bytes.Length / 2 + 5 }.Select(async at =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", server.Port);
            await client.GetStream().WriteAsync(bytes.AsMemory(0, at));
            await Task.Delay(DirectHttp.PartialTimeout + TimeSpan.FromSeconds(1.5));
            await client.GetStream().WriteAsync(bytes.AsMemory(at));
            using var received = new StreamReader(client.GetStream());
            string answer = await received.ReadToEndAsync();
            Assert.Equal(3, answer.Split("\"result\":\"0x5\"").Length);
        }));
    }

    [Fact]
    public async Task Answers_carry_a_length_and_a_date()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(Head(Add, "")));
        var buffer = new byte[4096];
        int read = await client.GetStream().ReadAsync(buffer);
        string[] lines = Encoding.UTF8.GetString(buffer, 0, read).Split("\r\n");
        string date = Assert.Single(lines, l => l.StartsWith("Date: ", StringComparison.Ordinal))["Date: ".Length..];
        Assert.InRange((DateTimeOffset.UtcNow - DateTimeOffset.ParseExact(date, "R", CultureInfo.InvariantCulture)).TotalSeconds, -1, 10);
        Assert.Contains($"Content-Length: {lines[^1].Length}", lines);
    }

    [Fact]
    public async Task Idle_connections_do_not_delay_the_end()
    {
        ServerFixture server = await ServerFixture.StartAsync();
        using var idle = new TcpClient();
        await idle.ConnectAsync("127.0.0.1", server.Port);
        await idle.GetStream().WriteAsync(Encoding.UTF8.GetBytes(Head(Add, "")));
        Assert.True(await idle.GetStream().ReadAsync(new byte[4096]) > 0);
        long begun = Stopwatch.GetTimestamp();
        await server.DisposeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, 2);
        Assert.Equal(0, await idle.GetStream().ReadAsync(new byte[16]));
    }

    [Fact]
    public async Task A_caller_that_goes_away_cancels_what_it_asked_for()
    {
        var begun = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        RpcRegistry registry = new RpcRegistry().Register("test_wait", async (_, _, cancellation) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                cancelled.SetResult();
            }

            return RpcResult.Null;
        });
        await using RpcServer server = await RpcServer.StartAsync(registry, [new RpcEndpoint { Name = "http" }], NullLoggerFactory.Instance);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync("127.0.0.1", server.PortOf("http"));
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(Head("""{"jsonrpc":"2.0","id":1,"method":"test_wait"}""", "")));
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(10));
        }

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"test_add","params":["0x2","0x3"]}""", 300)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"test_null","params":[]}""", 100)]
    public async Task A_small_call_allocates_little(string call, int limit)
    {
        var dispatcher = new RpcDispatcher(ServerFixture.Methods(), NullLogger.Instance);
        byte[] request = Encoding.UTF8.GetBytes(call);
        var context = new RpcContext { Endpoint = "http", Transport = RpcTransport.Http, Rules = new RpcEndpoint { Name = "http" } };
        using var answer = new RpcBuffer();
        long least = long.MaxValue;
        for (int i = 0; i < 100; i++)
        {
            answer.Truncate(0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ValueTask answering = dispatcher.AnswerAsync(request, context, answer, CancellationToken.None);
            Assert.True(answering.IsCompleted);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            await answering;
        }

        Assert.True(JsonElement.Parse(answer.Written.Span).TryGetProperty("result", out _));
        output.WriteLine($"[count] bytes allocated for a call {least}");
        Assert.InRange(least, 0, limit);
    }
}
