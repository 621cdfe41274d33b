using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

/// <summary>The adapters over the typed clients: every way a provider can fail has its place in the ports.</summary>
public sealed class ConnectionTests
{
    private static readonly RollupConfig s_config = new FakeChain().Config;
    private readonly Answering _rpc = new();

    [Theory]
    [InlineData(RpcErrorCode.UnknownPayload, EngineVerdict.UnknownPayload)]
    [InlineData(RpcErrorCode.InvalidForkchoiceState, EngineVerdict.InvalidForkchoiceState)]
    [InlineData(RpcErrorCode.InvalidPayloadAttributes, EngineVerdict.InvalidAttributes)]
    [InlineData(RpcErrorCode.UnsupportedFork, EngineVerdict.Refused)]
    [InlineData(RpcErrorCode.TooLargeRequest, EngineVerdict.Refused)]
    [InlineData(RpcErrorCode.MethodNotFound, EngineVerdict.Refused)]
    [InlineData(RpcErrorCode.ServerError, EngineVerdict.Unreachable)]
    [InlineData(RpcErrorCode.InternalError, EngineVerdict.Unreachable)]
    [Case("D-EN-07 D-EN-08")]
    public async Task Engine_errors_become_verdicts(int code, EngineVerdict expected)
    {
        _rpc.Answer = _ => RpcResultOf(code);
        var engine = new RpcEngine(_rpc, s_config);
        Assert.Equal(expected, (await engine.ForkchoiceUpdatedAsync(default, null, default)).Verdict);
        Assert.Equal(expected, (await engine.GetPayloadAsync(default, 0, default)).Verdict);
        Assert.Equal(expected, (await engine.NewPayloadAsync(new PayloadEnvelope { Payload = new ExecutionPayload() }, default)).Verdict);
    }

    [Theory]
    [InlineData("VALID", EngineVerdict.Valid)]
    [InlineData("INVALID", EngineVerdict.Invalid)]
    [InlineData("INVALID_BLOCK_HASH", EngineVerdict.Invalid)]
    [InlineData("SYNCING", EngineVerdict.Syncing)]
    [InlineData("ACCEPTED", EngineVerdict.Accepted)]
    public async Task Statuses_become_verdicts(string status, EngineVerdict expected)
    {
        _rpc.Answer = method => Ok(method.StartsWith("engine_forkchoiceUpdated", StringComparison.Ordinal)
            ? $$"""{"payloadStatus":{"status":"{{status}}","latestValidHash":null,"validationError":"why"},"payloadId":"0x0300000000000001"}"""
            : $$"""{"status":"{{status}}","latestValidHash":null,"validationError":"why"}""");
        var engine = new RpcEngine(_rpc, s_config);
        ForkchoiceAnswer forkchoice = await engine.ForkchoiceUpdatedAsync(default, null, default);
        Assert.Equal((expected, "why", new PayloadId(0x0300000000000001)), (forkchoice.Verdict, forkchoice.Detail, forkchoice.Payload));
        Assert.Equal(expected, (await engine.NewPayloadAsync(new PayloadEnvelope { Payload = new ExecutionPayload() }, default)).Verdict);
    }

    [Fact]
    public async Task No_answer_is_unreachable_for_commands_and_an_exception_for_reads()
    {
        _rpc.Answer = method => throw new RpcTransportException(method, "there", "connection refused", isTransient: true);
        var engine = new RpcEngine(_rpc, s_config);
        Assert.Equal(EngineVerdict.Unreachable, (await engine.ForkchoiceUpdatedAsync(default, null, default)).Verdict);
        Assert.Equal(EngineVerdict.Unreachable, (await engine.GetPayloadAsync(default, 0, default)).Verdict);
        await Assert.ThrowsAsync<SourceException>(() => engine.BlockByNumberAsync(5, default));
        await Assert.ThrowsAsync<SourceException>(() => engine.BlockByLabelAsync(L2Label.Safe, default));
        var l1 = Source(_rpc);
        await Assert.ThrowsAsync<SourceException>(() => l1.HeaderByLabelAsync(L1Label.Head, default));
        await Assert.ThrowsAsync<SourceException>(() => l1.BlockByNumberAsync(1, default));
    }

    [Fact]
    public async Task Labels_a_young_chain_lacks_are_null()
    {
        _rpc.Answer = _ => RpcResultOf(-39001);
        Assert.Null(await Source(_rpc).HeaderByLabelAsync(L1Label.Finalized, default));
        Assert.Null(await new RpcEngine(_rpc, s_config).BlockByLabelAsync(L2Label.Safe, default));
        _rpc.Answer = _ => Ok("null");
        Assert.Null(await Source(_rpc).HeaderByLabelAsync(L1Label.Safe, default));
        Assert.Null(await Source(_rpc).BlockByNumberAsync(7, default));
    }

    [Fact]
    public async Task Receipts_of_a_vanished_block_are_missing_but_of_a_known_one_a_fault()
    {
        BlockHeader header = new FakeChain().Origin;
        _rpc.Answer = method => method == "eth_getBlockReceipts" ? RpcResultOf(RpcErrorCode.ServerError) : Ok("null");
        Assert.Null(await Source(_rpc).ReceiptsAsync(header, default));
        string known = Json(writer => EthJson.WriteHeader(writer, header));
        _rpc.Answer = method => method == "eth_getBlockReceipts" ? RpcResultOf(RpcErrorCode.ServerError) : Ok(known);
        await Assert.ThrowsAsync<SourceException>(() => Source(_rpc).ReceiptsAsync(header, default));
    }

    [Fact]
    public async Task A_second_provider_steps_in_and_stays_preferred()
    {
        BlockHeader header = new FakeChain().Origin;
        string known = Json(writer => EthJson.WriteHeader(writer, header));
        var broken = new Answering { Answer = method => throw new RpcTransportException(method, "there", "down", isTransient: true) };
        _rpc.Answer = _ => Ok(known);
        var l1 = Source(broken, _rpc);
        for (int i = 0; i < 3; i++) Assert.Equal(header.Hash, (await l1.HeaderByNumberAsync(header.Number, default))!.Hash);
        Assert.Equal(1, broken.Calls);
    }

    [Fact]
    public async Task A_header_that_does_not_hash_to_what_was_asked_is_refused()
    {
        BlockHeader header = new FakeChain().Origin;
        _rpc.Answer = _ => Ok(Json(writer => EthJson.WriteHeader(writer, header)));
        var l1 = Source(_rpc);
        Assert.NotNull(await l1.HeaderByHashAsync(header.Hash, default));
        await Assert.ThrowsAsync<SourceException>(() => l1.HeaderByHashAsync(Ids.Hash(9, 9), default));
        await Assert.ThrowsAsync<SourceException>(() => l1.HeaderByNumberAsync(header.Number + 1, default));
    }

    private static RpcL1Source Source(params Answering[] providers) => new(
        [.. providers.Select(rpc => new L1Endpoint(new L1Client(rpc), new EndpointHealth(TimeProvider.System)))], new L1SourceOptions { Rounds = 1 }, NullLogger.Instance);

    private static RpcReply Ok(string json) => new(JsonDocument.Parse(json).RootElement, null);

    private static RpcReply RpcResultOf(int code) => new(default, new RpcError(code, "no"));

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) write(writer);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private sealed class Answering : IRpcClient
    {
        public Func<string, RpcReply> Answer { get; set; } = _ => Ok("null");

        public int Calls { get; private set; }

        public string Endpoint => "there";

        public Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
        {
            Calls++;
            try
            {
                return Task.FromResult(requests.Select(request => Answer(request.Method)).ToArray());
            }
            catch (RpcTransportException error)
            {
                return Task.FromException<RpcReply[]>(error);
            }
        }
    }
}
