using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests.RpcTests;

public sealed class ConfigTests
{
    private static string Q(object value) => $"\"{value}\"";

    [Fact]
    public async Task The_configuration_of_an_L2_names_its_fork_precompiles_and_contracts()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        JsonElement config = await new InProcessRpcClient(rollup.Client.Registry).ResultAsync("eth_config");
        JsonElement current = config.GetProperty("current");
        Assert.Equal(Hex.Quantity(TestRollup.ChainId), current.GetProperty("chainId").GetString());
        Assert.Equal(JsonValueKind.Null, current.GetProperty("blobSchedule").ValueKind);
        Assert.Equal(0u, current.GetProperty("activationTime").GetUInt32());
        Assert.Equal(Address.FromNumber(0x100).ToString(), current.GetProperty("precompiles").GetProperty("P256VERIFY").GetString());
        Assert.Equal(10, current.GetProperty("forkId").GetString()!.Length);
        Assert.True(current.GetProperty("systemContracts").TryGetProperty("HISTORY_STORAGE_ADDRESS", out _));
        Assert.Equal(JsonValueKind.Null, config.GetProperty("next").ValueKind);
        Assert.Equal(JsonValueKind.Null, config.GetProperty("last").ValueKind);
    }

    [Fact]
    public async Task A_state_that_is_gone_is_refused_with_the_range_that_is_kept()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, static o => o with { KeptStates = 3 });
        var rpc = new InProcessRpcClient(rollup.Client.Registry);
        for (int i = 0; i < 8; i++) rollup.Build();
        string address = Q(TestAccount.Alice.Address);
        foreach (string method in new[] { "eth_getBalance", "eth_getCode", "eth_getTransactionCount" })
        {
            RpcError error = await rpc.ErrorAsync(method, $"{address},\"0x1\"");
            Assert.Equal(-32000, error.Code);
            Assert.Contains($"blocks {rollup.Client.Chain.OldestState} to 8", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(-32000, (await rpc.ErrorAsync("eth_getProof", $"{address},[],\"0x1\"")).Code);
        Assert.Equal(-32000, (await rpc.ErrorAsync("debug_traceBlockByNumber", "\"0x2\"")).Code);
        JsonElement kept = await rpc.ResultAsync("eth_getProof", $"{address},[],{Q(Hex.Quantity(rollup.Client.Chain.OldestState))}");
        Assert.NotEqual(0, kept.GetProperty("accountProof").GetArrayLength());
        JsonElement capabilities = await rpc.ResultAsync("eth_capabilities");
        Assert.Equal(Hex.Quantity(rollup.Client.Chain.OldestState), capabilities.GetProperty("state").GetProperty("oldestBlock").GetString());
        Assert.Equal("0x8", capabilities.GetProperty("head").GetProperty("number").GetString());
    }

    [Fact]
    public async Task Refusals_of_calls_say_what_was_there_and_what_was_wanted()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        var rpc = new InProcessRpcClient(rollup.Client.Registry);
        string poor = Address.FromNumber(0x777).ToChecksumString();
        RpcError error = await rpc.ErrorAsync("eth_call", $"{{\"from\":{Q(poor)},\"to\":{Q(TestCode.Load)},\"value\":\"0x1\",\"gas\":\"0xffff\"}}");
        Assert.Equal(-32000, error.Code);
        Assert.Equal($"err: insufficient funds for gas * price + value: address {poor} have 0 want 1 (supplied gas 65535)", error.Message);
        Assert.Equal("err: intrinsic gas too low: have 1, want 21000 (supplied gas 1)", (await rpc.ErrorAsync("eth_call", $"{{\"to\":{Q(TestCode.Load)},\"gas\":\"0x1\"}}")).Message);
    }
}
