using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Opal.JsonRpc.Tests;

public class ClientTests
{
    private static readonly RpcRetryPolicy Quick = new(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));

    private static async Task<(HttpHost Host, HttpRpcClient Client)> AnsweringAsync(RequestDelegate handler, HttpRpcClientOptions? options = null)
    {
        HttpHost host = await HttpHost.StartAsync([new HttpBinding("test", "127.0.0.1", 0, handler)], NullLoggerFactory.Instance);
        return (host, new HttpRpcClient(new Uri($"http://127.0.0.1:{host.PortOf(0)}/v2/apikey"), options ?? new HttpRpcClientOptions { Retry = Quick }));
    }

    [Fact]
    public async Task Batches_are_split_and_keep_their_order()
    {
        await using ServerFixture server = await ServerFixture.StartAsync();
        using var client = new HttpRpcClient(server.Url, new HttpRpcClientOptions { MaxBatchItems = 7 });
        RpcRequest[] requests = [.. Enumerable.Range(0, 30).Select(i => new RpcRequest("test_add", w => { w.WriteQuantityValue((ulong)i); w.WriteQuantityValue(1UL); }))];
        ulong[] sums = await client.CallAllAsync(requests, (_, value) => value.AsQuantity());
        Assert.Equal(Enumerable.Range(1, 30).Select(i => (ulong)i), sums);
    }

    [Fact]
    public async Task Errors_name_method_and_server_but_not_its_key()
    {
        (HttpHost host, HttpRpcClient client) = await AnsweringAsync(context => context.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"reverted","data":"0xab"}}"""));
        await using (host)
        using (client)
        {
            RpcCallException error = await Assert.ThrowsAsync<RpcCallException>(() => client.CallAsync("eth_call", null, v => v.AsData()));
            Assert.Equal($"eth_call at http://127.0.0.1:{host.PortOf(0)}/…: reverted (code 3, data 0xab)", error.Message);
            Assert.Equal("0xab", error.Error.Data);
        }
    }

    [Theory]
    [InlineData(404, "Cannot POST /v2/apikey", "eth_call at http://127.0.0.1:PORT/…: HTTP status 404 (Cannot POST …)")]
    [InlineData(403, "/v2/apikey/ is not known, nor is the-header-s-value", "(…/ is not known, nor is …)")]
    [InlineData(200, """{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"/V2/APIKEY has no credits"}}""", "…: … has no credits (code -32001)")]
    public async Task A_server_s_words_are_told_without_the_key_that_it_repeats(int status, string answer, string told)
    {
        (HttpHost host, HttpRpcClient client) = await AnsweringAsync(
            context =>
            {
                context.Response.StatusCode = status;
                return context.Response.WriteAsync(answer);
            },
            new HttpRpcClientOptions { Retry = Quick, Headers = new Dictionary<string, string> { ["X-Key"] = "Bearer the-header-s-value" } });
        await using (host)
        using (client)
        {
            Exception error = await Assert.ThrowsAnyAsync<Exception>(() => client.CallAsync("eth_call", null, v => v.AsData()));
            Assert.Contains(told.Replace("PORT", $"{host.PortOf(0)}", StringComparison.Ordinal), error.Message);
        }
    }

    [Fact]
    public void A_URL_that_is_of_no_use_is_not_repeated()
    {
        var url = new Uri("ftp://user:password@host/apikey");
        foreach (ArgumentException error in new[] { Assert.Throws<ArgumentException>(() => new HttpRpcClient(url)), Assert.Throws<ArgumentException>(() => new WebSocketRpcClient(url)) })
        {
            Assert.DoesNotContain("password", error.ToString());
            Assert.DoesNotContain("apikey", error.ToString());
        }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":1,"result":"0x01"}""")]
    [InlineData("""{"id":1,"result":7}""")]
    public async Task A_malformed_answer_is_no_transient_fault(string answer)
    {
        (HttpHost host, HttpRpcClient client) = await AnsweringAsync(context => context.Response.WriteAsync(answer));
        await using (host)
        using (client)
        {
            RpcTransportException error = await Assert.ThrowsAsync<RpcTransportException>(() => client.CallAsync("eth_blockNumber", null, v => v.AsQuantity()));
            Assert.False(error.IsTransient);
            Assert.StartsWith("eth_blockNumber at http://127.0.0.1:", error.Message);
        }
    }

    [Fact]
    public async Task Transient_faults_are_tried_again_and_others_not()
    {
        int calls = 0;
        (HttpHost host, HttpRpcClient client) = await AnsweringAsync(context =>
        {
            if (++calls < 3)
            {
                context.Response.StatusCode = calls == 1 ? (int)HttpStatusCode.TooManyRequests : (int)HttpStatusCode.BadGateway;
                return Task.CompletedTask;
            }

            return context.Response.WriteAsync("""{"jsonrpc":"2.0","id":1,"result":"0x5"}""");
        });
        await using (host)
        using (client)
        {
            Assert.Equal(5UL, await client.CallAsync("eth_blockNumber", null, v => v.AsQuantity()));
            Assert.Equal(3, calls);
        }

        calls = 0;
        (host, client) = await AnsweringAsync(context =>
        {
            calls++;
            context.Response.StatusCode = 400;
            return Task.CompletedTask;
        });
        await using (host)
        using (client)
        {
            await Assert.ThrowsAsync<RpcTransportException>(() => client.CallAsync("eth_blockNumber", null, v => v.AsQuantity()));
            Assert.Equal(1, calls);
        }
    }

    [Theory]
    [InlineData(400, """{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Unsupported method"}}""", true)]
    [InlineData(405, """{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Unsupported method"}}""", true)]
    [InlineData(400, """{"message":"no such route"}""", false)]
    [InlineData(404, "not here", false)]
    [InlineData(503, """{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"starting"}}""", false)]
    public async Task A_refusal_is_read_under_the_status_of_a_bad_request(int status, string body, bool isRefusal)
    {
        (HttpHost host, HttpRpcClient client) = await AnsweringAsync(
            async context =>
            {
                context.Response.StatusCode = status;
                await context.Response.WriteAsync(body);
            },
            new HttpRpcClientOptions { Retry = RpcRetryPolicy.None });
        await using (host)
        using (client)
        {
            Task<ulong> call = client.CallAsync("eth_getBlockReceipts", null, v => v.AsQuantity());
            if (isRefusal) Assert.Equal(RpcErrorCode.MethodNotFound, (await Assert.ThrowsAsync<RpcCallException>(() => call)).Code);
            else await Assert.ThrowsAsync<RpcTransportException>(() => call);
        }
    }

    [Fact]
    public async Task A_silent_server_times_out()
    {
        (HttpHost host, HttpRpcClient client) = await AnsweringAsync(context => Task.Delay(5000, context.RequestAborted),
            new HttpRpcClientOptions { Timeout = TimeSpan.FromMilliseconds(50), Retry = RpcRetryPolicy.None });
        await using (host)
        using (client)
        {
            RpcTransportException error = await Assert.ThrowsAsync<RpcTransportException>(() => client.CallAsync("eth_blockNumber", null, v => v.AsQuantity()));
            Assert.True(error.IsTransient);
            Assert.Contains("no answer within", error.Message);
        }
    }

    [Fact]
    public async Task A_closed_port_is_reported_as_such()
    {
        using var client = new HttpRpcClient(new Uri("http://127.0.0.1:1"), new HttpRpcClientOptions { Retry = RpcRetryPolicy.None });
        RpcTransportException error = await Assert.ThrowsAsync<RpcTransportException>(() => client.CallAsync("eth_blockNumber", null, v => v.AsQuantity()));
        Assert.True(error.IsTransient);
        Assert.Contains("nothing listens there", error.Message);
    }

    [Fact]
    public async Task Calls_inside_the_process_see_all_namespaces()
    {
        var client = new InProcessRpcClient(ServerFixture.Methods());
        Assert.True(await client.CallAsync("engine_secret", null, v => v.AsBool()));
        Assert.Null(await client.FindAsync("test_null", null, v => v.AsString()));
        RpcCallException error = await Assert.ThrowsAsync<RpcCallException>(() => client.CallAsync("test_crash", null, v => v.AsString()));
        Assert.Equal(RpcErrorCode.InternalError, error.Code);
    }
}
