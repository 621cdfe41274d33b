using System.CommandLine;
using Opal.Cli.L1Services;

namespace Opal.Cli.Proposer;

/// <summary><c>opal proposer</c>: the proposer behind the command line of op-proposer.</summary>
internal static class ProposerVerb
{
    public const string Name = "proposer";

    private const string Usage = """
        opal proposer [flags]

        The proposer: posts output roots to L1, which withdrawals are proven against. Flags also come from OP_PROPOSER_ variables.
        """;

    /// <summary>The verb as the program's help lists it.</summary>
    public static Command Create() => new(Name, "Proposer, with the command line of op-proposer.") { TreatUnmatchedTokensAsErrors = false };

    /// <summary>Runs the proposer.</summary>
    /// <param name="arguments">The words after <c>proposer</c>.</param>
    /// <returns>0 done, 1 the work failed, 2 wrong usage or configuration.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments) => ServiceVerb.RunAsync(ProposerFlags.Table, Usage, arguments, ProposerRun.RunAsync);
}
