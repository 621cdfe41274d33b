using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.Cli.Tests.Flags;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Protocol;

namespace Opal.Cli.Tests.Node;

/// <summary>What becomes of the flags' values.</summary>
public sealed class NodeSettingsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static FlagValues Parse(params string[] arguments) => FlagChecks.Parse(NodeFlags.Table, arguments);

    private static RollupConfig Rollup => Networks.TryFind("op-mainnet", out Network? network) ? network!.Rollup : throw new InvalidOperationException("not built in");

    private static RollupNodeOptions Node(params string[] arguments) => NodeSettings.NodeOf(Parse(arguments), Rollup, BlobSchedule.None, NetworkUpgrades.None);

    private NodeConnectionOptions Connect(params string[] arguments) =>
        NodeSettings.ConnectionsOf(Parse(["--l2=http://127.0.0.1:8551", $"--l2.jwt-secret={_folder.Write("jwt.txt", new string('7', 64))}", .. arguments]));

    [Fact]
    public void Without_flags_the_node_verifies_and_serves_this_machine_alone()
    {
        RollupNodeOptions options = Node();
        Assert.False(options.Sequencer.Enabled || options.EnableAdmin || options.Driver.EngineSync);
        Assert.Null(options.Driver.AdminState);
        Assert.Equal((4ul, 0ul, true), (options.Sequencer.L1Confirmations, options.Sequencer.MaxSafeLag, options.Sequencer.AutoRecover));
        Assert.Equal(("127.0.0.1", 9545), (options.Rpc!.Host, options.Rpc.Port));
        Assert.Equal(new L1WatcherOptions(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(384)), options.L1);
        Assert.Equal(900, options.L1CacheSize);
        NodeConnectionOptions connect = Connect();
        Assert.Equal([new Uri("http://127.0.0.1:8545")], connect.L1);
        Assert.Empty(connect.Beacons);
        Assert.False(connect.TrustL1 || connect.BeaconHttp.FetchAllBlobs);
        Assert.Equal((10, 20, TimeSpan.FromSeconds(10)), (connect.L1Http.MaxConcurrency, connect.L1Http.MaxBatchItems, connect.EngineTimeout));
        Assert.Equal(Enumerable.Repeat((byte)0x77, 32), connect.JwtSecret);
    }

    [Fact]
    public void Every_flag_of_the_nodes_parts_reaches_them()
    {
        RollupNodeOptions options = Node(
            "--sequencer.enabled", "--sequencer.stopped", "--sequencer.l1-confs=7", "--sequencer.max-safe-lag=8", "--sequencer.recover", "--sequencer.auto-recover=false", "--verifier.l1-confs=9",
            "--syncmode=execution-layer", "--syncmode.offset=10", $"--rpc.admin-state={_folder.PathOf("state.json")}", "--rpc.addr=0.0.0.0", "--rpc.port=11", "--rpc.enable-admin",
            "--l1.http-poll-interval=13s", "--l1.epoch-poll-interval=14s", "--l1.cache-size=1500");
        Assert.Equal(new SequencerOptions { Enabled = true, StartStopped = true, L1Confirmations = 7, MaxSafeLag = 8, Recover = true, AutoRecover = false }, options.Sequencer);
        Assert.Equal((9ul, true, 10ul), (options.Driver.VerifierConfirmations, options.Driver.EngineSync, options.Driver.EngineSyncOffset));
        Assert.NotNull(options.Driver.AdminState);
        Assert.Equal(("0.0.0.0", 11, true), (options.Rpc!.Host, options.Rpc.Port, options.EnableAdmin));
        Assert.Equal(new L1WatcherOptions(TimeSpan.FromSeconds(13), TimeSpan.FromSeconds(14)), options.L1);
        Assert.Equal(1500, options.L1CacheSize);
    }

    [Fact]
    public void Every_flag_of_the_connections_reaches_them()
    {
        NodeConnectionOptions connect = Connect(
            "--l1=http://a:1,http://b:2", "--l1.trustrpc", "--l1.max-concurrency=3", "--l1.rpc-max-batch-size=4", "--l1.rpc-rate-limit=5.5", "--l2.engine-rpc-timeout=6s",
            "--l1.beacon=http://c:3,http://d:4", "--l1.beacon-archiver=http://e:5", "--l1.beacon-header=X-Key: secret, with a space", "--l1.beacon.fetch-all-sidecars");
        Assert.Equal(["a", "b"], connect.L1.Select(url => url.Host));
        Assert.Equal(["c", "d", "e"], connect.Beacons.Select(url => url.Host));
        Assert.Equal(("X-Key", "secret, with a space"), Assert.Single(connect.BeaconHttp.Headers) is var header ? (header.Key, header.Value) : default);
        Assert.True(connect.TrustL1 && connect.BeaconHttp.FetchAllBlobs);
        Assert.Equal((3, 4, 5.5), (connect.L1Http.MaxConcurrency, connect.L1Http.MaxBatchItems, connect.L1Http.MaxRequestsPerSecond));
        Assert.Equal(TimeSpan.FromSeconds(6), connect.EngineTimeout);
    }

    [Theory]
    [InlineData("--l2.jwt-secret-value=12", "64 hexadecimal digits")]
    [InlineData("--l1.rpc-rate-limit=-1", "no number of requests")]
    [InlineData("--l1.beacon=ws://a:1", "ws is not supported here")]
    [InlineData("--l1.beacon=http://a:1,nonsense", "--l1.beacon, URL 2: not a URL")]
    [InlineData("--l1.beacon-fallbacks=nonsense", "--l1.beacon-fallbacks: not a URL")]
    [InlineData("--l1.beacon-header=nonsense", "NAME: VALUE")]
    [InlineData("--l1=", "--l1=http")]
    [InlineData("--l2=", "--l2=http")]
    public void What_cannot_be_used_is_refused_by_name(string argument, string message)
    {
        FlagException error = Assert.Throws<FlagException>(() => NodeSettings.ConnectionsOf(Parse("--l2=http://127.0.0.1:8551", "--l2.jwt-secret-value=" + new string('7', 64), argument)));
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Two_nodes_of_a_machine_keep_apart_and_a_data_directory_is_taken_as_given()
    {
        string first = NodeSettings.DataDirectoryOf(Parse(), Rollup), second = NodeSettings.DataDirectoryOf(Parse("--rpc.port=9546"), Rollup);
        Assert.EndsWith("/.opal/node/10-9545", first);
        Assert.EndsWith("/.opal/node/10-9546", second);
        Assert.Equal(_folder.Root, NodeSettings.DataDirectoryOf(Parse($"--datadir={_folder.Root}"), Rollup));
    }

    [Fact]
    public async Task An_archive_is_opened_where_one_is_named_and_refused_where_it_cannot_be()
    {
        using var loggers = new Microsoft.Extensions.Logging.LoggerFactory();
        Assert.Null(await NodeBlobArchive.StartAsync(Parse(), Rollup, loggers, default));
        string folder = _folder.PathOf("blobs");
        FlagValues values = Parse($"--blob-archive={folder}", "--blob-archive.port=0");
        await using (NodeBlobArchive archive = (await NodeBlobArchive.StartAsync(values, Rollup, loggers, default))!)
        {
            Assert.Equal(1ul, archive.Archive.L1ChainId);
            NodeException error = await Assert.ThrowsAsync<NodeException>(() => NodeBlobArchive.StartAsync(values, Rollup, loggers, default));
            Assert.Contains(folder, error.Message);
        }

        await using NodeBlobArchive again = (await NodeBlobArchive.StartAsync(values, Rollup, loggers, default))!;
        Assert.Equal(0, again.Archive.Count);
    }

    [Fact]
    public void Fork_times_are_overridden_one_by_one()
    {
        RollupConfig rollup = RollupSource.Read(Parse("--network=op-mainnet", "--override.karst=1900000000", "--override.pectrablobschedule=5"));
        Assert.Equal((1_900_000_000ul, 5ul), (rollup.Forks.Karst, rollup.PectraBlobScheduleTime));
        Assert.Equal(Rollup.Forks.Jovian, rollup.Forks.Jovian);
        Assert.Contains("in order", Assert.Throws<FlagException>(() => RollupSource.Read(Parse("--network=op-mainnet", "--override.karst=5"))).Message);
        Assert.Contains("--network", Assert.Throws<FlagException>(() => RollupSource.Read(Parse())).Message);
        Assert.Contains("exclude each other", Assert.Throws<FlagException>(() => RollupSource.Read(Parse("--network=op-mainnet", "--rollup.config=x"))).Message);
    }
}
