using System.CommandLine;
using Opal.Cli.BatcherReports;
using Opal.Cli.L1Services;

namespace Opal.Cli.Batcher;

/// <summary><c>opal batcher</c>: the batcher behind the command line of op-batcher.</summary>
internal static class BatcherVerb
{
    public const string Name = "batcher";

    private const string Usage = """
        opal batcher [flags]
        opal batcher plan [flags]      what each setting would cost, and how far the safe head would lag
        opal batcher report [flags]    what was posted, and what it cost

        The batcher: puts the sequencer's blocks on L1, so that every node can derive them. Flags also come from OP_BATCHER_ variables.
        """;

    /// <summary>The verb as the program's help lists it.</summary>
    public static Command Create() => new(Name, "Batcher, with the command line of op-batcher.") { TreatUnmatchedTokensAsErrors = false };

    /// <summary>Runs the batcher.</summary>
    /// <param name="arguments">The words after <c>batcher</c>.</param>
    /// <returns>0 done, 1 the work failed, 2 wrong usage or configuration.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments) => (string[])[.. arguments] switch
    {
        ["plan", .. var rest] => PlanCommand.RunAsync(rest),
        ["report", .. var rest] => ReportCommand.RunAsync(rest),
        _ => ServiceVerb.RunAsync(BatcherFlags.Table, Usage, arguments, BatcherRun.RunAsync),
    };
}
