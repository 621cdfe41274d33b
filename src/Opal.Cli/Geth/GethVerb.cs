using System.CommandLine;
using Opal.Cli.Flags;
using Opal.JsonRpc;

namespace Opal.Cli.Geth;

/// <summary><c>opal geth</c>: the execution client behind the command line of op-geth and op-reth.</summary>
/// <remarks>Its words are read by its own parser, not the program's: hundreds of flags in Go's forms, from four sources.</remarks>
internal static class GethVerb
{
    public const string Name = "geth";

    /// <summary>The verb as the program's help lists it.</summary>
    public static Command Create() => new(Name, "Execution client, with the command line of op-geth and op-reth.") { TreatUnmatchedTokensAsErrors = false };

    /// <summary>Runs a command.</summary>
    /// <param name="arguments">The words after <c>geth</c>.</param>
    /// <returns>0 done, 1 the work failed, 2 wrong usage or configuration.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        try
        {
            FlagValues values = Parse(arguments);
            if (values.Bool("help")) return Help(Console.Out);
            if (values.Bool("version")) return VersionText.Print(Console.Out);
            if (values.Bool("help-markdown"))
            {
                Console.Out.Write(FlagHelp.Markdown(GethFlags.Table));
                return 0;
            }

            GethCommands.Command command = GethCommands.Find(values.Words.Count > 0 ? values.Words[0] : "run");
            if (command.Name is "run" or "node" && values.Words.Count > 1) throw new FlagException($"unexpected word '{values.Words[1]}'");
            return await command.Run(values, [.. values.Words.Skip(1)]);
        }
        catch (FlagException error)
        {
            await Console.Error.WriteLineAsync($"opal geth: {error.Message}");
            await Console.Error.WriteLineAsync("'opal geth --help' lists what there is.");
            return 2;
        }
        catch (Exception error) when (error is ConfigFileException or EndpointUnavailableException or GethException)
        {
            await Console.Error.WriteLineAsync($"opal geth: {error.Message}");
            return 1;
        }
    }

    /// <summary>The flags from command line, environment and configuration file.</summary>
    /// <exception cref="FlagException">One cannot be used.</exception>
    internal static FlagValues Parse(IReadOnlyList<string> arguments)
    {
        FlagValues values = FlagParser.Parse(GethFlags.Table, arguments, ProcessEnvironment.Variables());
        if (!values.Bool("help") && values.TextOrNull("config") is { } config) TomlConfig.Load(values, config);
        return values;
    }

    private static int Help(TextWriter output)
    {
        output.WriteLine("opal geth [flags] [command] [arguments]\n\nThe execution client. Without a command it runs. Flags also come from GETH_ variables and from --config FILE.\n\nCOMMANDS");
        foreach (GethCommands.Command command in GethCommands.All.Where(command => !command.IsHidden))
        {
            output.WriteLine($"  {$"{command.Name} {command.Arguments}",-38}{command.Help}");
        }

        output.Write(FlagHelp.Text(GethFlags.Table));
        return 0;
    }
}
