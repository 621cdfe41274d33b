using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests.TracingTests;

public sealed class TraceNamespaceTests : IDisposable
{
    private readonly TestRollup _rollup = new(OptimismFork.Isthmus);
    private readonly IRpcClient _rpc;

    public TraceNamespaceTests() => _rpc = new InProcessRpcClient(_rollup.Client.Registry);

    public void Dispose() => _rollup.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static string Q(object value) => $"\"{value}\"";

    private Transaction Include(Transaction sent)
    {
        Assert.True(_rollup.Client.Pool.Add(sent).IsAccepted);
        Assert.Equal(sent.Hash, _rollup.Build().Transactions[1].Hash);
        return sent;
    }

    [Fact]
    public async Task A_transaction_is_told_call_by_call()
    {
        Transaction sent = Include(Alice.Send(0, TestCode.Ask, gas: 100_000));
        JsonElement traces = await _rpc.ResultAsync("trace_transaction", Q(sent.Hash));
        Assert.Equal(2, traces.GetArrayLength());
        JsonElement top = traces[0], inner = traces[1];
        Assert.Equal("call", top.GetProperty("type").GetString());
        Assert.Equal(1, top.GetProperty("subtraces").GetInt32());
        Assert.Equal(100_000 - 21_000, Convert.ToInt32(top.GetProperty("action").GetProperty("gas").GetString(), 16));
        Assert.Equal(Alice.Address.ToString(), top.GetProperty("action").GetProperty("from").GetString());
        Assert.Equal(0, Assert.Single(inner.GetProperty("traceAddress").EnumerateArray()).GetInt32());
        Assert.Equal(TestCode.Load.ToString(), inner.GetProperty("action").GetProperty("to").GetString());
        Assert.Equal(1, inner.GetProperty("transactionPosition").GetInt32());
        Assert.Equal(1ul, inner.GetProperty("blockNumber").GetUInt64());

        Assert.Equal(inner.GetRawText(), await _rpc.TextAsync("trace_get", $"{Q(sent.Hash)},[\"0x0\"]"));
        Assert.Equal("null", await _rpc.TextAsync("trace_get", $"{Q(sent.Hash)},[\"0x5\"]"));
        Assert.Equal("null", await _rpc.TextAsync("trace_transaction", Q(Hash256.EmptyCode)));
        Assert.Equal(3, (await _rpc.ResultAsync("trace_block", "\"latest\"")).GetArrayLength());
        Assert.Equal("[]", await _rpc.TextAsync("trace_block", "\"0x0\""));
        Assert.Equal("null", await _rpc.TextAsync("trace_block", "\"0xff\""));

        JsonElement flat = await _rpc.ResultAsync("debug_traceTransaction", $"{Q(sent.Hash)},{{\"tracer\":\"flatCallTracer\"}}");
        Assert.Equal(2, flat.GetArrayLength());
        Assert.Equal("0x186a0", flat[0].GetProperty("action").GetProperty("gas").GetString());
    }

    [Fact]
    public async Task A_replay_shows_changes_field_by_field()
    {
        Transaction sent = Include(Alice.Send(0, TestCode.Store, data: Hash256.FromUInt256(new UInt256(9)).ToArray(), gas: 100_000));
        JsonElement replay = await _rpc.ResultAsync("trace_replayTransaction", $"{Q(sent.Hash)},[\"stateDiff\",\"vmTrace\",\"trace\"]");
        JsonElement alice = replay.GetProperty("stateDiff").GetProperty(Alice.Address.ToString());
        Assert.Equal("0x0", alice.GetProperty("nonce").GetProperty("*").GetProperty("from").GetString());
        Assert.Equal("0x1", alice.GetProperty("nonce").GetProperty("*").GetProperty("to").GetString());
        Assert.Equal("=", alice.GetProperty("code").GetString());
        JsonElement store = replay.GetProperty("stateDiff").GetProperty(TestCode.Store.ToString());
        Assert.Equal("=", store.GetProperty("balance").GetString());
        JsonElement slot = store.GetProperty("storage").GetProperty("0x" + new string('0', 64)).GetProperty("*");
        Assert.Equal(Hash256.FromUInt256(new UInt256(9)).ToString(), slot.GetProperty("to").GetString());
        Assert.True(replay.GetProperty("stateDiff").TryGetProperty(Predeploys.BaseFeeVault.ToString(), out _));

        JsonElement machine = replay.GetProperty("vmTrace");
        Assert.Equal(Hex.Encode(TestCode.StoreCode), machine.GetProperty("code").GetString());
        JsonElement[] operations = [.. machine.GetProperty("ops").EnumerateArray()];
        Assert.Equal("PUSH1", operations[0].GetProperty("op").GetString());
        Assert.Equal("0x0", Assert.Single(operations[0].GetProperty("ex").GetProperty("push").EnumerateArray()).GetString());
        JsonElement stored = operations.Single(static o => o.GetProperty("op").GetString() == "SSTORE").GetProperty("ex").GetProperty("store");
        Assert.Equal("0x9", stored.GetProperty("val").GetString());
        Assert.Equal("0x", replay.GetProperty("output").GetString());

        JsonElement all = await _rpc.ResultAsync("trace_replayBlockTransactions", "\"latest\",[\"trace\"]");
        Assert.Equal(2, all.GetArrayLength());
        Assert.Equal(sent.Hash.ToString(), all[1].GetProperty("transactionHash").GetString());
        Assert.Equal(JsonValueKind.Null, all[1].GetProperty("stateDiff").ValueKind);
        Assert.Equal(-32602, (await _rpc.ErrorAsync("trace_replayTransaction", $"{Q(sent.Hash)},[\"everything\"]")).Code);
        Assert.Equal(-32000, (await _rpc.ErrorAsync("trace_replayTransaction", $"{Q(Hash256.EmptyCode)},[\"trace\"]")).Code);
    }

    [Fact]
    public async Task Calls_are_traced_one_on_another()
    {
        string store = $"{{\"from\":{Q(Alice.Address)},\"to\":{Q(TestCode.Store)},\"input\":{Q(Hash256.FromUInt256(new UInt256(5)))}}}";
        JsonElement both = await _rpc.ResultAsync("trace_callMany", $"[[{store},[\"stateDiff\"]],[{store},[\"stateDiff\",\"trace\"]]],\"latest\"");
        Assert.True(both[0].GetProperty("stateDiff").GetProperty(TestCode.Store.ToString()).GetProperty("storage").EnumerateObject().Any());
        Assert.False(both[1].GetProperty("stateDiff").TryGetProperty(TestCode.Store.ToString(), out _)); // the slot has the value already
        Assert.Single(both[1].GetProperty("trace").EnumerateArray());

        JsonElement failed = await _rpc.ResultAsync("trace_call", $"{{\"to\":{Q(TestCode.Revert)}}},[\"trace\"],\"latest\"");
        Assert.Equal("Reverted", failed.GetProperty("trace")[0].GetProperty("error").GetString());
        Assert.StartsWith("0x08c379a0", failed.GetProperty("output").GetString(), StringComparison.Ordinal);
        Transaction raw = Alice.Send(0, TestCode.Load, gas: 50_000);
        JsonElement sent = await _rpc.ResultAsync("trace_rawTransaction", $"{Q(Hex.Encode(raw.Encoded))},[\"trace\"]");
        Assert.Equal(Hash256.FromUInt256(new UInt256(7)).ToString(), sent.GetProperty("output").GetString());
    }

    [Fact]
    public async Task Calls_are_found_by_who_called_whom()
    {
        Include(Alice.Send(0, TestCode.Ask, gas: 100_000));
        Include(Alice.Send(1, Bob.Address));
        string range = "\"fromBlock\":\"0x0\",\"toBlock\":\"latest\"";
        Assert.Single((await _rpc.ResultAsync("trace_filter", $"{{{range},\"toAddress\":[{Q(TestCode.Load)}]}}")).EnumerateArray());
        Assert.Equal(2, (await _rpc.ResultAsync("trace_filter", $"{{{range},\"fromAddress\":[{Q(Alice.Address)}]}}")).GetArrayLength());
        Assert.Single((await _rpc.ResultAsync("trace_filter", $"{{{range},\"fromAddress\":[{Q(Alice.Address)}],\"after\":1}}")).EnumerateArray());
        Assert.Single((await _rpc.ResultAsync("trace_filter", $"{{{range},\"fromAddress\":[{Q(Alice.Address)}],\"count\":1}}")).EnumerateArray());
        Assert.Single((await _rpc.ResultAsync("trace_filter", $"{{{range},\"mode\":\"intersection\",\"fromAddress\":[{Q(Alice.Address)}],\"toAddress\":[{Q(Bob.Address)}]}}")).EnumerateArray());
        Assert.Equal(-32602, (await _rpc.ErrorAsync("trace_filter", "{\"fromBlock\":\"0x2\",\"toBlock\":\"0x1\"}")).Code);
    }

    [Fact]
    public async Task A_block_given_in_RLP_is_traced()
    {
        Include(Alice.Send(0, TestCode.Load, gas: 100_000));
        JsonElement traces = await _rpc.ResultAsync("debug_traceBlock", $"{Q(Hex.Encode(_rollup.Head.Block.Encode()))},{{\"tracer\":\"callTracer\"}}");
        Assert.Equal(2, traces.GetArrayLength());
        Assert.Equal(-32000, (await _rpc.ErrorAsync("debug_traceBlock", "\"0xc0\"")).Code);
        Assert.Equal(-32602, (await _rpc.ErrorAsync("debug_traceBlockByNumber", "\"latest\",{\"timeout\":\"soon\"}")).Code);
    }
}
