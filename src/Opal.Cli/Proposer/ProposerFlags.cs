using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using static Opal.Cli.Flags.FlagEffect;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.Proposer;

/// <summary>The proposer's flags: op-proposer's names, environment variables and defaults, and a few of its own.</summary>
internal static class ProposerFlags
{
    public const string Chains = "CHAINS", Proposals = "PROPOSALS", Start = "START";

    /// <summary>The table.</summary>
    public static FlagTable Table { get; } = new("opal proposer", "OP_PROPOSER_",
    [
        .. ChainFlags(), .. ProposalFlags(), .. StartFlags(), .. L1ServiceFlags.Keys("l2-output-hd-path"), .. L1ServiceFlags.Transactions(), .. L1ServiceFlags.Rpc(),
        .. SharedFlags.Metrics(), .. SharedFlags.Logging(), .. SharedFlags.About(),
    ]);

    private static IEnumerable<FlagDefinition> ChainFlags() =>
    [
        new("l1-eth-rpc", List, "", Must, Chains, "JSON-RPC of L1, over http or ws") { IsSecret = true },
        new("rollup-rpc", List, "", Must, Chains, "RPC of the rollup node; several follow whoever makes blocks") { IsSecret = true },
        new("verify-rollup-rpc", List, "", Should, Chains, "RPC of other rollup nodes: an output that they do not confirm is not proposed") { IsSecret = true },
        new("supervisor-rpcs", List, "", Later, Chains, "Interop's supervisors") { Effect = Refused, Note = "interop is not built: give --rollup-rpc" },
        new("poll-interval", Duration, "12s", Must, Chains, "How often it is looked whether a proposal is due"),
        new("active-sequencer-check-duration", Duration, "2m", Should, Chains, "How often it is looked which of several sequencers makes blocks"),
    ];

    private static IEnumerable<FlagDefinition> ProposalFlags() =>
    [
        new("l2oo-address", FlagKind.HexAddress, "", Must, Proposals, "The L2OutputOracle (proxy); this or --game-factory-address") { Variables = ["L2OO_ADDRESS"] },
        new("game-factory-address", FlagKind.HexAddress, "", Must, Proposals, "The DisputeGameFactory (proxy); this or --l2oo-address"),
        new("game-type", Number, "0", Must, Proposals, "Type of the games made"),
        new("proposal-interval", Duration, "", Must, Proposals, "Time between two games; needed with --game-factory-address"),
        new("output-retry-interval", Duration, "12s", Must, Proposals, "Pause after a look at the chain, or a proposal, that failed"),
        new("allow-non-finalized", Bool, "false", Must, Proposals, "Propose safe blocks too, and not finalized ones alone"),
    ];

    private static IEnumerable<FlagDefinition> StartFlags() =>
    [
        new("journal.dir", FilePath, "", Should, Start, "Folder of the journal, created if absent (default ~/.opal/proposer/CHAINID-GENESIS-ACCOUNT)"),
        new("stopped", Bool, "false", Should, Start, "Propose nothing before admin_startProposer"),
        new("wait-node-sync", Bool, "false", Should, Start, "Wait until the rollup node has read L1 up to its head"),
        new("doctor", Bool, "true", Should, Start, "Refuse to start where the contract will not take our proposals; wrong chains are always refused"),
    ];
}
