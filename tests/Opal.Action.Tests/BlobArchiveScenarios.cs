using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>A chain whose data is in blobs, derived while its blobs are archived, and again when nobody else has them any more.</summary>
public sealed class BlobArchiveScenarios : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-blobs").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A Beacon API that has the in-memory L1's blobs, whatever the slot.</summary>
    private static Task<HttpHost> ServeAsync(MemoryL1 l1) => HttpHost.StartAsync([new HttpBinding("beacon", "127.0.0.1", 0, async context =>
    {
        switch (context.Request.Path.Value!.Split('/'))
        {
            case [.., "genesis"]:
                await BeaconAnswers.OkAsync(context, static json => json.WriteString("genesis_time"u8, BeaconAnswers.Number(TestRollup.GenesisTime)));
                break;
            case [.., "spec"]:
                await BeaconAnswers.OkAsync(context, static json => json.WriteString("SECONDS_PER_SLOT"u8, "12"));
                break;
            default:
                await BeaconAnswers.OkAsync(context, null, async json =>
                {
                    json.WriteStartArray();
                    foreach (string hash in BeaconAnswers.Values(context, "versioned_hashes"))
                    {
                        if (l1.FindBlob(Hash256.Parse(hash)) is { } blob) json.WriteDataValue(blob);
                        await json.FlushAsync();
                    }

                    json.WriteEndArray();
                });
                break;
        }
    })], NullLoggerFactory.Instance);

    private static BeaconNodes NodesAt(HttpHost host) =>
        new([new BeaconClient(new Uri($"http://127.0.0.1:{host.PortOf(0)}/"))], new NativeKzg(), TestRollup.L1ChainId, TimeProvider.System, NullLogger.Instance);

    private static async Task<L2BlockRef> DeriveAsync(ActorNet net, IBlobSource blobs, ulong target)
    {
        await using var verifier = new NodeActor(net, new SequencerOptions()) { Blobs = blobs };
        await verifier.RestartAsync();
        await verifier.RunUntilAsync(() => verifier.Safe.Number >= target, TimeSpan.FromMinutes(10));
        return verifier.Safe;
    }

    [Fact]
    [Case("D-RT-06 D-RT-08")]
    public async Task A_chain_is_derived_again_from_the_archive_alone_and_by_another_node_from_its_api()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.Batcher.Carrier = Carrier.Blobs;
        net.Batcher.MaxFrameData = 700;
        for (int round = 0; round < 3; round++)
        {
            await net.Sequencer.BuildAsync(4);
            await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, TestRollup.Inbox, data: new byte[500]));
            await net.Sequencer.BuildToL1HeadAsync();
            net.L1.Mine(await net.Batcher.SubmitAllAsync());
        }

        L2BlockRef expected = net.Sequencer.Unsafe;
        long kept;
        using (BlobArchive archive = BlobArchive.Open(_folder, TestRollup.L1ChainId, new NativeKzg(), NullLogger.Instance))
        {
            await using HttpHost beacon = await ServeAsync(net.L1);
            using BeaconNodes nodes = NodesAt(beacon);
            Assert.Equal(expected, await DeriveAsync(net, new BlobSource(nodes, archive, NullLogger.Instance), expected.Number));
            kept = archive.Count;
            Assert.True(kept >= 3);
        }

        // the Beacon node is gone; the archive was closed and is opened again
        using (BlobArchive archive = BlobArchive.Open(_folder, TestRollup.L1ChainId, new NativeKzg(), NullLogger.Instance))
        {
            Assert.Equal(kept, archive.Count);
            Assert.Equal(expected, await DeriveAsync(net, new BlobSource(null, archive, NullLogger.Instance), expected.Number));

            using var api = new BlobArchiveApi(archive, "Opal/blob-archive");
            await using HttpHost host = await HttpHost.StartAsync([new HttpBinding("blob-archive", "127.0.0.1", 0, api.HandleAsync)], NullLoggerFactory.Instance);
            using BeaconNodes nodes = NodesAt(host);
            Assert.Equal(expected, await DeriveAsync(net, new BlobSource(nodes, null, NullLogger.Instance), expected.Number));
            Assert.Equal(kept, archive.Count);
        }
    }
}
