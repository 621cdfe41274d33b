using System.Collections;
using System.CommandLine;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.JsonRpc;

namespace Opal.Cli.Node;

/// <summary><c>opal node</c>: the rollup node behind the command line of op-node.</summary>
internal static class NodeVerb
{
    public const string Name = "node";

    /// <summary>The verb as the program's help lists it.</summary>
    public static Command Create() => new(Name, "Rollup node, with the command line of op-node.") { TreatUnmatchedTokensAsErrors = false };

    /// <summary>Runs the node.</summary>
    /// <param name="arguments">The words after <c>node</c>.</param>
    /// <returns>0 done, 1 the work failed, 2 wrong usage or configuration.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        try
        {
            FlagValues values = FlagParser.Parse(NodeFlags.Table, arguments, EnvironmentVariables());
            if (values.Bool("help")) return Help(Console.Out);
            if (values.Bool("version")) return VersionText.Print(Console.Out);
            if (values.Bool("help-markdown"))
            {
                Console.Out.Write(FlagHelp.Markdown(NodeFlags.Table));
                return 0;
            }

            if (values.Words.Count > 0) throw new FlagException($"unexpected word '{values.Words[0]}'");
            return await NodeRun.RunAsync(values);
        }
        catch (FlagException error)
        {
            await Console.Error.WriteLineAsync($"opal node: {error.Message}");
            await Console.Error.WriteLineAsync("'opal node --help' lists what there is.");
            return 2;
        }
        catch (Exception error) when (error is ConfigFileException or EndpointUnavailableException or NodeException)
        {
            await Console.Error.WriteLineAsync($"opal node: {error.Message}");
            return 1;
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> EnvironmentVariables()
    {
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) yield return new KeyValuePair<string, string>((string)entry.Key, (string?)entry.Value ?? "");
    }

    private static int Help(TextWriter output)
    {
        output.WriteLine("opal node [flags]\n\nThe rollup node: derives the L2 chain from L1 into an execution client, and sequences. Flags also come from OP_NODE_ variables.");
        output.Write(FlagHelp.Text(NodeFlags.Table));
        return 0;
    }
}
