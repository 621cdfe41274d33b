using System.CommandLine;
using Opal.Cli.EvmTool;

namespace Opal.Cli;

/// <summary>`opal evm …`: the EVM as a tool, with the conventions of geth's `evm`.</summary>
internal static class EvmVerb
{
    public static Command Create()
    {
        var fork = new Option<string?>("--fork") { Description = "Run only the posts of this fork." };
        var json = new Option<bool>("--json") { Description = "Print the results as one JSON array." };
        var paths = new Argument<string[]>("PATH") { Description = "State-test files, folders or .tar.gz archives.", Arity = ArgumentArity.OneOrMore };
        var statetest = new Command("statetest", "Runs Ethereum state tests.") { fork, json, paths };
        statetest.SetAction(parsed => StateTestCommand.Run(parsed.GetValue(paths)!, parsed.GetValue(fork), parsed.GetValue(json), Console.Out, Console.Error));
        return new Command("evm", "The EVM as a tool.") { statetest };
    }
}
