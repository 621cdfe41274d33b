using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace Opal.JsonRpc.Tests;

/// <summary>Bad requests of every class, many at a time: each gets its code, and good traffic beside them is answered.</summary>
/// <remarks>OPAL_SOAK_MALFORMED sets how many; the defaults are quick.</remarks>
public sealed class MalformedTrafficTests(ITestOutputHelper output)
{
    private const int Callers = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_MALFORMED"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 400;

    [Fact]
    public async Task Every_bad_request_gets_its_code_while_good_ones_are_answered()
    {
        bool isLong = Count > 400;
        int maxBody = isLong ? 5 * 1024 * 1024 : 512 * 1024;
        await using ServerFixture server = await ServerFixture.StartAsync(
            e => e with { MaxRequestBytes = maxBody, BodyTimeout = TimeSpan.FromMilliseconds(500), Namespaces = ["test", "engine"] },
            new RpcServerOptions { HeadTimeout = TimeSpan.FromSeconds(1) });
        List<double> quiet = await GoodTrafficAsync(server, TimeSpan.FromSeconds(isLong ? 5 : 1), CancellationToken.None);

        using var done = new CancellationTokenSource();
        Task<List<double>> good = GoodTrafficAsync(server, TimeSpan.FromHours(1), done.Token);
        var failures = new List<string>();
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var requests = new MalformedRequests(20_261 + caller, maxBody, isLong);
            for (int i = caller; i < Count; i += Callers)
            {
                MalformedRequest request = requests.Next();
                string? fault = await TryAsync(server.Port, request);
                lock (kinds)
                {
                    kinds[request.Kind] = kinds.GetValueOrDefault(request.Kind) + 1;
                    if (fault is not null) failures.Add($"{request.Kind}: {fault}; sent {Brief(request.Head)}{Brief(request.Body)}");
                }
            }
        })));
        await done.CancelAsync();
        List<double> beside = await good;

        output.WriteLine($"{Count} bad requests: {string.Join(", ", kinds.Select(kind => $"{kind.Key} {kind.Value}"))}");
        output.WriteLine($"good calls: p50 {Percentile(quiet, 50):F2} ms, p99 {Percentile(quiet, 99):F2} ms alone; p50 {Percentile(beside, 50):F2} ms, p99 {Percentile(beside, 99):F2} ms beside ({beside.Count} calls)");
        Assert.Empty(failures);
        Assert.NotEmpty(beside);
    }

    /// <summary>Sends one and reads the answer to its end.</summary>
    private static async Task<string?> TryAsync(int port, MalformedRequest request)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var client = new TcpClient();
        byte[] received;
        try
        {
            await client.ConnectAsync("127.0.0.1", port, limit.Token);
            NetworkStream stream = client.GetStream();
            Task sending = SendAsync(stream, request, limit.Token);
            received = await ReceiveAsync(stream, limit.Token);
            await sending;
        }
        catch (OperationCanceledException)
        {
            return "no answer";
        }

        string answer = Encoding.UTF8.GetString(received);
        int space = answer.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !int.TryParse(answer.AsSpan(space + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status)) return $"no HTTP answer but '{Brief(answer)}'";
        bool isRight = status == request.Status || request.Kind == "no HTTP" && status is 400 or 505;
        if (!isRight) return $"status {status} in place of {request.Status}";
        if (request.Code is not { } code) return null;
        string body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        JsonElement json = JsonElement.Parse(body);
        if (request.Kind == "huge batch") json = json[0];
        int got = json.TryGetProperty("error", out JsonElement error) ? error.GetProperty("code").GetInt32() : 0;
        return got == code ? null : $"code {got} in place of {code}: {Brief(body)}";
    }

    private static async Task SendAsync(NetworkStream stream, MalformedRequest request, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request.Head), cancellation);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(request.Body), cancellation);
        }
        catch (IOException)
        {
            // the server has heard enough and closed its side: its answer counts
        }
    }

    private static async Task<byte[]> ReceiveAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var received = new MemoryStream();
        var chunk = new byte[8192];
        try
        {
            while (true)
            {
                int read = await stream.ReadAsync(chunk, cancellation);
                if (read == 0) break;
                received.Write(chunk, 0, read);
                if (IsComplete(received)) break;
            }
        }
        catch (IOException)
        {
            // closed with unread input, after the answer
        }

        return received.ToArray();
    }

    private static bool IsComplete(MemoryStream received)
    {
        string text = Encoding.UTF8.GetString(received.GetBuffer(), 0, (int)received.Length);
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        const string Length = "Content-Length: ";
        int at = text.IndexOf(Length, StringComparison.OrdinalIgnoreCase);
        if (end < 0 || at < 0 || at > end) return false;
        int length = int.Parse(text.AsSpan(at + Length.Length, text.IndexOf('\r', at) - at - Length.Length), CultureInfo.InvariantCulture);
        return received.Length >= end + 4 + length;
    }

    /// <summary>Calls one after another; every one must be answered rightly.</summary>
    private static async Task<List<double>> GoodTrafficAsync(ServerFixture server, TimeSpan time, CancellationToken done)
    {
        var latencies = new List<double>();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time && !done.IsCancellationRequested)
        {
            long begun = Stopwatch.GetTimestamp();
            JsonElement answer = await server.AskAsync("""{"jsonrpc":"2.0","id":1,"method":"test_add","params":["0x2","0x3"]}""");
            latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            Assert.Equal("0x5", answer.GetProperty("result").GetString());
            await Task.Delay(2, CancellationToken.None);
        }

        return latencies;
    }

    private static double Percentile(List<double> values, int percent)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
    }

    private static string Brief(string text) => (text.Length > 160 ? text[..160] + "…" : text).ReplaceLineEndings("|");
}
