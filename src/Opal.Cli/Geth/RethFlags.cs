using Opal.Cli.Flags;
using static Opal.Cli.Flags.FlagEffect;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.Geth;

/// <summary>Flags of op-reth's that op-geth has no like of, so that its start scripts run here; where it only has another name for one, that is an alias in <see cref="GethFlags"/>.</summary>
internal static class RethFlags
{
    public const string Group = "OP-RETH";

    private const string NoPeers = "this client has no peer-to-peer network; blocks come from the rollup node through the Engine API";
    private const string OtherLimit = "op-reth's limit; the limits of this client are in its documentation";

    private static readonly string[] Peers = ["trusted-peers", "trusted-only", "tx-propagation-policy", "peers-file", "p2p-secret-key", "discovery.addr", "discovery.v5.addr", "discovery.v5.port"];

    private static readonly string[] Limits =
    [
        "rpc.max-connections", "rpc.max-request-size", "rpc.max-response-size", "rpc.max-subscriptions-per-connection", "rpc.max-tracing-requests", "rpc.max-blocks-per-filter",
        "rpc.max-logs-per-response", "rpc.max-simulate-blocks", "rpc.proof-permits",
    ];

    private static readonly string[] Tuning =
    [
        "txpool.pending-max-size", "txpool.basefee-max-count", "txpool.basefee-max-size", "txpool.queued-max-size", "txpool.max-pending-txns", "txpool.max-new-txns",
        "builder.interval", "builder.deadline", "builder.max-tasks", "engine.persistence-threshold", "engine.memory-block-buffer-target", "rpc-cache.max-blocks", "rpc-cache.max-receipts",
        "db.log-level", "db.max-size", "db.growth-step", "log.stdout.filter", "log.file.filter", "log.file.max-size", "log.file.max-files", "color",
    ];

    /// <summary>The flags.</summary>
    public static IEnumerable<FlagDefinition> All() =>
    [
        new("vv", Bool, "false", Should, Group, "As --verbosity=2"),
        new("vvv", Bool, "false", Should, Group, "As --verbosity=3"),
        new("vvvv", Bool, "false", Should, Group, "As --verbosity=4"),
        new("vvvvv", Bool, "false", Should, Group, "As --verbosity=5"),
        new("quiet", Bool, "false", Should, Group, "As --verbosity=0") { Aliases = ["q"] },
        new("log.stdout.format", Choice, "", Should, Group, "As --log.format") { Choices = ["terminal", "log-fmt", "json", ""] },
        new("log.file.directory", FilePath, "", Should, Group, "Folder the log goes to, as opal.log, where --log.file names no file"),
        new("max-outbound-peers", Number, "", Should, Group, "Peers at most; there are none") { Effect = Hint },
        new("max-inbound-peers", Number, "", Should, Group, "Peers at most; there are none") { Effect = Hint },
        new("enable-discv5-discovery", Bool, "false", Later, Group, "Discovery v5") { Effect = Hint },
        new("no-persist-peers", Bool, "false", Later, Group, "Keep no list of peers") { Effect = Hint },
        .. Peers.Select(name => new FlagDefinition(name, Text, "", Later, Group, "Peers") { Effect = Ignored, Note = NoPeers, IsSecret = name == "p2p-secret-key" }),
        .. Limits.Select(name => new FlagDefinition(name, Text, "", Later, Group, "A limit of op-reth's") { Effect = Ignored, Note = OtherLimit }),
        .. Tuning.Select(name => new FlagDefinition(name, Text, "", Later, Group, "Tuning of op-reth's") { Effect = Hint }),
        new("storage.v2", Bool, "false", Later, Group, "Layout of op-reth's database") { Effect = Hint },
        new("minimal", Bool, "false", Later, Group, "Keep as little as can be") { Effect = Ignored, Note = "history.state and gcmode say what is kept" },
    ];

    /// <summary>The verbosity asked for: the strongest of op-reth's letters, else <c>--verbosity</c>.</summary>
    public static int VerbosityOf(FlagValues values)
    {
        if (values.Bool("quiet")) return 0;
        for (int level = 5; level >= 2; level--)
        {
            if (values.Bool(new string('v', level))) return level;
        }

        return values.Int("verbosity");
    }
}
