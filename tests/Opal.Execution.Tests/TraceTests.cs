using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

public sealed class TraceTests : IDisposable
{
    private readonly TestRollup _rollup = new(OptimismFork.Isthmus);
    private readonly IRpcClient _rpc;

    public TraceTests() => _rpc = new InProcessRpcClient(_rollup.Client.Registry);

    public void Dispose() => _rollup.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static string Q(object value) => $"\"{value}\"";

    private (Transaction Sent, Receipt Receipt) Include(Transaction sent)
    {
        Assert.True(_rollup.Client.Pool.Add(Bob.Send(_rollup.Head.Number, Alice.Address, tipGwei: 20)).IsAccepted); // something before it in the block
        Assert.True(_rollup.Client.Pool.Add(sent).IsAccepted);
        ExecutedBlock block = _rollup.Build();
        Assert.Equal(sent.Hash, block.Transactions[2].Hash);
        return (sent, block.Receipts[2]);
    }

    [Fact]
    public async Task The_call_tree_shows_inner_calls()
    {
        (Transaction sent, Receipt receipt) = Include(Alice.Send(0, TestCode.Ask, gas: 100_000));
        JsonElement top = await _rpc.ResultAsync("debug_traceTransaction", $"{Q(sent.Hash)},{{\"tracer\":\"callTracer\"}}");
        Assert.Equal("CALL", top.GetProperty("type").GetString());
        Assert.Equal(Alice.Address.ToString(), top.GetProperty("from").GetString());
        Assert.Equal(Hex.Quantity(receipt.GasUsed), top.GetProperty("gasUsed").GetString());
        Assert.Equal("0x186a0", top.GetProperty("gas").GetString());
        JsonElement inner = Assert.Single(top.GetProperty("calls").EnumerateArray());
        Assert.Equal(TestCode.Load.ToString(), inner.GetProperty("to").GetString());
        Assert.Equal(Hash256.FromUInt256(new UInt256(7)).ToString(), inner.GetProperty("output").GetString());
        Assert.False((await _rpc.ResultAsync("debug_traceTransaction", $"{Q(sent.Hash)},{{\"tracer\":\"callTracer\",\"tracerConfig\":{{\"onlyTopCall\":true}}}}")).TryGetProperty("calls", out _));
    }

    [Fact]
    public async Task A_failed_call_tells_why()
    {
        JsonElement top = await _rpc.ResultAsync("debug_traceCall", $"{{\"to\":{Q(TestCode.Revert)}}},\"latest\",{{\"tracer\":\"callTracer\"}}");
        Assert.Equal("execution reverted", top.GetProperty("error").GetString());
        Assert.Equal("no", top.GetProperty("revertReason").GetString());
        Assert.Equal(-32000, (await _rpc.ErrorAsync("debug_traceTransaction", Q(Hash256.EmptyCode))).Code);
        Assert.Equal(-32000, (await _rpc.ErrorAsync("debug_traceCall", $"{{\"to\":{Q(TestCode.Load)}}},\"latest\",{{\"tracer\":\"nothing\"}}")).Code);
    }

    [Fact]
    public async Task Struct_logs_show_every_instruction()
    {
        (Transaction sent, Receipt receipt) = Include(Alice.Send(0, TestCode.Load, gas: 100_000));
        JsonElement trace = await _rpc.ResultAsync("debug_traceTransaction", $"{Q(sent.Hash)},{{\"enableMemory\":true}}");
        Assert.Equal(receipt.GasUsed, trace.GetProperty("gas").GetUInt64());
        Assert.False(trace.GetProperty("failed").GetBoolean());
        JsonElement[] logs = [.. trace.GetProperty("structLogs").EnumerateArray()];
        Assert.Equal(["PUSH1", "SLOAD", "PUSH1", "MSTORE", "PUSH1", "PUSH1", "RETURN"], logs.Select(l => l.GetProperty("op").GetString()));
        Assert.Equal(2100, logs[1].GetProperty("gasCost").GetInt32());
        Assert.Equal(1, logs[1].GetProperty("depth").GetInt32());
        Assert.Equal("0x7", logs[2].GetProperty("stack")[0].GetString());
        Assert.Equal(Hash256.FromUInt256(new UInt256(7)).ToString(), logs[1].GetProperty("storage").GetProperty(Hash256.Zero.ToString()).GetString());
        Assert.Equal(Hash256.FromUInt256(new UInt256(7)).ToString(), Assert.Single(logs[6].GetProperty("memory").EnumerateArray()).GetString());
        JsonElement cut = await _rpc.ResultAsync("debug_traceTransaction", $"{Q(sent.Hash)},{{\"limit\":3}}");
        Assert.Equal(3, cut.GetProperty("structLogs").GetArrayLength());
    }

    [Fact]
    public async Task The_state_before_and_the_difference_are_told()
    {
        (Transaction sent, _) = Include(Alice.Send(0, TestCode.Store, data: Hash256.FromUInt256(new UInt256(5)).ToArray(), gas: 100_000));
        JsonElement before = await _rpc.ResultAsync("debug_traceTransaction", $"{Q(sent.Hash)},{{\"tracer\":\"prestateTracer\"}}");
        Assert.Equal(Hash256.Zero.ToString(), before.GetProperty(TestCode.Store.ToString()).GetProperty("storage").GetProperty(Hash256.Zero.ToString()).GetString());
        Assert.Equal(Hex.Encode(TestCode.StoreCode), before.GetProperty(TestCode.Store.ToString()).GetProperty("code").GetString());

        // Bob's transfer came first in the block: the balance includes it
        Assert.Equal((TestRollup.Ether * 100UL).ToQuantity(), before.GetProperty(Alice.Address.ToString()).GetProperty("balance").GetString());
        JsonElement diff = await _rpc.ResultAsync("debug_traceTransaction", $"{Q(sent.Hash)},{{\"tracer\":\"prestateTracer\",\"tracerConfig\":{{\"diffMode\":true}}}}");
        Assert.Equal(
            Hash256.FromUInt256(new UInt256(5)).ToString(),
            diff.GetProperty("post").GetProperty(TestCode.Store.ToString()).GetProperty("storage").GetProperty(Hash256.Zero.ToString()).GetString());
        Assert.Equal(1, diff.GetProperty("post").GetProperty(Alice.Address.ToString()).GetProperty("nonce").GetInt32());
        Assert.False(diff.GetProperty("pre").GetProperty(TestCode.Store.ToString()).TryGetProperty("storage", out _));
    }

    [Fact]
    public async Task Blocks_are_traced_whole_with_several_tracers()
    {
        (Transaction sent, _) = Include(Alice.Send(0, TestCode.Store, data: new byte[32], gas: 100_000));
        const string options = """{"tracer":"muxTracer","tracerConfig":{"callTracer":{"withLog":true},"4byteTracer":{},"prestateTracer":{"diffMode":true}}}""";
        JsonElement[] all = [.. (await _rpc.ResultAsync("debug_traceBlockByNumber", $"\"latest\",{options}")).EnumerateArray()];
        Assert.Equal(3, all.Length);
        Assert.Equal(sent.Hash.ToString(), all[2].GetProperty("txHash").GetString());
        JsonElement call = all[2].GetProperty("result").GetProperty("callTracer");
        Assert.Equal(TestCode.Store.ToString(), Assert.Single(call.GetProperty("logs").EnumerateArray()).GetProperty("address").GetString());
        Assert.Equal(1, all[2].GetProperty("result").GetProperty("4byteTracer").GetProperty("0x00000000-28").GetInt32());
        Assert.Equal(Predeploys.Depositor.ToString(), all[0].GetProperty("result").GetProperty("callTracer").GetProperty("from").GetString());
        Assert.Equal(3, (await _rpc.ResultAsync("debug_traceBlockByHash", $"{Q(_rollup.Head.Hash)},{{\"tracer\":\"noopTracer\"}}")).GetArrayLength());
        Assert.Equal($"block {Hash256.EmptyCode} not found", (await _rpc.ErrorAsync("debug_traceBlockByHash", Q(Hash256.EmptyCode))).Message);
        Assert.Equal("genesis is not traceable", (await _rpc.ErrorAsync("debug_traceBlockByNumber", "\"0x0\"")).Message);
    }

    [Fact]
    public async Task A_trace_that_would_fill_the_memory_is_refused()
    {
        // JUMPDEST PUSH1 0 JUMP with a stack of 1000 words below it: 50 million gas of it would be gigabytes
        string pushes = string.Concat(Enumerable.Repeat("5f", 1000));
        string code = $"0x{pushes}5b6103e856";
        string overrides = $"{{\"timeout\":\"1m\",\"stateOverrides\":{{{Q(TestCode.Number)}:{{\"code\":{Q(code)}}}}}}}"; // memory ends it, not time, on a slow machine too
        RpcError error = await _rpc.ErrorAsync("debug_traceCall", $"{{\"to\":{Q(TestCode.Number)},\"gas\":\"0x1c9c380\"}},\"latest\",{overrides}");
        Assert.StartsWith("the trace is too large", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_of_calls_as_deep_as_can_be_is_written()
    {
        // calls itself with all the gas it has
        const string code = "0x60006000600060006000305af100";
        string overrides = $"{{\"tracer\":\"callTracer\",\"stateOverrides\":{{{Q(TestCode.Number)}:{{\"code\":{Q(code)}}}}}}}";
        Assert.True(_rollup.Client.Registry.TryGet("debug_traceCall", out RpcHandler? handler));
        using JsonDocument parameters = JsonDocument.Parse($"[{{\"to\":{Q(TestCode.Number)},\"gas\":\"0x2faf080\"}},\"latest\",{overrides}]");
        RpcResult result = await handler(RpcParams.From(parameters.RootElement), RpcContext.InProcess, CancellationToken.None);
        using var text = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { SkipValidation = true, MaxDepth = 4096 })) result.WriteTo(writer);
        using JsonDocument answer = JsonDocument.Parse(text.ToArray(), new JsonDocumentOptions { MaxDepth = 4096 });
        int depth = 1;
        for (JsonElement at = answer.RootElement; at.TryGetProperty("calls", out JsonElement calls); at = calls[0]) depth++;
        Assert.InRange(depth, 100, 1025);
    }
}
