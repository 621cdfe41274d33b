using Opal.Cli.Batcher;
using Opal.Cli.Flags;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.BatcherReports;

/// <summary>The flags of <c>opal batcher report</c>.</summary>
internal static class ReportFlags
{
    private const string Connections = "CONNECTIONS", What = "REPORT";

    /// <summary>The table.</summary>
    public static FlagTable Table { get; } = new("opal batcher report", "OP_BATCHER_", BatcherFlags.Beside(
    [
        new("l1-eth-rpc", List, "", Must, Connections, "JSON-RPC of L1; of several the first is asked") { IsSecret = true },
        new("rollup-rpc", List, "", Must, Connections, "RPC of the rollup node, which knows the batch inbox; of several the first is asked") { IsSecret = true },
        new("l1-beacon", Url, "", Must, Connections, "Beacon API of L1, for the data of blobs") { IsSecret = true },
        new("from", Number, "", Must, What, "The first L1 block"),
        new("to", Number, "", Must, What, "The last L1 block; L1's head where it is not given"),
        new("last", Number, "300", Must, What, "So many L1 blocks up to the last, where --from is not given"),
        new("batcher", HexAddress, "", Should, What, "The batcher's address; else the SystemConfig on L1 names it"),
        new("json", Bool, "false", Must, What, "Print everything as one JSON document"),
        new("help", Bool, "false", Must, What, "Show this"),
    ]));

    /// <summary>The range, given L1's head.</summary>
    /// <exception cref="FlagException">It is empty, or ends beyond the head.</exception>
    public static (ulong From, ulong To) RangeOf(FlagValues values, ulong head)
    {
        ulong to = values.NumberOrNull("to") ?? head, last = values.Number("last");
        if (values.IsGiven("from") && values.IsGiven("last")) throw new FlagException("--from and --last exclude each other; leave one out");
        if (last == 0) throw new FlagException("--last: at least one L1 block");
        ulong from = values.NumberOrNull("from") ?? (to + 1 > last ? to + 1 - last : 0);
        if (to > head) throw new FlagException($"--to: L1 block {to} is not there yet, L1's head is block {head}");
        return from <= to ? (from, to) : throw new FlagException($"--from: block {from} is behind the last one, {to}");
    }
}
