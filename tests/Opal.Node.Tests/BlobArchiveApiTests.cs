using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node.Tests;

/// <summary>The archive over HTTP.</summary>
public sealed class BlobArchiveApiTests : IAsyncLifetime, IDisposable
{
    private static readonly NativeKzg Kzg = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("opal-blobs").FullName;
    private readonly TestBlob _a = new(1, Kzg), _b = new(2, Kzg);
    private readonly BlobArchive _archive;
    private readonly BlobArchiveApi _api;
    private HttpHost? _host;

    public BlobArchiveApiTests()
    {
        _archive = BlobArchive.Open(_folder, 900, Kzg, NullLogger.Instance);
        _api = new BlobArchiveApi(_archive, "Opal/blob-archive/test");
    }

    public async Task InitializeAsync()
    {
        _host = await HttpHost.StartAsync([new HttpBinding("blob-archive", "127.0.0.1", 0, _api.HandleAsync)], NullLoggerFactory.Instance);
    }

    public async Task DisposeAsync() => await _host!.DisposeAsync();

    public void Dispose()
    {
        _api.Dispose();
        _archive.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Uri Url => new($"http://127.0.0.1:{_host!.PortOf(0)}/");

    private void Fill() => _archive.Keep(
        new BeaconClock(1000, 12), 7, [new ArchivedBlob(2, _a.Hash, _a.Verified), new ArchivedBlob(5, _b.Hash, _b.Verified)], new HashSet<Hash256> { _a.Hash, _b.Hash });

    private async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path)
    {
        using var http = new HttpClient { BaseAddress = Url };
        using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync()));
    }

    [Fact]
    public async Task A_beacon_client_gets_the_clock_and_blobs_and_sidecars()
    {
        Fill();
        using var client = new BeaconClient(Url);
        Assert.Equal(new BeaconClock(1000, 12), await client.ClockAsync());
        Assert.Equal(900UL, await client.ChainIdAsync());
        Assert.Equal("Opal/blob-archive/test", await client.VersionAsync());
        BeaconBlobs picked = await client.GetBlobsAsync(7, [_b.Hash], [5]);
        Assert.Equal(_b.Bytes, Assert.Single(picked.Blobs).Blob);
        Assert.Equal(2, (await client.GetBlobsAsync(7, [_a.Hash, _b.Hash], [2, 5])).Blobs.Count);
        BeaconBlobs none = await client.GetBlobsAsync(8, [_a.Hash], [0]);
        Assert.Empty(none.Blobs);
        Assert.Contains("no blobs of slot 8", none.Absence);
        Assert.Empty((await client.GetBlobsAsync(7, [Ids.Hash(1, 1)], [0])).Blobs);
    }

    [Fact]
    public async Task Sidecars_have_what_an_archive_can_know()
    {
        Fill();
        (HttpStatusCode status, JsonElement body) = await GetAsync("eth/v1/beacon/blob_sidecars/7?indices=5");
        Assert.Equal(HttpStatusCode.OK, status);
        JsonElement sidecar = Assert.Single(body.GetProperty("data").EnumerateArray());
        Assert.Equal("5", sidecar.GetProperty("index").GetString());
        Assert.Equal(Hex.Encode(_b.Bytes), sidecar.GetProperty("blob").GetString());
        Assert.Equal(Hex.Encode(_b.Commitment), sidecar.GetProperty("kzg_commitment").GetString());
        Assert.Equal(Hex.Encode(_b.Proof), sidecar.GetProperty("kzg_proof").GetString());
        Assert.Equal("7", sidecar.GetProperty("signed_block_header").GetProperty("message").GetProperty("slot").GetString());
        Assert.Equal(17, sidecar.GetProperty("kzg_commitment_inclusion_proof").GetArrayLength());
        Assert.Equal(2, (await GetAsync("eth/v1/beacon/blob_sidecars/7")).Body.GetProperty("data").GetArrayLength());
        Assert.Equal(2, (await GetAsync("eth/v1/beacon/blob_sidecars/7?indices=5,2")).Body.GetProperty("data").GetArrayLength());
        Assert.Equal(0, (await GetAsync("eth/v1/beacon/blob_sidecars/7?indices=0")).Body.GetProperty("data").GetArrayLength());
        Assert.Equal(2, (await GetAsync("eth/v1/beacon/blobs/7")).Body.GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData("eth/v1/beacon/blobs/head", 400, "slot numbers alone")]
    [InlineData("eth/v1/beacon/blobs/0x0101010101010101010101010101010101010101010101010101010101010101", 400, "slot numbers alone")]
    [InlineData("eth/v1/beacon/blob_sidecars/finalized", 400, "slot numbers alone")]
    [InlineData("eth/v1/beacon/blob_sidecars/18446744073709551616", 400, "slot numbers alone")]
    [InlineData("eth/v1/beacon/blob_sidecars/7?indices=x", 400, "no index of a blob")]
    [InlineData("eth/v1/beacon/blobs/7?versioned_hashes=0x01", 400, "no hash of 32 bytes")]
    [InlineData("eth/v1/beacon/blobs/8", 404, "no blobs of slot 8")]
    [InlineData("eth/v1/beacon/blob_sidecars/18446744073709551615", 404, "no blobs of slot")]
    [InlineData("eth/v1/beacon/headers/7", 404, "archive of blobs")]
    [InlineData("", 404, "archive of blobs")]
    public async Task What_it_does_not_have_or_know_is_refused_clearly(string path, int status, string message)
    {
        Fill();
        (HttpStatusCode answered, JsonElement body) = await GetAsync(path);
        Assert.Equal((HttpStatusCode)status, answered);
        Assert.Equal(status, body.GetProperty("code").GetInt32());
        Assert.Contains(message, body.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Empty_it_has_no_clock_and_nothing_is_written_over_http()
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("eth/v1/beacon/genesis")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("eth/v1/config/spec")).Status);
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.PostAsync(new Uri(Url, "eth/v1/beacon/blobs/7"), null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task A_second_node_reads_from_it_as_from_a_beacon_node()
    {
        Fill();
        using var nodes = new BeaconNodes([new BeaconClient(Url)], Kzg, 900, TimeProvider.System, NullLogger.Instance);
        var need = new NeedBlobs(new L1BlockRef(Ids.Hash(1, 5), 5, default, 1000 + (7 * 12)), [_b.Hash, _a.Hash], [5, 2]);
        L1Blobs? blobs = await new BlobSource(nodes, null, NullLogger.Instance).BlobsAsync(need, default);
        Assert.Equal([_b.Bytes, _a.Bytes], blobs!.Blobs.Select(blob => blob.ToArray()));
        Assert.Null(await new BlobSource(nodes, null, NullLogger.Instance).BlobsAsync(need with { Block = need.Block with { Timestamp = 5000 } }, default));
    }
}
