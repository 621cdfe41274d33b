using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.Cli.Tests.Flags;
using Opal.Testing;

namespace Opal.Cli.Tests.Node;

/// <summary>The rollup node's whole flag table, and op-node's flags in it.</summary>
public sealed class NodeFlagTests() : RoleFlagTests(NodeFlags.Table, "node.md", "Node")
{
    /// <summary>op-node's flags in use: name, variable without OP_NODE_, default; * where a default of our own is right.</summary>
    private const string Common = """
        l1 L1_ETH_RPC http://127.0.0.1:8545
        l1.beacon L1_BEACON -
        l1.beacon-header L1_BEACON_HEADER -
        l1.beacon.ignore L1_BEACON_IGNORE false
        l1.beacon.fetch-all-sidecars L1_BEACON_FETCH_ALL_SIDECARS false
        l1.beacon-fallbacks L1_BEACON_FALLBACKS -
        l1.beacon-archiver L1_BEACON_ARCHIVER -
        l1.trustrpc L1_TRUST_RPC false
        l1.rpckind L1_RPC_KIND standard
        l1.rpc-rate-limit L1_RPC_RATE_LIMIT 0
        l1.rpc-max-batch-size L1_RPC_MAX_BATCH_SIZE 20
        l1.max-concurrency L1_MAX_CONCURRENCY 10
        l1.http-poll-interval L1_HTTP_POLL_INTERVAL 12s
        l1.cache-size L1_CACHE_SIZE 900
        l1.epoch-poll-interval L1_EPOCH_POLL_INTERVAL 6m24s
        l1.runtime-config-reload-interval L1_RUNTIME_CONFIG_RELOAD_INTERVAL 10m
        l2 L2_ENGINE_RPC -
        l2.jwt-secret L2_ENGINE_AUTH -
        l2.enginekind L2_ENGINE_KIND geth
        l2.engine-rpc-timeout L2_ENGINE_RPC_TIMEOUT 10s
        network NETWORK -
        rollup.config ROLLUP_CONFIG -
        rollup.l1-chain-config ROLLUP_L1_CHAIN_CONFIG -
        rollup.halt ROLLUP_HALT -
        rollup.load-protocol-versions ROLLUP_LOAD_PROTOCOL_VERSIONS false
        override.canyon OVERRIDE_CANYON -
        override.delta OVERRIDE_DELTA -
        override.ecotone OVERRIDE_ECOTONE -
        override.fjord OVERRIDE_FJORD -
        override.granite OVERRIDE_GRANITE -
        override.holocene OVERRIDE_HOLOCENE -
        override.pectrablobschedule OVERRIDE_PECTRABLOBSCHEDULE -
        override.isthmus OVERRIDE_ISTHMUS -
        override.jovian OVERRIDE_JOVIAN -
        override.karst OVERRIDE_KARST -
        override.interop OVERRIDE_INTEROP -
        syncmode SYNCMODE consensus-layer
        verifier.l1-confs VERIFIER_L1_CONFS 0
        sequencer.enabled SEQUENCER_ENABLED false
        sequencer.stopped SEQUENCER_STOPPED false
        sequencer.l1-confs SEQUENCER_L1_CONFS 4
        sequencer.max-safe-lag SEQUENCER_MAX_SAFE_LAG 0
        sequencer.recover SEQUENCER_RECOVER false
        conductor.enabled CONDUCTOR_ENABLED false
        conductor.rpc CONDUCTOR_RPC http://127.0.0.1:8547
        conductor.rpc-timeout CONDUCTOR_RPC_TIMEOUT 1s
        rpc.addr RPC_ADDR 127.0.0.1
        rpc.port RPC_PORT 9545
        rpc.enable-admin RPC_ENABLE_ADMIN false
        rpc.admin-state RPC_ADMIN_STATE -
        safedb.path SAFEDB_PATH -
        metrics.enabled METRICS_ENABLED false
        metrics.addr METRICS_ADDR 0.0.0.0
        metrics.port METRICS_PORT 7300
        pprof.enabled PPROF_ENABLED false
        pprof.addr PPROF_ADDR 0.0.0.0
        pprof.port PPROF_PORT 6060
        pprof.type PPROF_TYPE -
        pprof.path PPROF_PATH -
        log.level LOG_LEVEL info
        log.format LOG_FORMAT text
        log.color LOG_COLOR *
        log.pid LOG_PID false
        altda.enabled ALTDA_ENABLED false
        altda.da-server ALTDA_DA_SERVER -
        altda.verify-on-read ALTDA_VERIFY_ON_READ true
        altda.da-service ALTDA_DA_SERVICE false
        altda.put-timeout ALTDA_PUT_TIMEOUT 0s
        altda.get-timeout ALTDA_GET_TIMEOUT 0s
        altda.max-concurrent-da-requests ALTDA_MAX_CONCURRENT_DA_REQUESTS 1
        signer.endpoint SIGNER_ENDPOINT -
        signer.address SIGNER_ADDRESS -
        signer.header SIGNER_HEADER -
        p2p.disable P2P_DISABLE false
        p2p.sequencer.key P2P_SEQUENCER_KEY -
        p2p.no-discovery P2P_NO_DISCOVERY false
        p2p.listen.ip P2P_LISTEN_IP 0.0.0.0
        p2p.listen.tcp P2P_LISTEN_TCP_PORT 9222
        p2p.listen.udp P2P_LISTEN_UDP_PORT 0
        p2p.advertise.ip P2P_ADVERTISE_IP -
        p2p.advertise.tcp P2P_ADVERTISE_TCP *
        p2p.advertise.udp P2P_ADVERTISE_UDP *
        p2p.static P2P_STATIC -
        p2p.bootnodes P2P_BOOTNODES -
        p2p.priv.path P2P_PRIV_PATH opnode_p2p_priv.txt
        p2p.priv.raw P2P_PRIV_RAW -
        p2p.peerstore.path P2P_PEERSTORE_PATH opnode_peerstore_db
        p2p.discovery.path P2P_DISCOVERY_PATH opnode_discovery_db
        p2p.scoring P2P_PEER_SCORING light
        p2p.ban.peers P2P_PEER_BANNING true
        p2p.ban.threshold P2P_PEER_BANNING_THRESHOLD -100
        p2p.ban.duration P2P_PEER_BANNING_DURATION 1h
        p2p.netrestrict P2P_NETRESTRICT -
        p2p.mux P2P_MUX yamux,mplex
        p2p.security P2P_SECURITY noise
        p2p.peers.lo P2P_PEERS_LO 20
        p2p.peers.hi P2P_PEERS_HI 30
        p2p.peers.grace P2P_PEERS_GRACE 30s
        p2p.nat P2P_NAT false
        p2p.useragent P2P_AGENT *
        p2p.timeout.negotiation P2P_TIMEOUT_NEGOTIATION 10s
        p2p.timeout.accept P2P_TIMEOUT_ACCEPT 10s
        p2p.timeout.dial P2P_TIMEOUT_DIAL 10s
        p2p.gossip.mesh.d P2P_GOSSIP_MESH_D 8
        p2p.gossip.mesh.lo P2P_GOSSIP_MESH_DLO 6
        p2p.gossip.mesh.dhi P2P_GOSSIP_MESH_DHI 12
        p2p.gossip.mesh.dlazy P2P_GOSSIP_MESH_DLAZY 6
        p2p.gossip.mesh.floodpublish P2P_GOSSIP_FLOOD_PUBLISH false
        p2p.gossip.timestamp.threshold P2P_GOSSIP_TIMESTAMP_THRESHOLD 1m
        p2p.sync.req-resp P2P_SYNC_REQ_RESP true
        p2p.sync.onlyreqtostatic P2P_SYNC_ONLYREQTOSTATIC false
        p2p.ping P2P_PING true
        """;

    public static TheoryData<string, string, string> CommonFlags() => FlagChecks.Lines(Common);

    [Theory]
    [MemberData(nameof(CommonFlags))]
    public void Op_nodes_flags_have_its_variables_and_defaults(string name, string variable, string preset)
    {
        FlagChecks.IsAsUpstream(NodeFlags.Table, name, variable, preset);
        FlagDefinition flag = NodeFlags.Table[name];
        Assert.True(flag.Level is FlagLevel.Must or FlagLevel.Should || name == "override.interop", $"{name} is {flag.Level}");
    }

    [Fact]
    public void What_is_common_acts_or_loses_nothing_or_says_what_it_loses()
    {
        string[] without = ["altda.enabled"];
        string[] warned = ["rollup.load-protocol-versions", "rollup.halt", "p2p.static", "p2p.bootnodes", "p2p.priv.raw", "p2p.netrestrict", "pprof.enabled"];
        foreach (FlagDefinition flag in NodeFlags.Table.All.Where(flag => flag.Level is FlagLevel.Must or FlagLevel.Should))
        {
            bool expected = flag.Effect switch
            {
                FlagEffect.Refused => without.Contains(flag.Name),
                FlagEffect.Ignored => warned.Contains(flag.Name) || flag.Name.StartsWith("signer.", StringComparison.Ordinal),
                _ => true,
            };
            Assert.True(expected, $"{flag.Name} is {flag.Effect}");
        }
    }

    [Theory]
    [InlineData("--conductor.enabled", "--sequencer.enabled")]
    [InlineData("--conductor.enabled --sequencer.enabled --rpc.admin-state=x", "--rpc.admin-state")]
    [InlineData("--conductor.enabled --sequencer.enabled --conductor.rpc=ws://127.0.0.1:1", "http")]
    [InlineData("--l2.follow.feed=http://127.0.0.1:1 --l2.follow.source=http://127.0.0.1:2", "not both")]
    [InlineData("--l2.follow.feed=ws://127.0.0.1:1", "http")]
    [InlineData("--p2p.sequencer.key=0x12", "64 hexadecimal digits")]
    [InlineData("--p2p.sequencer.key=0x0000000000000000000000000000000000000000000000000000000000000000", "not a private key")]
    public void Flags_that_contradict_each_other_are_refused_with_the_way_out(string flags, string reason)
    {
        FlagValues values = FlagChecks.Parse(NodeFlags.Table, flags.Split(' '));
        FlagException error = Assert.Throws<FlagException>(() =>
        {
            NodeSettings.ConductorOf(values)?.Dispose();
            NodeSettings.FedBy(values)?.Dispose();
            NodeSettings.SignerOf(values);
        });
        Assert.Contains(reason, error.Message);
        Assert.DoesNotContain("0x12", error.Message); // a key is never repeated
    }

    [Theory]
    [InlineData("altda.enabled", "alternative DA is not built")]
    [InlineData("override.interop", "interop is not built")]
    public void What_is_not_built_refuses(string name, string reason)
    {
        string value = NodeFlags.Table[name].Kind == FlagKind.Bool ? "true" : "5";
        FlagException error = Assert.Throws<FlagException>(() => FlagChecks.Parse(NodeFlags.Table, [$"--{name}={value}"]));
        Assert.StartsWith($"--{name}: ", error.Message);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void What_has_no_meaning_any_more_warns()
    {
        string[] old =
        [
            "l2.engine-sync", "l2.skip-sync-start-check", "l2.backup-unsafe-sync-rpc", "l2.backup-unsafe-sync-rpc.trust-rpc", "beta.extra-networks", "heartbeat.enabled", "heartbeat.moniker",
            "heartbeat.url", "snapshotlog.file", "p2p.scoring.peers", "p2p.scoring.topics", "p2p.score.bands",
        ];
        Assert.Equal(old.Order(StringComparer.Ordinal), NodeFlags.Table.All.Where(flag => flag.Level == FlagLevel.Deprecated).Select(flag => flag.Name).Order(StringComparer.Ordinal));
        foreach (string name in old)
        {
            FlagValues values = FlagChecks.Parse(NodeFlags.Table, [$"--{name}={FlagChecks.Sample(NodeFlags.Table[name])}"]);
            Assert.Equal($"--{name} is accepted and has no effect: it has no meaning any more", Assert.Single(values.Warnings));
        }
    }
}
