using System.Globalization;
using System.Text;

namespace Opal.JsonRpc.Tests;

/// <summary>One bad request and what must come of it.</summary>
/// <param name="Kind">The class it belongs to.</param>
/// <param name="Head">Request line and headers, with their empty line where it is complete.</param>
/// <param name="Body">What follows.</param>
/// <param name="Status">The HTTP status; 0 where the connection may also just end.</param>
/// <param name="Code">The JSON-RPC error code under status 200; 0 where the request is good after all, null where there is no JSON.</param>
internal sealed record MalformedRequest(string Kind, string Head, string Body, int Status, int? Code = null);

/// <summary>Makes bad requests of every class, the same for the same seed.</summary>
/// <remarks>The expected codes are those the known client gives: -32700, -32600, -32601, -32602 under 200; 400, 403, 405, 408, 413, 415 otherwise.</remarks>
internal sealed class MalformedRequests(int seed, int maxBody, bool large)
{
    private readonly Random _random = new(seed);

    private static readonly string[] NoJson =
    [
        "{", "[", "{]", "[}", "{\"jsonrpc\":\"2.0\",}", "{'jsonrpc':'2.0'}", "{jsonrpc:\"2.0\"}", "NaN", "tru", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":\"\t\"}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "\"half", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "[1,]", "[,1]", "//x", "{}{", "<xml/>", "\0\0\0\0", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test_null\"",
    ];

    private static readonly string[] NoRequest =
    [
        "1", "\"text\"", "true", "null", "{}", "[]", "1e400", "{\"jsonrpc\":\"2.0\",\"id\":1}", "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"test_null\"}", "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"test_null\"}",
        "{\"id\":1,\"method\":\"test_null\"}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":null}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":[\"test_null\"]}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\"}", "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"test_null\"}", "{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"test_null\"}",
    ];

    private static readonly string[] NoArguments =
    [
        "\"text\"", "5", "true", "{\"a\":\"0x1\"}", "[]", "[\"0x1\"]", "[1,2]", "[\"0x1\",null]", "[\"0x1\",\"2\"]", "[\"0x1\",\"0x02\"]", "[\"0x1\",{}]", "[[],[]]", "[\"0x1\",\"0x\"]",
        "[\"0x1\",\"0x10000000000000000\"]", "[\"0x1\",\"0xzz\"]", "[\"0x1\",true]", "[\"-0x1\",\"0x1\"]", "[\"0x1\",\"\\ud800\"]",
    ];

    private static readonly string[] NoHttp =
    [
        "GARBAGE\r\n\r\n", "GET\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\r\n\r\n", "POST / HTTP/1.1\r\nHost localhost\r\n\r\n", "POST / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ];

    /// <summary>The next one.</summary>
    public MalformedRequest Next() => _random.Next(100) switch
    {
        < 18 => Json("no JSON", Pick(NoJson), RpcErrorCode.ParseError),
        < 34 => Json("no request", Pick(NoRequest), RpcErrorCode.InvalidRequest),
        < 50 => Json("wrong arguments", $$"""{"jsonrpc":"2.0","id":{{_random.Next()}},"method":"test_add","params":{{Pick(NoArguments)}}}""", RpcErrorCode.InvalidParams),
        < 58 => Json("unknown method", $$"""{"jsonrpc":"2.0","id":1,"method":"{{Pick(["eth_nothing", "test_", "_", "x", "engine_secret", "TEST_NULL", "test_null "])}}"}""", RpcErrorCode.MethodNotFound),
        < 64 => Json("duplicate keys", Pick(
        [
            """{"jsonrpc":"1.0","id":{},"method":"test_none","jsonrpc":"2.0","id":1,"method":"test_null"}""",
            """{"jsonrpc":"2.0","id":1,"method":"test_add","params":[],"params":["0x1","0x2"]}""",
        ]), 0),
        < 70 => Deep(),
        < 74 => Batch(),
        < 78 => Oversized(),
        < 86 => WrongHttp(),
        < 94 => new MalformedRequest("no HTTP", Pick(NoHttp), "", 400),
        < 97 => new MalformedRequest("slow head", "POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "", 408),
        _ => new MalformedRequest("slow body", HeadOf("application/json", 100), "{\"jsonrpc\":", 408),
    };

    private string Pick(string[] from) => from[_random.Next(from.Length)];

    private static string HeadOf(string type, long length) =>
        $"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {type}\r\nContent-Length: {length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n";

    private static MalformedRequest Json(string kind, string body, int code) => new(kind, HeadOf("application/json", Encoding.UTF8.GetByteCount(body)), body, 200, code);

    private MalformedRequest Deep()
    {
        int depth = Math.Min(100_000, maxBody / 8);
        string open = _random.Next(2) == 0 ? "[" : "{\"a\":", close = open == "[" ? "]" : "}";
        string nested = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
        return Json("deep", _random.Next(2) == 0 ? nested : $$"""{"jsonrpc":"2.0","id":1,"method":"test_echo","params":[{{nested}}]}""", RpcErrorCode.ParseError);
    }

    private MalformedRequest Batch()
    {
        int items = large ? Math.Min(1_000_000, maxBody / 3) : 5_000;
        return Json("huge batch", "[" + string.Join(',', Enumerable.Repeat(Pick(["1", "{}", "[]"]), items)) + "]", RpcErrorCode.InvalidRequest);
    }

    private MalformedRequest Oversized() => _random.Next(2) == 0
        ? new MalformedRequest("huge body", HeadOf("application/json", 100_000_000), "{", 413)
        : new MalformedRequest("huge body in chunks", "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
            string.Concat(Enumerable.Repeat($"10000\r\n{new string(' ', 0x10000)}\r\n", maxBody / 0x10000 + 2)), 413);

    private MalformedRequest WrongHttp() => _random.Next(5) switch
    {
        0 => new MalformedRequest("PUT", "PUT / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "", 405),
        1 => new MalformedRequest("DELETE", "DELETE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "", 405),
        2 => new MalformedRequest("text", HeadOf("text/plain", 2), "{}", 415),
        3 => new MalformedRequest("no type", "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n", "{}", 415),
        _ => new MalformedRequest("foreign host", "POST / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n", "{}", 403),
    };
}
