using Opal.Cli.Flags;
using Opal.Cli.Node;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.Doctor;

/// <summary>The flags of <c>opal doctor</c>: all of the rollup node's, so that a start script needs one word changed, and a few of its own.</summary>
internal static class DoctorFlags
{
    public const string Own = "DOCTOR";

    /// <summary>The table.</summary>
    public static FlagTable Table { get; } = new("opal doctor", "OP_NODE_", [.. OwnFlags().Where(static own => NodeFlags.Table.Find(own.Name) is null), .. NodeFlags.Table.All]);

    private static IEnumerable<FlagDefinition> OwnFlags() =>
    [
        new("devnet", FilePath, "", Must, Own, "Folder of a devnet that runs: its devnet.json says all the rest"),
        new("json", Bool, "false", Must, Own, "Print the results as JSON"),
        new("brief", Bool, "false", Should, Own, "Show warnings and failures alone"),
        new("only", List, "", Should, Own, "Checks or groups to run: l1,engine.jwt-accepted"),
        new("list", Bool, "false", Should, Own, "List the checks and run none"),
        new("check-timeout", Duration, "5s", Should, Own, "How long one check may take"),
        new("l2.eth", Url, "", Should, Own, "The execution client's plain JSON-RPC, which tells its fork times") { IsSecret = true },
        new("rollup.sequencerhttp", Url, "", Should, Own, "The execution client's --rollup.sequencerhttp, to be checked here") { IsSecret = true },
        new("batcher", Text, "", Should, Own, "The batcher's address, to be compared with L1's"),
        new("proposer", Text, "", Should, Own, "The proposer's address; else the L2OutputOracle names it"),
        new("l1-deployments", FilePath, "", Should, Own, "L1 contracts by name: a JSON file, or a folder of NAME.json"),
    ];
}
