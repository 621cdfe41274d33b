using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.JsonRpc.Tests;

public class BeaconClientTests
{
    private const string Genesis = """{"data":{"genesis_time":"1000","genesis_validators_root":"0x00"}}""";
    private const string Spec = """{"data":{"SECONDS_PER_SLOT":"12"}}""";
    private static readonly Hash256 Wanted = Hash256.Parse("0x01" + new string('2', 62));

    private static string Blob(char digit) => "0x" + new string(digit, 2 * 131_072);

    /// <summary>A beacon node that answers paths from a table; a path without an entry is 404.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private HttpHost? _host;

        public Dictionary<string, string> Answers { get; } = new() { ["/eth/v1/beacon/genesis"] = Genesis, ["/eth/v1/config/spec"] = Spec };

        public List<string> Asked { get; } = [];

        public int Status { get; set; } = 404;

        public Uri Url => new($"http://127.0.0.1:{_host!.PortOf(0)}/base?key=secret");

        public static async Task<Node> StartAsync()
        {
            var node = new Node();
            node._host = await HttpHost.StartAsync([new HttpBinding("beacon", "127.0.0.1", 0, node.AnswerAsync)], NullLoggerFactory.Instance);
            return node;
        }

        private async Task AnswerAsync(HttpContext context)
        {
            string path = context.Request.Path.Value!["/base".Length..];
            lock (Asked) Asked.Add(path + context.Request.QueryString);
            if (Answers.TryGetValue(path, out string? answer)) await context.Response.WriteAsync(answer);
            else
            {
                context.Response.StatusCode = Status;
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
        Assert.Equal(0UL, await client.SlotAtAsync(1000));
        Assert.Equal(3UL, await client.SlotAtAsync(1047));
        Assert.Equal(2, node.Asked.Count);
        Assert.All(node.Asked, path => Assert.EndsWith("?key=secret", path));
        await Assert.ThrowsAsync<RpcTransportException>(() => client.SlotAtAsync(999));
    }

    [Fact]
    public async Task Newer_nodes_are_asked_for_the_blobs_by_hash()
    {
        await using Node node = await Node.StartAsync();
        node.Answers["/eth/v1/beacon/blobs/3"] = $$"""{"data":["{{Blob('1')}}"]}""";
        using var client = new BeaconClient(node.Url);
        BeaconBlob blob = Assert.Single(await client.GetBlobsAsync(1036, [Wanted, Wanted]));
        Assert.Equal(0x11, blob.Blob[5]);
        Assert.Null(blob.Commitment);
        Assert.Contains($"/eth/v1/beacon/blobs/3?versioned_hashes={Wanted}&key=secret", node.Asked);
    }

    [Fact]
    public async Task Older_nodes_give_sidecars_and_are_remembered()
    {
        await using Node node = await Node.StartAsync();
        node.Answers["/eth/v1/beacon/blob_sidecars/3"] = $$"""{"data":[{"index":"0","blob":"{{Blob('2')}}","kzg_commitment":"0x{{new string('3', 96)}}","kzg_proof":"0x{{new string('4', 96)}}"}]}""";
        using var client = new BeaconClient(node.Url);
        Assert.Equal(0x33, Assert.Single(await client.GetBlobsAsync(1036, [Wanted])).Commitment![0]);
        await client.GetBlobsAsync(1036, [Wanted]);
        Assert.Single(node.Asked, path => path.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_fallback_gives_what_the_first_node_has_no_longer()
    {
        await using Node first = await Node.StartAsync(), archive = await Node.StartAsync();
        first.Answers["/eth/v1/beacon/blob_sidecars/3"] = """{"data":[]}""";
        archive.Answers["/eth/v1/beacon/blobs/3"] = $$"""{"data":["{{Blob('1')}}"]}""";
        using var client = new BeaconClient(first.Url, new BeaconClientOptions { Fallbacks = [archive.Url] });
        Assert.Single(await client.GetBlobsAsync(1036, [Wanted]));
    }

    [Theory]
    [InlineData(404, false)]
    [InlineData(503, true)]
    public async Task What_every_node_said_is_told(int status, bool transient)
    {
        await using Node node = await Node.StartAsync();
        node.Status = status;
        using var client = new BeaconClient(node.Url);
        RpcTransportException error = await Assert.ThrowsAsync<RpcTransportException>(() => client.GetBlobsAsync(1036, [Wanted]));
        Assert.Contains("blobs of slot 3", error.Message);
        Assert.Contains($"HTTP status {status}", error.Message);
        Assert.DoesNotContain("secret", error.Message);
        Assert.Equal(transient, error.IsTransient);
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
        Assert.Contains("malformed", (await Assert.ThrowsAsync<RpcTransportException>(() => client.GetBlobsAsync(1036, [Wanted]))).Message);
    }

    [VectorFact]
    public async Task A_real_answer_is_read()
    {
        byte[] text = Vectors.Read("derivation/beacon-blob-sidecars-goerli-7422094.json.gz");
        int expected = JsonElement.Parse(text).GetProperty("data").GetArrayLength();
        await using Node node = await Node.StartAsync();
        node.Answers["/eth/v1/beacon/blob_sidecars/3"] = System.Text.Encoding.UTF8.GetString(text);
        using var client = new BeaconClient(node.Url);
        IReadOnlyList<BeaconBlob> blobs = await client.GetBlobsAsync(1036, [Wanted]);
        Assert.Equal(expected, blobs.Count);
        Assert.All(blobs, b => Assert.Equal((131_072, 48), (b.Blob.Length, b.Commitment!.Length)));
    }
}
