using System.CommandLine;
using Opal.Cli.Witness;

namespace Opal.Cli;

/// <summary>`opal witness …`: blocks that are executed from their witness alone.</summary>
internal static class WitnessVerb
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print the results as one JSON array." };
        var paths = new Argument<string[]>("FILE") { Description = "N.json.gz (with N.preimages.bin.gz beside it), folders or .tar.gz archives.", Arity = ArgumentArity.OneOrMore };
        var run = new Command("run", "Executes L2 blocks statelessly from their pre-images and compares their hashes.") { json, paths };
        run.SetAction(parsed => WitnessCommand.Run(parsed.GetValue(paths)!, parsed.GetValue(json), Console.Out, Console.Error));
        return new Command("witness", "Executes blocks from their witness.") { run };
    }
}
