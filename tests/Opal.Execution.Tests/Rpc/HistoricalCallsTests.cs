using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>A chain whose first block here is 1000, and a client that has the older ones.</summary>
public sealed class HistoricalCallsTests
{
    private const ulong First = 1000;
    private const string Unknown = "\"0x1111111111111111111111111111111111111111111111111111111111111111\"";

    /// <summary>Answers everything with one value and remembers what it was asked.</summary>
    private sealed class OldClient(string answer) : IRpcClient
    {
        public List<string> Asked { get; } = [];

        public RpcError? Error { get; set; }

        public bool IsDown { get; set; }

        public string Endpoint => "http://old.example";

        public Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
        {
            if (IsDown) throw new RpcTransportException(requests[0].Method, Endpoint, "connection refused", isTransient: true);
            return Task.FromResult(requests.Select(request =>
            {
                using var text = new MemoryStream();
                using (var writer = new Utf8JsonWriter(text))
                {
                    writer.WriteStartArray();
                    request.WriteParameters?.Invoke(writer);
                    writer.WriteEndArray();
                }

                Asked.Add($"{request.Method} {Encoding.UTF8.GetString(text.ToArray())}");
                return Error is null ? new RpcReply(JsonElement.Parse(answer), null) : new RpcReply(default, Error);
            }).ToArray());
        }
    }

    private static ExecutionClient Client(IRpcClient? old, ulong first = First)
    {
        ChainSpec spec = ChainSpec.ForOptimism(10, OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Granite), OptimismFeeMarket.Standard);
        var genesis = new Genesis
        {
            Number = first, Timestamp = 1_700_000_000, GasLimit = 30_000_000, Accounts = [new GenesisAccount(TestAccount.Alice.Address, new UInt256(7), 0, [], [])],
        };
        var options = new ExecutionClientOptions { Spec = spec, GenesisHeader = genesis.MakeHeader(spec), GenesisAlloc = genesis.ToDiff(), Historical = old };
        return new ExecutionClient(options, NativeCrypto.Instance, null, TimeProvider.System, NullLoggerFactory.Instance);
    }

    private static string Alice => $"\"{TestAccount.Alice.Address}\"";

    public static TheoryData<string, string> OldRequests() => new()
    {
        { "eth_getBlockByNumber", "\"0x3e7\",true" },
        { "eth_getBlockByNumber", "\"earliest\",false" },
        { "eth_getBlockByHash", $"{Unknown},false" },
        { "eth_getBlockReceipts", "\"0x1\"" },
        { "eth_getBlockTransactionCountByNumber", "\"0x1\"" },
        { "eth_getTransactionByBlockNumberAndIndex", "\"0x1\",\"0x0\"" },
        { "eth_getBalance", $"{Alice},\"0x0\"" },
        { "eth_getBalance", $"{Alice},{{\"blockNumber\":\"0x5\"}}" },
        { "eth_getBalance", $"{Alice},{{\"blockHash\":{Unknown}}}" },
        { "eth_getCode", $"{Alice},\"0x3e7\"" },
        { "eth_getTransactionCount", $"{Alice},\"0x3e7\"" },
        { "eth_getStorageAt", $"{Alice},\"0x0\",\"0x3e7\"" },
        { "eth_getProof", $"{Alice},[],\"0x3e7\"" },
        { "eth_call", $"{{\"to\":{Alice}}},\"0x3e7\"" },
        { "eth_estimateGas", $"{{\"to\":{Alice}}},\"0x3e7\"" },
        { "eth_createAccessList", $"{{\"to\":{Alice}}},\"0x3e7\"" },
        { "eth_getTransactionByHash", Unknown },
        { "eth_getTransactionReceipt", Unknown },
        { "debug_traceTransaction", $"{Unknown},{{\"tracer\":\"callTracer\"}}" },
        { "debug_traceBlockByNumber", "\"0x3e7\",null" },
        { "debug_traceBlockByHash", Unknown },
        { "trace_block", "\"0x3e7\"" },
        { "trace_transaction", Unknown },
        { "eth_getLogs", "{\"fromBlock\":\"0x1\",\"toBlock\":\"0x3e7\"}" },
        { "eth_getLogs", $"{{\"blockHash\":{Unknown}}}" },
    };

    [Theory]
    [MemberData(nameof(OldRequests))]
    public async Task A_request_about_an_older_block_goes_there_as_it_is(string method, string parameters)
    {
        var old = new OldClient("\"older\"");
        await using ExecutionClient client = Client(old);
        var rpc = new InProcessRpcClient(client.Registry);
        Assert.Equal("\"older\"", await rpc.TextAsync(method, parameters));
        Assert.Equal([$"{method} {JsonElement.Parse($"[{parameters}]").GetRawText()}"], old.Asked);

        old.Error = new RpcError(-32000, "missing trie node");
        Assert.Equal(old.Error, await rpc.ErrorAsync(method, parameters));
        old.IsDown = true;
        Assert.Contains("the historical RPC could not be reached", (await rpc.ErrorAsync(method, parameters)).Message);
    }

    [Theory]
    [InlineData("eth_getBlockByNumber", "\"0x3e8\",true")]
    [InlineData("eth_getBlockByNumber", "\"latest\",true")]
    [InlineData("eth_getBlockByNumber", "\"0x3e9\",true")]
    [InlineData("eth_getBalance", "\"0x0000000000000000000000000000000000000001\",\"0x3e8\"")]
    [InlineData("eth_getBalance", "\"0x0000000000000000000000000000000000000001\"")]
    [InlineData("eth_getLogs", "{\"fromBlock\":\"0x3e8\",\"toBlock\":\"latest\"}")]
    [InlineData("eth_getLogs", "{}")]
    [InlineData("eth_blockNumber", "")]
    public async Task What_is_here_is_answered_here(string method, string parameters)
    {
        var old = new OldClient("\"older\"");
        await using ExecutionClient client = Client(old);
        await new InProcessRpcClient(client.Registry).TextAsync(method, parameters);
        Assert.Empty(old.Asked);
    }

    [Fact]
    public async Task A_range_of_logs_over_the_migration_is_asked_in_two_parts()
    {
        var old = new OldClient("[{\"logIndex\":\"0x0\"}]");
        await using ExecutionClient client = Client(old);
        var rpc = new InProcessRpcClient(client.Registry);
        Assert.Equal("[{\"logIndex\":\"0x0\"}]", await rpc.TextAsync("eth_getLogs", $"{{\"fromBlock\":\"0x1\",\"toBlock\":\"latest\",\"address\":{Alice}}}"));
        Assert.Equal([$"eth_getLogs [{{\"fromBlock\":\"0x1\",\"toBlock\":\"0x3e7\",\"address\":{Alice}}}]"], old.Asked);
        old.Error = new RpcError(-32005, "too many results");
        Assert.Equal(old.Error, await rpc.ErrorAsync("eth_getLogs", "{\"fromBlock\":\"0x1\"}"));
    }

    [Fact]
    public async Task Without_a_historical_client_the_error_says_what_is_missing()
    {
        await using ExecutionClient client = Client(null);
        var rpc = new InProcessRpcClient(client.Registry);
        foreach ((string method, string parameters) in new[]
        {
            ("eth_getBalance", $"{Alice},\"0x3e7\""), ("eth_call", $"{{\"to\":{Alice}}},\"0x1\""), ("debug_traceBlockByNumber", "\"0x1\""), ("eth_getBlockByNumber", "\"0x1\",false"),
            ("eth_getLogs", "{\"fromBlock\":\"0x1\",\"toBlock\":\"latest\"}"),
        })
        {
            RpcError error = await rpc.ErrorAsync(method, parameters);
            Assert.Equal(-32801, error.Code);
            Assert.StartsWith("no historical RPC is available for this historical (pre-bedrock) execution request", error.Message);
            Assert.Contains("--rollup.historicalrpc", error.Message);
        }

        Assert.Equal("null", await rpc.TextAsync("eth_getTransactionByHash", Unknown));
        Assert.Equal("\"0x3e8\"", (await rpc.ResultAsync("eth_getBlockByNumber", "\"earliest\",false")).GetProperty("number").GetRawText());
    }

    [Fact]
    public async Task A_chain_that_begins_with_block_0_asks_nobody()
    {
        var old = new OldClient("\"older\"");
        await using ExecutionClient client = Client(old, first: 0);
        var rpc = new InProcessRpcClient(client.Registry);
        Assert.Equal("null", await rpc.TextAsync("eth_getTransactionByHash", Unknown));
        await rpc.TextAsync("eth_getBlockByNumber", "\"earliest\",false");
        Assert.Empty(old.Asked);
    }
}
