using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace Opal.JsonRpc.Tests;

/// <summary>Whatever comes in, what goes out is JSON-RPC, or nothing.</summary>
public class DispatcherFuzzTests
{
    private static readonly string[] Seeds =
    [
        """{"jsonrpc":"2.0","id":1,"method":"test_add","params":["0x1","0x2"]}""",
        """[{"jsonrpc":"2.0","id":"x","method":"test_echo","params":["a"]},{"jsonrpc":"2.0","method":"test_null"},7]""",
        """{"jsonrpc":"2.0","id":null,"method":"test_crash","params":[]}""",
        """{"jsonrpc":"2.0","id":1.5e3,"method":"test_halfWritten"}""",
        """{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads",{}]}""",
        """{"jsonrpc":"2.0","id":"\ud800","method":"test_echo","params":["\ud800"]}""",
        """{"jsonrpc":"2.0","id":3,"method":"\udc00\u0074","\ud800":["\ud83d\ude00"]}""",
        """{"jsonrpc":"2.0","id":3,"method":"test_echo","params":["\udc00"]}""",
    ];

    [Fact]
    public async Task Damaged_requests_never_break_the_answer()
    {
        var dispatcher = new RpcDispatcher(ServerFixture.Methods(), NullLogger.Instance);
        var random = new Random(20_26);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] request = Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]);
            for (int change = random.Next(4); change > 0; change--)
            {
                int at = random.Next(request.Length);
                request = random.Next(4) switch
                {
                    0 => [.. request[..at], .. request[(at + 1)..]],
                    1 => [.. request[..at], (byte)random.Next(256), .. request[at..]],
                    2 => request[..Math.Max(1, at)],
                    _ => [.. request[..at], request[random.Next(request.Length)], .. request[Math.Min(at + 1, request.Length)..]],
                };
                if (request.Length == 0) request = [(byte)'{'];
            }

            using var answer = new RpcBuffer();
            await dispatcher.AnswerAsync(request, RpcContext.InProcess, answer, CancellationToken.None);
            if (answer.Length == 0) continue;
            JsonElement read = JsonElement.Parse(answer.Written.Span);
            if (read.ValueKind == JsonValueKind.Array) Assert.All(read.EnumerateArray(), Check);
            else Check(read);
        }
    }

    private static void Check(JsonElement answer)
    {
        Assert.Equal("2.0", answer.GetProperty("jsonrpc").GetString());
        Assert.True(answer.TryGetProperty("id", out _));
        Assert.True(answer.TryGetProperty("result", out _) ^ answer.TryGetProperty("error", out _));
    }

    [Fact]
    public void Damaged_tokens_are_refused_and_never_thrown_at()
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        string good = JwtToken.Create(ServerFixture.Secret, now);
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            char[] token = good.ToCharArray();
            int at = random.Next(token.Length);
            char other = (char)random.Next(33, 127);
            if (token[at] == other) continue;
            token[at] = other;

            // The last digit of a base64url text has bits that mean nothing.
            bool meansTheSame = at == token.Length - 1;
            Assert.True(!JwtToken.TryVerify(new string(token), ServerFixture.Secret, now, out _) || meansTheSame);
        }
    }
}
