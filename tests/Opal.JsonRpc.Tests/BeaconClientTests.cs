using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.JsonRpc.Tests;

public class BeaconClientTests
{
    private const string Genesis = """{"data":{"genesis_time":"1000","genesis_validators_root":"0x00"}}""";
    private const string Spec = """{"data":{"SECONDS_PER_SLOT":"12","DEPOSIT_CHAIN_ID":"900"}}""";
    private static readonly Hash256 Wanted = Hash256.Parse("0x01" + new string('2', 62));

    private static string Blob(char digit) => "0x" + new string(digit, 2 * 131_072);

    private static string Sidecar(char digit) => $$"""{"index":"0","blob":"{{Blob(digit)}}","kzg_commitment":"0x{{new string('3', 96)}}","kzg_proof":"0x{{new string('4', 96)}}"}""";

    /// <summary>A beacon node that answers paths from a table; a path without an entry has a status of its own or the default one.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private HttpHost? _host;

        public Dictionary<string, string> Answers { get; } = new() { ["/eth/v1/beacon/genesis"] = Genesis, ["/eth/v1/config/spec"] = Spec };

        public Dictionary<string, int> Statuses { get; } = [];

        public List<string> Asked { get; } = [];

        public string? Authorization { get; private set; }

        public int Status { get; set; } = 404;

        public Uri Url => new($"http://user:pass%21@127.0.0.1:{_host!.PortOf(0)}/base?key=secret");

        public static async Task<Node> StartAsync()
        {
            var node = new Node();
            node._host = await HttpHost.StartAsync([new HttpBinding("beacon", "127.0.0.1", 0, node.AnswerAsync)], NullLoggerFactory.Instance);
            return node;
        }

        private async Task AnswerAsync(HttpContext context)
        {
            string path = context.Request.Path.Value!["/base".Length..];
            Authorization = context.Request.Headers.Authorization;
            lock (Asked) Asked.Add(path + context.Request.QueryString);
            if (Answers.TryGetValue(path, out string? answer)) await context.Response.WriteAsync(answer);
            else
            {
                context.Response.StatusCode = Statuses.GetValueOrDefault(path, Status);
                await context.Response.WriteAsync("""{"code":404,"message":"not found"}""");
            }
        }

        public ValueTask DisposeAsync() => _host!.DisposeAsync();
    }

    [Fact]
    public async Task The_slot_follows_from_the_L1_time()
    {
        await using Node node = await Node.StartAsync();
        using var client = new BeaconClient(node.Url);
        BeaconClock clock = await client.ClockAsync();
        Assert.True(clock.TrySlotAt(1000, out ulong slot));
        Assert.Equal(0UL, slot);
        Assert.True(clock.TrySlotAt(1047, out slot));
        Assert.Equal(3UL, slot);
        Assert.False(clock.TrySlotAt(999, out _));
        Assert.Equal(2, node.Asked.Count);
        Assert.All(node.Asked, path => Assert.EndsWith("?key=secret", path));
        Assert.Equal("Basic " + Convert.ToBase64String("user:pass!"u8), node.Authorization);
        Assert.Equal(900UL, await client.ChainIdAsync());
    }

    [Theory]
    [InlineData("""{"data":{"SLOT_DURATION_MS":"6000"}}""", 6)]
    [InlineData("""{"data":{"SLOT_DURATION_MS":"600"}}""", 0)]
    [InlineData("""{"data":{"SECONDS_PER_SLOT":"0"}}""", 0)]
    public async Task The_slots_length_has_two_names_and_is_never_zero(string spec, ulong seconds)
    {
        await using Node node = await Node.StartAsync();
        node.Answers["/eth/v1/config/spec"] = spec;
        using var client = new BeaconClient(node.Url);
        Assert.Null(await client.ChainIdAsync());
        if (seconds > 0) Assert.Equal(seconds, (await client.ClockAsync()).SecondsPerSlot);
        else await Assert.ThrowsAsync<RpcTransportException>(() => client.ClockAsync());
    }

    [Fact]
    public async Task Newer_nodes_are_asked_for_the_blobs_by_hash()
    {
        await using Node node = await Node.StartAsync();
        node.Answers["/eth/v1/beacon/blobs/3"] = $$"""{"data":["{{Blob('1')}}"]}""";
        using var client = new BeaconClient(node.Url);
        BeaconBlobs answer = await client.GetBlobsAsync(3, [Wanted, Wanted], [4, 4]);
        BeaconBlob blob = Assert.Single(answer.Blobs);
        Assert.Equal(0x11, blob.Blob[5]);
        Assert.Null(blob.Commitment);
        Assert.True(answer.Picked);
        Assert.Null(answer.Absence);
        Assert.Contains($"/eth/v1/beacon/blobs/3?versioned_hashes={Wanted}&key=secret", node.Asked);
    }

    [Fact]
    public async Task A_node_that_cannot_pick_is_asked_for_all()
    {
        await using Node node = await Node.StartAsync();
        node.Answers["/eth/v1/beacon/blobs/3"] = $$"""{"data":["{{Blob('1')}}"]}""";
        using var client = new BeaconClient(node.Url, new BeaconClientOptions { FetchAllBlobs = true });
        Assert.False((await client.GetBlobsAsync(3, [Wanted], [0])).Picked);
        Assert.Contains("/eth/v1/beacon/blobs/3?key=secret", node.Asked);
    }

    [Fact]
    public async Task Older_nodes_give_sidecars_and_are_remembered_until_they_give_blobs()
    {
        await using Node node = await Node.StartAsync();
        node.Answers["/eth/v1/beacon/blob_sidecars/3"] = $$"""{"data":[{{Sidecar('2')}}]}""";
        using var client = new BeaconClient(node.Url);
        BeaconBlobs answer = await client.GetBlobsAsync(3, [Wanted, Wanted], [5, 7]);
        Assert.Equal((0x33, 0x44, 0x22), (answer.Blobs[0].Commitment![0], answer.Blobs[0].Proof![0], answer.Blobs[0].Blob[0]));
        Assert.False(answer.Picked);
        Assert.Contains("/eth/v1/beacon/blob_sidecars/3?indices=5&indices=7&key=secret", node.Asked);
        await client.GetBlobsAsync(3, [Wanted], []);
        Assert.Contains("/eth/v1/beacon/blob_sidecars/3?key=secret", node.Asked);
        Assert.Single(node.Asked, path => path.Contains("/blobs/", StringComparison.Ordinal));

        // the node was upgraded: sidecars are gone
        node.Answers["/eth/v1/beacon/blob_sidecars/3"] = """{"data":[]}""";
        node.Answers["/eth/v1/beacon/blobs/3"] = $$"""{"data":["{{Blob('1')}}"]}""";
        Assert.Single((await client.GetBlobsAsync(3, [Wanted], [5])).Blobs);
        node.Asked.Clear();
        await client.GetBlobsAsync(3, [Wanted], [5]);
        Assert.Single(node.Asked);
    }

    // (status of blobs, status of blob_sidecars, whether that means that the node has not got them); 200 is an empty list, 0 text that is none
    [Theory]
    [InlineData(404, 404, true)]
    [InlineData(404, 400, true)]
    [InlineData(404, 410, true)]
    [InlineData(405, 404, true)]
    [InlineData(404, 200, true)]
    [InlineData(400, 200, true)]
    [InlineData(200, 500, true)]
    [InlineData(400, 400, false)]
    [InlineData(501, 405, false)]
    [InlineData(401, 401, false)]
    [InlineData(404, 403, false)]
    [InlineData(404, 500, false)]
    [InlineData(503, 404, false)]
    [InlineData(429, 200, false)]
    [InlineData(0, 404, false)]
    [InlineData(404, 0, false)]
    [InlineData(0, 200, false)]
    public async Task Only_an_answer_says_that_there_are_no_blobs(int blobs, int sidecars, bool absent)
    {
        await using Node node = await Node.StartAsync();
        foreach ((string endpoint, int status) in new[] { ("/eth/v1/beacon/blobs/3", blobs), ("/eth/v1/beacon/blob_sidecars/3", sidecars) })
        {
            if (status is 0 or 200) node.Answers[endpoint] = status == 0 ? "[]" : """{"data":[]}""";
            else node.Statuses[endpoint] = status;
        }

        using var client = new BeaconClient(node.Url);
        if (absent)
        {
            BeaconBlobs answer = await client.GetBlobsAsync(3, [Wanted], [0]);
            Assert.Empty(answer.Blobs);
            Assert.Contains("127.0.0.1", answer.Absence);
            return;
        }

        RpcTransportException error = await Assert.ThrowsAsync<RpcTransportException>(() => client.GetBlobsAsync(3, [Wanted], [0]));
        Assert.True(error.IsTransient);
        Assert.Contains("127.0.0.1", error.Message);
        Assert.Contains(new[] { blobs, sidecars }.Contains(0) ? "malformed" : "HTTP status", error.Message);
        Assert.DoesNotContain("secret", error.Message);
        Assert.DoesNotContain("pass", error.Message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("nonsense")]
    [InlineData("""{"data":["0x12"]}""")]
    public async Task Malformed_answers_are_refused(string answer)
    {
        await using Node node = await Node.StartAsync();
        node.Answers["/eth/v1/beacon/blobs/3"] = answer;
        using var client = new BeaconClient(node.Url);
        Assert.Contains("malformed", (await Assert.ThrowsAsync<RpcTransportException>(() => client.GetBlobsAsync(3, [Wanted], [0]))).Message);

        // an archive that gives sidecars alone, and nonsense for paths that it does not know
        node.Answers["/eth/v1/beacon/blob_sidecars/3"] = $$"""{"data":[{{Sidecar('2')}}]}""";
        Assert.Single((await client.GetBlobsAsync(3, [Wanted], [0])).Blobs);
    }

    [Fact]
    public async Task Nobody_there_and_a_node_that_hangs_are_told_apart_from_a_lack()
    {
        using var nobody = new BeaconClient(new Uri("http://127.0.0.1:9/"));
        Assert.True((await Assert.ThrowsAsync<RpcTransportException>(() => nobody.GetBlobsAsync(3, [Wanted], [0]))).IsTransient);
        await using HttpHost host = await HttpHost.StartAsync([new HttpBinding("hangs", "127.0.0.1", 0, context => Task.Delay(Timeout.Infinite, context.RequestAborted))], NullLoggerFactory.Instance);
        using var patient = new BeaconClient(new Uri($"http://127.0.0.1:{host.PortOf(0)}/"), new BeaconClientOptions { Timeout = TimeSpan.FromMilliseconds(200) });
        Assert.Contains("no answer within 0.2 s", (await Assert.ThrowsAsync<RpcTransportException>(() => patient.GetBlobsAsync(3, [Wanted], [0]))).Message);
    }

    [VectorFact]
    public async Task A_real_answer_is_read()
    {
        byte[] text = Vectors.Read("derivation/beacon-blob-sidecars-goerli-7422094.json.gz");
        int expected = JsonElement.Parse(text).GetProperty("data").GetArrayLength();
        await using Node node = await Node.StartAsync();
        node.Answers["/eth/v1/beacon/blob_sidecars/3"] = System.Text.Encoding.UTF8.GetString(text);
        using var client = new BeaconClient(node.Url);
        IReadOnlyList<BeaconBlob> blobs = (await client.GetBlobsAsync(3, [Wanted], [])).Blobs;
        Assert.Equal(expected, blobs.Count);
        Assert.All(blobs, b => Assert.Equal((131_072, 48, 48), (b.Blob.Length, b.Commitment!.Length, b.Proof!.Length)));
    }
}
