using Microsoft.Extensions.Logging.Abstractions;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

/// <summary>Several Beacon nodes in place of one.</summary>
public sealed class BeaconNodesTests : IAsyncLifetime
{
    private readonly TestBlob _a = new(1), _b = new(2), _c = new(3);
    private readonly FirstBytes _kzg = new();
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(5000));
    private readonly FakeBeacon[] _nodes = new FakeBeacon[3];

    public async Task InitializeAsync()
    {
        for (int i = 0; i < _nodes.Length; i++) _nodes[i] = await FakeBeacon.StartAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (FakeBeacon node in _nodes) await node.DisposeAsync();
    }

    private BeaconNodes Together(int count = 3, params Uri[] before) =>
        new([.. before.Select(url => new BeaconClient(url)), .. _nodes.Take(count).Select(node => node.Client())], _kzg, 900, _time, NullLogger.Instance);

    private static NeedBlobs Need(ulong slot, params TestBlob[] blobs) =>
        new(new L1BlockRef(Ids.Hash(1, slot), slot, default, 1000 + (12 * slot)), [.. blobs.Select(blob => blob.Hash)], [.. blobs.Select((_, i) => i)]);

    private static async Task<byte[][]?> GetAsync(BeaconNodes nodes, NeedBlobs need) =>
        (await new BlobSource(nodes, null, NullLogger.Instance).BlobsAsync(need, default))?.Blobs.Select(blob => blob.ToArray()).ToArray();

    [Fact]
    [Case("D-RT-08")]
    public async Task Blobs_of_several_nodes_are_put_together_in_the_order_asked()
    {
        _nodes[0].Serve(5, _b);
        _nodes[1].Serve(5);
        _nodes[2].Serve(5, _c, _a);
        using BeaconNodes nodes = Together();
        Assert.Equal([_a.Bytes, _b.Bytes, _c.Bytes, _b.Bytes], (await GetAsync(nodes, Need(5, _a, _b, _c, _b)))!);
        string last = Assert.Single(_nodes[2].Asked);
        Assert.Contains(_a.Hash.ToString(), last);
        Assert.DoesNotContain(_b.Hash.ToString(), last); // only what is missing is asked for
    }

    [Fact]
    [Case("D-RT-08")]
    public async Task That_there_are_none_is_believed_only_when_every_node_has_answered()
    {
        using BeaconNodes nodes = Together();
        _nodes[1].Serve(5);
        _nodes[2].Serve(5, _a);
        Assert.Null(await GetAsync(nodes, Need(5, _a, _b)));
        Assert.All(_nodes, node => Assert.NotEmpty(node.Asked));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(403)]
    [InlineData(0)]
    [Case("D-RT-09")]
    public async Task A_node_without_a_usable_answer_makes_it_a_retry_that_names_all(int status)
    {
        _nodes[1].Status = status;
        using BeaconNodes nodes = Together(3, new Uri("http://127.0.0.1:9/"));
        SourceException error = await Assert.ThrowsAsync<SourceException>(() => GetAsync(nodes, Need(5, _a)));
        Assert.Contains("http://127.0.0.1:9", error.Message);
        Assert.Contains("HTTP status 404", error.Message);
        Assert.Contains(status == 0 ? "no answer within" : $"HTTP status {status}", error.Message);
        Assert.All(_nodes, node => Assert.Contains($":{node.Url.Port}", error.Message));
        Assert.Contains("1 of 1 blobs of L1 block 5", error.Message);
    }

    [Fact]
    [Case("D-RT-10")]
    public async Task What_fails_its_check_is_thrown_away_and_the_next_node_is_asked()
    {
        _nodes[0].Serve(5, _c);
        _nodes[1].Answers["blob_sidecars/5"] = $$"""{"data":[{{_a.SidecarJson(blob: _c.Bytes)}}]}""";
        using BeaconNodes nodes = Together();
        SourceException error = await Assert.ThrowsAsync<SourceException>(() => GetAsync(nodes, Need(5, _a)));
        Assert.Contains("commitments give other hashes than asked for", error.Message);
        Assert.Contains($"does not match its commitment, for {_a.Hash}", error.Message);
        _nodes[2].Serve(5, _a);
        Assert.Equal([_a.Bytes], (await GetAsync(nodes, Need(5, _a)))!);
    }

    [Fact]
    [Case("D-RT-10")]
    public async Task Something_that_is_no_blob_is_a_fault()
    {
        _c.Bytes[0] = 0xff;
        _nodes[0].Serve(5, _c);
        using BeaconNodes nodes = Together(1);
        Assert.Contains("no blob", (await Assert.ThrowsAsync<SourceException>(() => GetAsync(nodes, Need(5, _a)))).Message);
    }

    [Fact]
    public async Task Sidecars_with_proofs_are_checked_together_and_stubs_of_proofs_one_by_one()
    {
        _nodes[0].Answers["blob_sidecars/5"] = $$"""{"data":[{{_a.SidecarJson()}},{{_b.SidecarJson()}},{{_c.SidecarJson()}}]}""";
        using BeaconNodes nodes = Together(1);
        Assert.Equal([_a.Bytes, _c.Bytes], (await GetAsync(nodes, Need(5, _a, _c)))!);
        Assert.Equal(0, _kzg.Commitments);
        _nodes[0].Answers["blob_sidecars/5"] = $$"""{"data":[{{_a.SidecarJson(new byte[48])}},{{_b.SidecarJson()}},{{_c.SidecarJson()}}]}""";
        Assert.Equal([_a.Bytes, _c.Bytes], (await GetAsync(nodes, Need(5, _a, _c)))!);
        Assert.Equal(2, _kzg.Commitments); // another transaction's sidecar costs nothing
    }

    [Fact]
    public async Task A_node_that_failed_is_asked_last_until_its_wait_is_over()
    {
        _nodes[0].Status = 500;
        for (ulong slot = 5; slot < 9; slot++) _nodes[1].Serve(slot, _a);
        using BeaconNodes nodes = Together(2);
        await GetAsync(nodes, Need(5, _a));
        Assert.Single(_nodes[0].Asked);
        await GetAsync(nodes, Need(6, _a));
        Assert.Single(_nodes[0].Asked);
        _time.Advance(TimeSpan.FromSeconds(31));
        await GetAsync(nodes, Need(7, _a));
        Assert.Equal(2, _nodes[0].Asked.Count);

        // mended: after its wait it is the first again
        _nodes[0].Serve(8, _a);
        _time.Advance(TimeSpan.FromMinutes(2));
        int before = _nodes[1].Asked.Count;
        await GetAsync(nodes, Need(8, _a));
        Assert.Equal(before, _nodes[1].Asked.Count);
    }

    [Fact]
    public async Task A_node_that_dropped_old_blobs_is_asked_after_those_that_have_them()
    {
        foreach (ulong slot in (ulong[])[5, 6, 5 + BeaconNodes.LackSlots]) _nodes[1].Serve(slot, _a);
        using BeaconNodes nodes = Together(2);
        await GetAsync(nodes, Need(5, _a));
        int asked = _nodes[0].Asked.Count;
        await GetAsync(nodes, Need(6, _a));
        Assert.Equal(asked, _nodes[0].Asked.Count);
        await GetAsync(nodes, Need(5 + BeaconNodes.LackSlots, _a));
        Assert.True(_nodes[0].Asked.Count > asked);
    }

    [Fact]
    public async Task Any_node_may_tell_the_clock()
    {
        _nodes[0].Answers.Clear();
        _nodes[1].Answers.Remove("spec");
        _nodes[1].Serve(5, _a);
        using BeaconNodes nodes = Together(2);
        Assert.Contains("config/spec", (await Assert.ThrowsAsync<SourceException>(() => GetAsync(nodes, Need(5, _a)))).Message);
        using BeaconNodes three = Together();
        Assert.Equal([_a.Bytes], (await GetAsync(three, Need(5, _a)))!);
        NeedBlobs early = Need(5, _a) with { Block = Ids.L1(7) };
        Assert.Contains("before the beacon chain's genesis", (await Assert.ThrowsAsync<SourceException>(() => GetAsync(three, early))).Message);
    }

    [Fact]
    public async Task Without_a_beacon_node_the_error_names_the_option()
    {
        var source = new BlobSource(null, null, NullLogger.Instance);
        Assert.Contains("l1.beacon", (await Assert.ThrowsAsync<SourceException>(() => source.BlobsAsync(Need(5, _a), default))).Message);
    }
}
