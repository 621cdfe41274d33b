using System.CommandLine;
using Opal.Cli.EvmTool;

namespace Opal.Cli;

/// <summary>`opal evm …`: the EVM as a tool, with the conventions of geth's `evm`.</summary>
internal static class EvmVerb
{
    private delegate int TestRun(IReadOnlyList<string> paths, string? fork, string? run, bool json, TextWriter stdout, TextWriter stderr);

    public static Command Create() => new("evm", "The EVM as a tool.")
    {
        CreateTestVerb("statetest", "Runs Ethereum state tests.", "Run only the posts of this fork.", StateTestCommand.Run),
        CreateTestVerb("blocktest", "Runs Ethereum blockchain tests.", "Run only the tests of this network.", BlockTestCommand.Run),
        EvmRunVerb.Create(),
        EvmTransitionVerb.Create(),
    };

    private static Command CreateTestVerb(string name, string description, string forkDescription, TestRun run)
    {
        var fork = new Option<string?>("--fork", "--statetest.fork") { Description = forkDescription };
        var wanted = new Option<string?>("--run") { Description = "Run only the tests whose name matches this regular expression." };
        var json = new Option<bool>("--json") { Description = "Print the results as one JSON array." };
        var paths = new Argument<string[]>("PATH") { Description = "Test files, folders or .tar.gz archives.", Arity = ArgumentArity.OneOrMore };
        var verb = new Command(name, description) { fork, wanted, json, paths };
        verb.SetAction(parsed => run(parsed.GetValue(paths)!, parsed.GetValue(fork), parsed.GetValue(wanted), parsed.GetValue(json), Console.Out, Console.Error));
        return verb;
    }
}
