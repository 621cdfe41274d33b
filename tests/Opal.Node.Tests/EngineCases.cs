using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

/// <summary>What the engine or the blob provider may not get away with.</summary>
public sealed class EngineCases
{
    private readonly FakeChain _chain = new();
    private readonly EngineController _heads;

    public EngineCases()
    {
        _heads = new EngineController(_chain.Engine, _chain.Config, NullLogger.Instance);
        _heads.Reset(_chain.GenesisRef, _chain.GenesisRef, _chain.GenesisRef);
    }

    [Fact]
    [Case("D-EN-03")]
    public async Task An_unsafe_block_that_the_engine_lost_asks_for_a_reset()
    {
        PayloadAttributes attributes = _chain.Attributes(_heads.Unsafe);
        (_, BuildJob? job) = await _heads.StartBuildAsync(attributes, _heads.Unsafe, default);
        (_, PayloadEnvelope? payload) = await _heads.SealAsync(job!, default);
        Assert.True((await _heads.InsertUnsafeAsync(payload!, default)).IsDone);
        _chain.Engine.Lose(above: 0);
        EngineStep step = await _heads.ApplyDerivedAsync(attributes, _heads.PendingSafe, concludes: true, default);
        Assert.Equal(EngineOutcome.Reset, step.Outcome);
        Assert.Equal(0ul, _heads.Safe.Number);
    }

    [Theory]
    [InlineData("none", false)]
    [InlineData("user", false)]
    [InlineData("deposit user deposit", false)]
    [InlineData("deposit deposit user user", true)]
    [InlineData("deposit", true)]
    [Case("D-EN-09")]
    public async Task A_sealed_block_begins_with_its_deposits(string shape, bool fits)
    {
        PayloadAttributes attributes = _chain.Attributes(_heads.Unsafe, noTxPool: false);
        (_, BuildJob? job) = await _heads.StartBuildAsync(attributes, _heads.Unsafe, default);
        (_, PayloadEnvelope? made) = await _heads.SealAsync(job!, default);
        byte[] deposit = attributes.Transactions[0], user = FakeChain.UserTransaction(0);
        List<byte[]> transactions = [.. shape.Split(' ').Where(static word => word != "none").Select(word => word == "deposit" ? deposit : user)];
        var payload = new ExecutionPayload
        {
            ParentHash = made!.Payload.ParentHash, BlockNumber = made.Payload.BlockNumber, Timestamp = made.Payload.Timestamp,
            PrevRandao = made.Payload.PrevRandao, GasLimit = made.Payload.GasLimit, Transactions = transactions,
        };
        EngineStep step = SealedPayloadChecks.Judge(payload, job!);
        Assert.True(fits == step.IsDone, step.Reason);
    }

    [Fact]
    [Case("D-RT-10 D-RT-09")]
    public async Task A_blob_whose_commitment_does_not_give_the_versioned_hash_is_the_providers_fault_and_goes_no_further()
    {
        var answers = new Dictionary<string, string>
        {
            ["/eth/v1/beacon/genesis"] = """{"data":{"genesis_time":"1000","genesis_validators_root":"0x00"}}""",
            ["/eth/v1/config/spec"] = """{"data":{"SECONDS_PER_SLOT":"12"}}""",
            ["/eth/v1/beacon/blobs/3"] = $$"""{"data":["0x{{new string('5', 2 * 131_072)}}"]}""",
        };
        await using HttpHost host = await HttpHost.StartAsync([new HttpBinding("beacon", "127.0.0.1", 0, context => AnswerAsync(context, answers))], NullLoggerFactory.Instance);
        using var beacons = new BeaconNodes([new BeaconClient(new Uri($"http://127.0.0.1:{host.PortOf(0)}/"))], new FirstBytes(), 900, TimeProvider.System, NullLogger.Instance);
        var source = new BlobSource(beacons, null, NullLogger.Instance);
        var block = new L1BlockRef(Ids.Hash(1, 1), 7, default, 1036);
        byte[] digest = System.Security.Cryptography.SHA256.HashData([.. Enumerable.Repeat((byte)0x55, 48)]);
        digest[0] = 1;
        var right = new Hash256(digest);
        Assert.Single((await source.BlobsAsync(new NeedBlobs(block, [right], [0]), default))!.Blobs);
        digest[31] ^= 1;
        await Assert.ThrowsAsync<SourceException>(() => source.BlobsAsync(new NeedBlobs(block, [new Hash256(digest)], [0]), default));
    }

    [Theory]
    [InlineData(EngineVerdict.Unreachable, EngineOutcome.Retry)]
    [InlineData(EngineVerdict.Syncing, EngineOutcome.Retry)]
    [InlineData(EngineVerdict.InvalidForkchoiceState, EngineOutcome.Reset)]
    [InlineData(EngineVerdict.Refused, EngineOutcome.Reset)]
    [InlineData(EngineVerdict.Invalid, EngineOutcome.InvalidPayload)]
    [InlineData(EngineVerdict.InvalidAttributes, EngineOutcome.InvalidPayload)]
    [Case("D-EN-07 D-EN-08 D-EN-04")]
    public async Task What_becomes_of_derived_attributes_by_the_engines_answer(EngineVerdict answer, EngineOutcome outcome)
    {
        PayloadAttributes attributes = _chain.Attributes(_heads.Safe);
        _chain.Engine.Fault = method => method == "build" ? answer : null;
        EngineStep step = await _heads.ApplyDerivedAsync(attributes, _heads.PendingSafe, concludes: true, default);
        Assert.Equal(outcome, step.Outcome);
        Assert.Equal(0ul, _heads.Safe.Number);
        if (outcome != EngineOutcome.Retry) return;

        // the same attributes again
        _chain.Engine.Fault = method => method == "getPayload" ? EngineVerdict.UnknownPayload : null;
        Assert.Equal(EngineOutcome.Retry, (await _heads.ApplyDerivedAsync(attributes, _heads.PendingSafe, concludes: true, default)).Outcome);
        _chain.Engine.Fault = null;
        Assert.True((await _heads.ApplyDerivedAsync(attributes, _heads.PendingSafe, concludes: true, default)).IsDone);
        Assert.Equal(1ul, _heads.Safe.Number);
    }

    private static Task AnswerAsync(HttpContext context, Dictionary<string, string> answers)
    {
        if (answers.TryGetValue(context.Request.Path.Value!, out string? answer)) return context.Response.WriteAsync(answer);
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }
}
