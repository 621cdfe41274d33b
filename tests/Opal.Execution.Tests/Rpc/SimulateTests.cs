using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests.RpcTests;

public sealed class SimulateTests : IDisposable
{
    private readonly TestRollup _rollup = new(OptimismFork.Isthmus);
    private readonly IRpcClient _rpc;

    public SimulateTests() => _rpc = new InProcessRpcClient(_rollup.Client.Registry);

    public void Dispose() => _rollup.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static string Q(object value) => $"\"{value}\"";

    private Task<JsonElement> SimulateAsync(string blocks, string more = "") => _rpc.ResultAsync("eth_simulateV1", $"{{\"blockStateCalls\":{blocks}{more}}},\"latest\"");

    private async Task<int> CodeAsync(string blocks, string more = "") => (await _rpc.ErrorAsync("eth_simulateV1", $"{{\"blockStateCalls\":{blocks}{more}}},\"latest\"")).Code;

    [Fact]
    public async Task A_block_sees_what_the_one_before_it_did_and_nothing_remains()
    {
        _rollup.Build();
        string store = $"{{\"from\":{Q(Alice.Address)},\"to\":{Q(TestCode.Store)},\"input\":{Q(Hash256.FromUInt256(new UInt256(5)))}}}";
        string load = $"{{\"from\":{Q(Alice.Address)},\"to\":{Q(TestCode.Store)}}}";
        JsonElement blocks = await SimulateAsync(
            $"[{{\"calls\":[{store}]}},{{\"stateOverrides\":{{{Q(TestCode.Store)}:{{\"code\":{Q(Hex.Encode(TestCode.LoadCode))}}}}},\"calls\":[{load}]}}]");
        Assert.Equal(2, blocks.GetArrayLength());
        Assert.Equal(Hash256.FromUInt256(new UInt256(5)).ToString(), blocks[1].GetProperty("calls")[0].GetProperty("returnData").GetString());
        Assert.Equal(blocks[0].GetProperty("hash").GetString(), blocks[1].GetProperty("parentHash").GetString());
        Assert.Single(blocks[0].GetProperty("calls")[0].GetProperty("logs").EnumerateArray());
        Assert.Equal("0x" + new string('0', 64), await StorageOfStoreAsync());
    }

    private async Task<string> StorageOfStoreAsync() => (await _rpc.ResultAsync("eth_getStorageAt", $"{Q(TestCode.Store)},\"0x0\",\"latest\"")).GetString()!;

    [Fact]
    public async Task A_failed_call_tells_why_and_the_block_goes_on()
    {
        JsonElement block = (await SimulateAsync($"[{{\"calls\":[{{\"to\":{Q(TestCode.Revert)}}},{{\"to\":{Q(TestCode.Number)}}}]}}]"))[0];
        JsonElement failed = block.GetProperty("calls")[0];
        Assert.Equal("0x0", failed.GetProperty("status").GetString());
        Assert.Equal(3, failed.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal("execution reverted: no", failed.GetProperty("error").GetProperty("message").GetString());
        Assert.Equal("0x1", block.GetProperty("calls")[1].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Moves_of_ether_are_logged_when_asked_for()
    {
        string call = $"{{\"from\":{Q(Alice.Address)},\"to\":{Q(Bob.Address)},\"value\":\"0x7\"}}";
        Assert.Empty((await SimulateAsync($"[{{\"calls\":[{call}]}}]"))[0].GetProperty("calls")[0].GetProperty("logs").EnumerateArray());
        JsonElement log = Assert.Single((await SimulateAsync($"[{{\"calls\":[{call}]}}]", ",\"traceTransfers\":true"))[0].GetProperty("calls")[0].GetProperty("logs").EnumerateArray());
        Assert.Equal("0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", log.GetProperty("address").GetString());
    }

    [Fact]
    public async Task Refusals_have_the_codes_of_the_specification()
    {
        Assert.Equal(-32602, await CodeAsync("[]"));
        Assert.Equal(-38020, await CodeAsync("[{\"blockOverrides\":{\"number\":\"0x0\"}}]"));
        Assert.Equal(-38021, await CodeAsync("[{\"blockOverrides\":{\"time\":\"0x1\"}}]"));
        Assert.Equal(-38026, await CodeAsync("[{\"blockOverrides\":{\"number\":\"0xffff\"}}]"));
        Assert.Equal(-38013, await CodeAsync($"[{{\"calls\":[{{\"to\":{Q(Bob.Address)},\"gas\":\"0x1\"}}]}}]"));
        Assert.Equal(-38014, await CodeAsync($"[{{\"calls\":[{{\"from\":{Q(Address.FromNumber(0x777))},\"to\":{Q(Bob.Address)},\"value\":\"0x1\"}}]}}]"));
        Assert.Equal(-38015, await CodeAsync($"[{{\"blockOverrides\":{{\"gasLimit\":\"0x5300\"}},\"calls\":[{{\"to\":{Q(Bob.Address)},\"gas\":\"0x5301\"}}]}}]"));
        string priced = "\"maxFeePerGas\":\"0x174876e800\"";
        Assert.Equal(-38011, await CodeAsync($"[{{\"calls\":[{{\"from\":{Q(Alice.Address)},\"to\":{Q(Bob.Address)},\"nonce\":\"0x5\",\"gas\":\"0x5208\",{priced}}}]}}]", ",\"validation\":true"));
        Assert.Equal(-38012, await CodeAsync($"[{{\"calls\":[{{\"from\":{Q(Alice.Address)},\"to\":{Q(Bob.Address)}}}]}}]", ",\"validation\":true"));
    }

    [Fact]
    public async Task A_precompile_moves_and_what_is_none_does_not()
    {
        string identity = Q(Address.FromNumber(4)), target = Q(Address.FromNumber(0x123456));
        JsonElement moved = await SimulateAsync(
            $"[{{\"stateOverrides\":{{{identity}:{{\"movePrecompileToAddress\":{target}}}}},\"calls\":[{{\"to\":{target},\"input\":\"0xabcd\"}},{{\"to\":{identity},\"input\":\"0xabcd\"}}]}}]");
        Assert.Equal("0xabcd", moved[0].GetProperty("calls")[0].GetProperty("returnData").GetString());
        Assert.Equal("0x", moved[0].GetProperty("calls")[1].GetProperty("returnData").GetString());
        Assert.Equal(-32000, await CodeAsync($"[{{\"stateOverrides\":{{{Q(Bob.Address)}:{{\"movePrecompileToAddress\":{target}}}}}}}]"));
        Assert.Equal("\"0xabcd\"", await _rpc.TextAsync("eth_call", $"{{\"to\":{target},\"input\":\"0xabcd\"}},\"latest\",{{{identity}:{{\"movePrecompileToAddress\":{target}}}}}"));
    }

    [Fact]
    public async Task A_call_that_never_ends_is_ended()
    {
        await using var endless = new TestRollup(OptimismFork.Isthmus, static o => o with { RpcGasCap = 0, RpcEvmTimeout = TimeSpan.FromMilliseconds(50) });
        var rpc = new InProcessRpcClient(endless.Client.Registry);
        string loop = $"{{{Q(TestCode.Load)}:{{\"code\":\"0x5b600056\"}}}}";
        Assert.StartsWith("execution aborted", (await rpc.ErrorAsync("eth_call", $"{{\"to\":{Q(TestCode.Load)}}},\"latest\",{loop}")).Message, StringComparison.Ordinal);
        RpcError simulated = await rpc.ErrorAsync("eth_simulateV1", $"{{\"blockStateCalls\":[{{\"blockOverrides\":{{\"gasLimit\":\"0xffffffffffff\"}},\"stateOverrides\":{loop},\"calls\":[{{\"to\":{Q(TestCode.Load)}}}]}}]}}");
        Assert.StartsWith("execution aborted", simulated.Message, StringComparison.Ordinal);
        RpcError traced = await rpc.ErrorAsync("debug_traceCall", $"{{\"to\":{Q(TestCode.Load)},\"gas\":\"0xffffffffff\"}},\"latest\",{{\"limit\":10,\"timeout\":\"60ms\",\"stateOverrides\":{loop}}}");
        Assert.StartsWith("execution aborted", traced.Message, StringComparison.Ordinal);

        // the machines that were stopped are whole
        Assert.Equal($"\"{Hash256.FromUInt256(new UInt256(7))}\"", await rpc.TextAsync("eth_call", $"{{\"to\":{Q(TestCode.Load)}}}"));
    }
}
