using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Blobs over the Beacon API, from a node that has them not, not all, or gives others.</summary>
public sealed class BeaconScenarios
{
    [Theory]
    [InlineData(OptimismFork.Ecotone, "404")]
    [InlineData(OptimismFork.Ecotone, "503")]
    [InlineData(OptimismFork.Ecotone, "too few")]
    [InlineData(OptimismFork.Ecotone, "too many")]
    [InlineData(OptimismFork.Ecotone, "wrong content")]
    [InlineData(OptimismFork.Karst, "404")]
    [InlineData(OptimismFork.Karst, "503")]
    [InlineData(OptimismFork.Karst, "too few")]
    [InlineData(OptimismFork.Karst, "too many")]
    [InlineData(OptimismFork.Karst, "wrong content")]
    [Case("S-BL-05")]
    public async Task A_faulty_beacon_node_delays_derivation_and_never_feeds_it(OptimismFork fork, string fault)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(3);
        byte[][] blobs = [.. BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks)), 2).Select(static frame => BatcherActor.Blob(FrameCodec.Encode([frame])))];
        // well-formed blobs with other blocks in them
        byte[] other = BatcherActor.Blob(FrameCodec.Encode(BatchWriter.Cut(BatchWriter.Channel([BatchWriter.With(BatchWriter.Batch(blocks[0]), transactions: []).Encode()]), 1)));
        string? now = fault;
        int asked = 0;
        Task AnswerAsync(HttpContext context)
        {
            string path = context.Request.Path.Value!;
            if (path == "/eth/v1/beacon/genesis") return context.Response.WriteAsync($$$"""{"data":{"genesis_time":"{{{TestRollup.GenesisTime}}}"}}""");
            if (path == "/eth/v1/config/spec") return context.Response.WriteAsync("""{"data":{"SECONDS_PER_SLOT":"12"}}""");
            if (path != "/eth/v1/beacon/blobs/1") now ??= "404";
            asked++;
            if (now is "404" or "503")
            {
                context.Response.StatusCode = int.Parse(now);
                return Task.CompletedTask;
            }

            byte[][] given = now switch
            {
                "too few" => [blobs[0]],
                "too many" => [other, .. blobs, other],
                "wrong content" => [blobs[0], other],
                _ => blobs,
            };
            return context.Response.WriteAsync($$"""{"data":[{{string.Join(',', given.Select(static blob => $"\"0x{Convert.ToHexStringLower(blob)}\""))}}]}""");
        }

        await using HttpHost host = await HttpHost.StartAsync([new HttpBinding("beacon", "127.0.0.1", 0, AnswerAsync)], NullLoggerFactory.Instance);
        using var beacon = new BeaconNodes([new BeaconClient(new Uri($"http://127.0.0.1:{host.PortOf(0)}/"))], new NativeKzg(), TestRollup.L1ChainId, net.Time, NullLogger.Instance);
        net.Verifier.Blobs = new BlobSource(beacon, null, NullLogger.Instance);
        await net.Verifier.RestartAsync();
        await net.DeriveAsync(net.Batcher.PostBlobs(blobs));
        Assert.NotEqual(0, asked);
        if (fault != "too many") await net.AssertSafeAsync(0); // of too many the right ones are taken
        now = null;
        await net.Verifier.RunUntilAsync(() => net.Verifier.Safe.Number == 3, TimeSpan.FromMinutes(3));
        await net.AssertSafeAsync(3);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }
}
