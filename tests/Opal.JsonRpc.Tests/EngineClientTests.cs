using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc.Tests;

public class EngineClientTests
{
    private static readonly OptimismForkTimes Forks = new()
    {
        Regolith = 0, Canyon = 10, Delta = 20, Ecotone = 30, Fjord = 40, Granite = 50, Holocene = 60, Isthmus = 70, Jovian = 80, Karst = 90,
    };

    [Theory]
    [InlineData(0, 2, 2, 2)]
    [InlineData(29, 2, 2, 2)]
    [InlineData(30, 3, 3, 3)]
    [InlineData(69, 3, 3, 3)]
    [InlineData(70, 3, 4, 4)]
    [InlineData(90, 3, 4, 5)]
    public void Versions_follow_the_forks(ulong time, int forkchoice, int newPayload, int getPayload) =>
        Assert.Equal(new EngineVersions(forkchoice, newPayload, getPayload), EngineVersions.At(Forks, time));

    [Fact]
    public async Task Calls_carry_what_their_version_asks_for()
    {
        var calls = new List<(string Method, string Params)>();
        var registry = new RpcRegistry();
        RpcResult Record(string method, RpcParams parameters, RpcResult answer)
        {
            calls.Add((method, string.Join(" ", Enumerable.Range(0, parameters.Count).Select(i => parameters.Has(i) ? parameters[i].Element.ValueKind.ToString() : "null"))));
            return answer;
        }

        RpcResult valid = RpcResult.Json(w => EngineJson.WriteStatus(w, new PayloadStatus(PayloadVerdict.Valid, Hash256.EmptyCode)));
        foreach (int version in new[] { 2, 3, 4 }) registry.Register($"engine_newPayloadV{version}", p => Record($"newPayloadV{version}", p, valid));
        registry.Register("engine_forkchoiceUpdatedV3", p => Record("forkchoiceUpdatedV3", p, RpcResult.Json(w => EngineJson.WriteForkchoiceResult(w, new ForkchoiceResult(new PayloadStatus(PayloadVerdict.Valid), new PayloadId(7))))));
        registry.Register("engine_getPayloadV5", p => Record("getPayloadV5", p, RpcResult.Fail(RpcErrorCode.UnknownPayload, "Unknown payload")));
        registry.Register("engine_exchangeCapabilities", p => Record("exchangeCapabilities", p, RpcResult.Raw("""["engine_newPayloadV4"]"""u8.ToArray())));
        var client = new EngineClient(new InProcessRpcClient(registry), Forks);

        Assert.Equal(PayloadVerdict.Valid, (await client.NewPayloadAsync(new ExecutionPayload { Timestamp = 5 }, null)).Verdict);
        await client.NewPayloadAsync(new ExecutionPayload { Timestamp = 35 }, Hash256.Zero);
        await client.NewPayloadAsync(new ExecutionPayload { Timestamp = 75 }, Hash256.Zero);
        ForkchoiceResult result = await client.ForkchoiceUpdatedAsync(default);
        Assert.Equal(new PayloadId(7), result.PayloadId);
        RpcCallException unknown = await Assert.ThrowsAsync<RpcCallException>(() => client.GetPayloadAsync(new PayloadId(7), 95));
        Assert.Equal(RpcErrorCode.UnknownPayload, unknown.Code);
        Assert.Equal(["engine_newPayloadV4"], await client.ExchangeCapabilitiesAsync());
        Assert.Equal(
            [
                ("newPayloadV2", "Object"), ("newPayloadV3", "Object Array String"), ("newPayloadV4", "Object Array String Array"), ("forkchoiceUpdatedV3", "Object null"),
                ("getPayloadV5", "String"), ("exchangeCapabilities", "Array"),
            ], calls);
    }
}
