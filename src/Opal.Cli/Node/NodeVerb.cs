using System.CommandLine;
using System.Text;
using System.Text.Json;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.JsonRpc;
using Opal.Protocol;

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
            if (arguments is ["networks", ..]) return DumpNetwork([.. arguments.Skip(1)], Console.Out);
            FlagValues values = FlagParser.Parse(NodeFlags.Table, arguments, ProcessEnvironment.Variables());
            if (values.Bool("help")) return Help(Console.Out);
            if (values.Bool("version")) return VersionText.Print(Console.Out);
            if (values.Bool("help-markdown"))
            {
                Console.Out.Write(FlagHelp.Markdown(NodeFlags.Table));
                return 0;
            }

            values.RequireNoWords();
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

    /// <summary><c>opal node networks dump-rollup-config --network NAME</c>: a built-in network's rollup.json.</summary>
    internal static int DumpNetwork(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (arguments is not ["dump-rollup-config", ..]) throw new FlagException("write: opal node networks dump-rollup-config --network=NAME ('opal geth networks' lists the names)");
        FlagValues values = FlagParser.Parse(NodeFlags.Table, [.. arguments.Skip(1)], ProcessEnvironment.Variables());
        RollupConfig rollup = RollupSource.Find(null, values.TextOrNull("network") ?? throw new FlagException("name the network: --network=op-mainnet"));
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true })) RollupConfigFile.Write(writer, rollup);
        output.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
        return 0;
    }

    private static int Help(TextWriter output)
    {
        output.WriteLine("opal node [flags]\nopal node genesis l2 [flags]                                 genesis.json and rollup.json of a deployment (opal genesis l2 --help)\nopal node networks dump-rollup-config --network=NAME         rollup.json of a built-in network\n\nThe rollup node: derives the L2 chain from L1 into an execution client, and sequences. Flags also come from OP_NODE_ variables.");
        output.Write(FlagHelp.Text(NodeFlags.Table));
        return 0;
    }
}
