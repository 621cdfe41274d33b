using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.JsonRpc;
using Opal.TxManager;

namespace Opal.Cli.L1Services;

/// <summary>What the verbs <c>batcher</c> and <c>proposer</c> do before they run: flags, help, and errors as one line with the way out.</summary>
internal static class ServiceVerb
{
    /// <summary>Reads the flags and runs the service.</summary>
    /// <param name="table">The service's flags.</param>
    /// <param name="usage">What its help begins with.</param>
    /// <param name="arguments">The words after the verb.</param>
    /// <param name="run">Runs it until it is stopped.</param>
    /// <returns>0 done, 1 the work failed, 2 wrong usage or configuration.</returns>
    public static async Task<int> RunAsync(FlagTable table, string usage, IReadOnlyList<string> arguments, Func<FlagValues, Task> run)
    {
        try
        {
            FlagValues values = FlagParser.Parse(table, arguments, ProcessEnvironment.Variables());
            if (values.Bool("version")) return VersionText.Print(Console.Out);
            if (values.Bool("help") || values.Bool("help-markdown"))
            {
                Console.Out.Write(values.Bool("help") ? $"{usage}\n{FlagHelp.Text(table)}" : FlagHelp.Markdown(table));
                return 0;
            }

            values.RequireNoWords();
            await run(values);
            return 0;
        }
        catch (Exception error) when (error is FlagException or SignerException)
        {
            await Console.Error.WriteLineAsync($"{table.Role}: {error.Message}");
            await Console.Error.WriteLineAsync($"'{table.Role} --help' lists what there is.");
            return 2;
        }
        catch (Exception error) when (error is ServiceException or EndpointUnavailableException)
        {
            await Console.Error.WriteLineAsync($"{table.Role}: {error.Message}");
            return 1;
        }
    }
}
