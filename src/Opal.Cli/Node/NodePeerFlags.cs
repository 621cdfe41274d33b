using Opal.Cli.Flags;
using static Opal.Cli.Flags.FlagEffect;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.Node;

/// <summary>op-node's peer-to-peer flags: accepted, so that its start scripts work.</summary>
internal static class NodePeerFlags
{
    /// <summary>All of them.</summary>
    public static IEnumerable<FlagDefinition> All()
    {
        yield return new("p2p.disable", Bool, "false", Must, NodeFlags.Network, "No peer-to-peer network; there is none anyway") { Effect = Hint, Variables = ["P2P_DISABLE"] };
        yield return new("p2p.sequencer.key", Text, "", Must, NodeFlags.Network, "Key that signs the sequencer's unsafe blocks for the nodes that follow it with --l2.follow.feed") { IsSecret = true };
        foreach ((string name, string variable, string value) in s_ownPeerFlags)
        {
            yield return new(name, Text, value, Should, NodeFlags.Network, "Peer-to-peer network") { Effect = Ignored, Note = NodeFlags.NoPeers, Variables = [$"P2P_{variable}"], IsSecret = name.Contains("priv.raw", StringComparison.Ordinal) };
        }

        foreach ((string name, string variable, string value) in s_ownPeerSwitches)
        {
            yield return new(name, Bool, value, Should, NodeFlags.Network, "Peer-to-peer network") { Effect = Hint, Variables = [$"P2P_{variable}"] };
        }

        foreach ((string name, string variable, string value) in s_hintedPeerFlags)
        {
            yield return new(name, Text, value, Should, NodeFlags.Network, "Peer-to-peer network") { Effect = Hint, Variables = [$"P2P_{variable}"] };
        }
    }

    // what an operator counts on: a warning says that it has no effect
    private static readonly (string Name, string Variable, string Default)[] s_ownPeerFlags =
    [
        ("p2p.static", "STATIC", ""), ("p2p.bootnodes", "BOOTNODES", ""), ("p2p.priv.raw", "PRIV_RAW", ""), ("p2p.netrestrict", "NETRESTRICT", ""),
    ];

    private static readonly (string Name, string Variable, string Default)[] s_ownPeerSwitches =
    [
        ("p2p.no-discovery", "NO_DISCOVERY", "false"), ("p2p.ban.peers", "PEER_BANNING", "true"), ("p2p.nat", "NAT", "false"), ("p2p.gossip.mesh.floodpublish", "GOSSIP_FLOOD_PUBLISH", "false"),
        ("p2p.sync.req-resp", "SYNC_REQ_RESP", "true"), ("p2p.sync.onlyreqtostatic", "SYNC_ONLYREQTOSTATIC", "false"), ("p2p.ping", "PING", "true"),
    ];

    private static readonly (string Name, string Variable, string Default)[] s_hintedPeerFlags =
    [
        ("p2p.listen.ip", "LISTEN_IP", "0.0.0.0"), ("p2p.listen.tcp", "LISTEN_TCP_PORT", "9222"), ("p2p.listen.udp", "LISTEN_UDP_PORT", "0"),
        ("p2p.advertise.ip", "ADVERTISE_IP", ""), ("p2p.advertise.tcp", "ADVERTISE_TCP", ""), ("p2p.advertise.udp", "ADVERTISE_UDP", ""),
        ("p2p.priv.path", "PRIV_PATH", "opnode_p2p_priv.txt"), ("p2p.peerstore.path", "PEERSTORE_PATH", "opnode_peerstore_db"), ("p2p.discovery.path", "DISCOVERY_PATH", "opnode_discovery_db"),
        ("p2p.scoring", "PEER_SCORING", "light"), ("p2p.ban.threshold", "PEER_BANNING_THRESHOLD", "-100"), ("p2p.ban.duration", "PEER_BANNING_DURATION", "1h"),
        ("p2p.mux", "MUX", "yamux,mplex"), ("p2p.security", "SECURITY", "noise"), ("p2p.peers.lo", "PEERS_LO", "20"), ("p2p.peers.hi", "PEERS_HI", "30"), ("p2p.peers.grace", "PEERS_GRACE", "30s"),
        ("p2p.useragent", "AGENT", ""), ("p2p.timeout.negotiation", "TIMEOUT_NEGOTIATION", "10s"), ("p2p.timeout.accept", "TIMEOUT_ACCEPT", "10s"), ("p2p.timeout.dial", "TIMEOUT_DIAL", "10s"),
        ("p2p.gossip.mesh.d", "GOSSIP_MESH_D", "8"), ("p2p.gossip.mesh.lo", "GOSSIP_MESH_DLO", "6"), ("p2p.gossip.mesh.dhi", "GOSSIP_MESH_DHI", "12"), ("p2p.gossip.mesh.dlazy", "GOSSIP_MESH_DLAZY", "6"),
        ("p2p.gossip.timestamp.threshold", "GOSSIP_TIMESTAMP_THRESHOLD", "1m"),
    ];
}
