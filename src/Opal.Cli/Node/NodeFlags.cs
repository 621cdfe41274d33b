using Opal.Cli.Flags;
using static Opal.Cli.Flags.FlagEffect;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.Node;

/// <summary>The rollup node's flags: op-node's names, environment variables and defaults, and a few of its own.</summary>
internal static class NodeFlags
{
    public const string L1 = "L1", L2 = "L2", Rollup = "ROLLUP", Overrides = "FORK OVERRIDES", Sequencer = "SEQUENCER", Api = "RPC", Data = "DATA",
        Network = "PEER-TO-PEER", AltDa = "ALTERNATIVE DA AND INTEROP", Misc = SharedFlags.Misc, Old = "DEPRECATED";

    internal const string NoPeers = "this node has no peer-to-peer network yet; unsafe blocks come from the sequencer itself or from --l2.follow.source";
    private const string OldSignal = "op-node has dropped it; a node stops by itself before an upgrade that it has no transactions for ('opal upgrades list')";
    private const string NoInterop = "interop is not built: a rollup.json with interop_time is refused";

    private static readonly string[] Forks = ["canyon", "delta", "ecotone", "fjord", "granite", "holocene", "pectrablobschedule", "isthmus", "jovian", "karst"];

    /// <summary>The table.</summary>
    public static FlagTable Table { get; } = new("opal node", "OP_NODE_",
    [
        .. L1Flags(), .. L2Flags(), .. RollupFlags(), .. OverrideFlags(), .. SequencerFlags(), .. ApiFlags(), .. DataFlags(),
        .. SharedFlags.Metrics(), .. SharedFlags.Logging(), .. NodePeerFlags.All(), .. AltDaFlags(), .. MiscFlags(), .. OldFlags(),
    ]);

    private static IEnumerable<FlagDefinition> L1Flags() =>
    [
        new("l1", List, "http://127.0.0.1:8545", Must, L1, "JSON-RPC of L1, over http or ws; several URLs take over from one another") { Variables = ["L1_ETH_RPC"], IsSecret = true },
        new("l1.beacon", List, "", Must, L1, "Beacon API of L1, needed once batches come in blobs; several URLs take over from one another") { IsSecret = true },
        new("l1.beacon-header", Text, "", Should, L1, "Header sent to the Beacon API, NAME: VALUE") { IsSecret = true },
        new("l1.beacon-fallbacks", List, "", Must, L1, "Beacon APIs or blob archives asked for blobs that the first no longer has") { Aliases = ["l1.beacon-archiver"], IsSecret = true },
        new("l1.beacon.ignore", Bool, "false", Should, L1, "Start although the Beacon API does not answer or is not given"),
        new("l1.beacon.fetch-all-sidecars", Bool, "false", Should, L1, "Ask for all blobs of a block and pick here"),
        new("l1.trustrpc", Bool, "false", Must, L1, "Believe L1's answers without checking their hashes") { Variables = ["L1_TRUST_RPC"] },
        new("l1.rpckind", Choice, "standard", Must, L1, "Kind of provider: which methods are tried for a block's receipts")
        {
            Choices = ["standard", "alchemy", "quicknode", "infura", "parity", "nethermind", "debug_geth", "erigon", "basic", "any"], Variables = ["L1_RPC_KIND"],
        },
        new("l1.rpc-rate-limit", Text, "0", Should, L1, "Most requests a second to L1, 0 sets no limit"),
        new("l1.rpc-max-batch-size", Number, "20", Should, L1, "Most calls in one request to L1"),
        new("l1.max-concurrency", Number, "10", Should, L1, "Most requests to L1 at a time"),
        new("l1.http-poll-interval", Duration, "12s", Should, L1, "How often L1's head is looked at"),
        new("l1.cache-size", Number, "900", Should, L1, "L1 headers remembered"),
        new("l1.epoch-poll-interval", Duration, "6m24s", Should, L1, "How often L1's safe and finalized blocks are looked at"),
        new("l1.runtime-config-reload-interval", Duration, "10m", Should, L1, "How often the signer of unsafe blocks is read from L1"),
    ];

    private static IEnumerable<FlagDefinition> L2Flags() =>
    [
        new("l2", Url, "", Must, L2, "Engine API of the execution client, over http or ws") { Variables = ["L2_ENGINE_RPC"] },
        new("l2.jwt-secret", FilePath, "", Must, L2, "File of the Engine API's secret, 64 hex digits; made if absent or empty") { Variables = ["L2_ENGINE_AUTH"] },
        new("l2.jwt-secret-value", Text, "", Later, L2, "The secret itself; better given as a file") { Variables = ["L2_ENGINE_AUTH_RAW"], IsSecret = true },
        new("l2.enginekind", Choice, "geth", Should, L2, "Kind of execution client; the answers of all are understood") { Choices = ["geth", "reth", "erigon"], Effect = Hint, Variables = ["L2_ENGINE_KIND"] },
        new("l2.engine-rpc-timeout", Duration, "10s", Should, L2, "Time-out of one call to the engine"),
        new("l2.follow.source", Url, "", Should, L2, "Execution client whose unsafe blocks are followed, as long as there is no peer-to-peer network"),
        new("l2.follow.feed", Url, "", Should, L2, "Opal node whose signed unsafe blocks are followed; the signer is checked against L1's SystemConfig"),
        new("syncmode", Choice, "consensus-layer", Must, L2, "consensus-layer derives every block; execution-layer has the engine sync itself to the newest unsafe block first")
        {
            Choices = ["consensus-layer", "execution-layer"],
        },
        new("syncmode.offset", Number, "0", Later, L2, "Blocks by which the safe and finalized head trail the block that an execution-layer sync ended at"),
    ];

    private static IEnumerable<FlagDefinition> RollupFlags() =>
    [
        new("rollup.config", FilePath, "", Must, Rollup, "The rollup's rollup.json; this or --network"),
        new("network", Text, "", Must, Rollup, "Built-in network by its registry name; this or --rollup.config"),
        new("rollup.l1-chain-config", FilePath, "", Should, Rollup, "L1's chain configuration, for its blob schedule: a genesis.json or its config section; public L1s are known"),
        new("rollup.load-protocol-versions", Bool, "false", Should, Rollup, "Read the recommended and required protocol versions from L1") { Effect = Ignored, Note = OldSignal },
        new("rollup.halt", Choice, "", Should, Rollup, "How far behind a required protocol version the node stops") { Choices = ["major", "minor", "patch", "none", ""], Effect = Ignored, Note = OldSignal },
        new("upgrade-bundles", FilePath, "", Should, Rollup, "File of the network upgrade transactions; else OPAL_UPGRADE_BUNDLES, else what 'opal upgrades install' stored") { Variables = ["UPGRADE_BUNDLES"] },
        new("verifier.l1-confs", Number, "0", Must, Rollup, "L1 blocks kept between derivation and L1's head"),
    ];

    private static IEnumerable<FlagDefinition> OverrideFlags() =>
    [
        .. Forks.Select(fork => new FlagDefinition($"override.{fork}", Number, "", Must, Overrides, $"Time at which {char.ToUpperInvariant(fork[0])}{fork[1..]} activates, in seconds")),
        new("override.interop", Number, "", Later, Overrides, "Time at which Interop activates") { Effect = Refused, Note = NoInterop },
    ];

    private static IEnumerable<FlagDefinition> SequencerFlags() =>
    [
        new("sequencer.enabled", Bool, "false", Must, Sequencer, "Make blocks"),
        new("sequencer.stopped", Bool, "false", Must, Sequencer, "Make none before admin_startSequencer"),
        new("sequencer.l1-confs", Number, "4", Must, Sequencer, "L1 blocks kept between the newest L1 origin and L1's head"),
        new("sequencer.max-safe-lag", Number, "0", Must, Sequencer, "Unsafe blocks above the safe head at which production pauses, 0 sets no limit"),
        new("sequencer.recover", Bool, "false", Must, Sequencer, "Make the blocks that a missed sequencing window forces, without transactions, until told otherwise"),
        new("sequencer.auto-recover", Bool, "true", Should, Sequencer, "Turn to recover mode while a sequencing window has passed without a batch, and back"),
        new("conductor.enabled", Bool, "false", Must, Sequencer, "Make blocks only while a conductor says that this node leads, and pass on none that it has not agreed to"),
        new("conductor.rpc", Url, "http://127.0.0.1:8547", Must, Sequencer, "The conductor's JSON-RPC"),
        new("conductor.rpc-timeout", Duration, "1s", Must, Sequencer, "Time-out of one call to it"),
        new("experimental.sequencer-api", Bool, "false", Later, Sequencer, "Blocks made step by step over RPC") { Effect = Ignored, Note = "the sequencer makes its blocks itself" },
    ];

    private static IEnumerable<FlagDefinition> ApiFlags() =>
    [
        new("rpc.addr", Text, "127.0.0.1", Must, Api, "Address to listen on"),
        new("rpc.port", Number, "9545", Must, Api, "Port to listen on; 0 takes any free one"),
        new("rpc.enable-admin", Bool, "false", Must, Api, "Serve admin_*"),
        new("rpc.admin-state", FilePath, "", Must, Api, "File that keeps whether the sequencer runs, across restarts"),
        new("fetch-withdrawal-root-from-state", Bool, "false", Later, Api, "Read the withdrawals root by proof also where the header has it") { Effect = Hint },
    ];

    private static IEnumerable<FlagDefinition> DataFlags() =>
    [
        new("datadir", FilePath, "", Should, Data, "Folder of safe heads, derivation checkpoints and installed upgrades; created if absent (default ~/.opal/node/CHAINID-PORT)"),
        new("safedb.path", FilePath, "", Must, Data, "Folder of the safe heads by L1 block, where it shall lie apart") { Variables = ["SAFEDB_PATH"] },
        new("blob-archive", FilePath, "", Should, Data, "Folder in which every blob read is kept, to be read from there first, and served over the Beacon API at --blob-archive.port"),
        new("blob-archive.addr", Text, "127.0.0.1", Should, Data, "Address of the archive's Beacon API"),
        new("blob-archive.port", Number, "5052", Should, Data, "Port of the archive's Beacon API; 0 takes any free one"),
    ];

    private static IEnumerable<FlagDefinition> AltDaFlags() =>
    [
        .. SharedFlags.AltDa("Read data from an alternative DA server", AltDa),
        .. new[] { "endpoint", "address", "header", "tls.enabled", "tls.ca", "tls.cert", "tls.key" }.Select(part =>
            new FlagDefinition($"signer.{part}", Text, "", Should, AltDa, "Remote signer of unsafe blocks") { Effect = Ignored, Note = NoPeers, IsSecret = part == "header" }),
        .. new[] { "supervisor", "interop.rpc.addr", "interop.rpc.port", "interop.jwt-secret", "interop.dependency-set" }.Select(name =>
            new FlagDefinition(name, Text, "", Later, AltDa, "Interop") { Effect = Ignored, Note = NoInterop }),
    ];

    private static IEnumerable<FlagDefinition> MiscFlags() =>
    [
        new("doctor", Bool, "true", Should, Misc, "Check at the start what would be wrong for good, and refuse to start then; 'opal doctor' checks more"),
        .. SharedFlags.About(),
    ];

    private static IEnumerable<FlagDefinition> OldFlags() =>
    [
        .. new[] { "l2.engine-sync", "l2.skip-sync-start-check", "heartbeat.enabled", "beta.extra-networks", "l2.backup-unsafe-sync-rpc.trust-rpc" }.Select(name => Dead(name, Bool)),
        .. new[] { "l2.backup-unsafe-sync-rpc", "heartbeat.moniker", "heartbeat.url", "snapshotlog.file", "p2p.scoring.peers", "p2p.scoring.topics", "p2p.score.bands" }.Select(name => Dead(name, Text)),
    ];

    private static FlagDefinition Dead(string name, FlagKind kind) =>
        new(name, kind, kind == Bool ? "false" : "", Deprecated, Old, "Accepted for old scripts") { Effect = Ignored, Note = "it has no meaning any more" };
}
