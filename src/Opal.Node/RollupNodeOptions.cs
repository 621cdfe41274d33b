using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>What a rollup node is made of, besides its connections. Immutable.</summary>
public sealed record RollupNodeOptions
{
    /// <summary>The rollup (rollup.json).</summary>
    public required RollupConfig Rollup { get; init; }

    /// <summary>When and how L1's blob fee parameters change (rollup.l1-chain-config, or known by the L1 chain id).</summary>
    public required BlobSchedule L1Blobs { get; init; }

    /// <summary>The network upgrade transactions installed here.</summary>
    public NetworkUpgrades Upgrades { get; init; } = NetworkUpgrades.None;

    /// <summary>Block production.</summary>
    public SequencerOptions Sequencer { get; init; } = new();

    /// <summary>Decides whether this sequencer leads (conductor.*); null where there is one sequencer only.</summary>
    public IConductor? Conductor { get; init; }

    /// <summary>Derivation.</summary>
    public DriverOptions Driver { get; init; } = new();

    /// <summary>How L1's head is followed.</summary>
    public L1WatcherOptions L1 { get; init; } = L1WatcherOptions.Default;

    /// <summary>L1 headers remembered (l1.cache-size).</summary>
    public int L1CacheSize { get; init; } = 900;

    /// <summary>Where the node's own methods are served; null serves them in the process alone (<see cref="RollupNode.Registry"/>).</summary>
    public RpcEndpoint? Rpc { get; init; }

    /// <summary>Whether the operator's methods are there (rpc.enable-admin).</summary>
    public bool EnableAdmin { get; init; }

    /// <summary>Whose unsafe blocks are followed (l2.follow.source, l2.follow.feed); null follows nobody.</summary>
    public IUnsafeSource? Follow { get; init; }

    /// <summary>The key that the sequencer signs its blocks with (p2p.sequencer.key); null signs none, and feeds nobody.</summary>
    public IPayloadSigner? Signer { get; init; }

    /// <summary>The signed blocks that nodes which follow this one are given.</summary>
    public UnsafeFeed Feed { get; init; } = new();

    /// <summary>Changes the least level that is logged, for admin_setLogLevel: trace, debug, info, warn, error or crit; false for another name. Null when nobody can change it.</summary>
    public Func<string, bool>? SetLogLevel { get; init; }

    /// <summary>Answer of optimism_version.</summary>
    public string Version { get; init; } = "opal";

    /// <summary>What the node keeps on disk; null keeps it in memory, and a restart begins with a walk back.</summary>
    public NodeFiles? Files { get; init; }
}
