using Opal.Cli.Batches;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Cli.Node;
using Opal.JsonRpc;
using Opal.Node;

namespace Opal.Cli.BatcherReports;

/// <summary>What plan and report have in common: flags, help, errors, exit codes.</summary>
internal static class ReportRun
{
    /// <summary>Reads the flags and does the work.</summary>
    /// <param name="table">The flags.</param>
    /// <param name="about">What <c>--help</c> says before the flags.</param>
    /// <param name="arguments">The words after the command.</param>
    /// <param name="work">The work.</param>
    /// <returns>0 done, 1 the chain gave no answer that can be used, 2 wrong usage, 130 stopped.</returns>
    public static async Task<int> RunAsync(FlagTable table, string about, IReadOnlyList<string> arguments, Func<FlagValues, CancellationToken, Task> work)
    {
        using var stop = new StopSignal();
        try
        {
            FlagValues values = FlagParser.Parse(table, arguments, ProcessEnvironment.Variables());
            if (values.Bool("help"))
            {
                Console.Out.WriteLine($"{table.Role} [flags]\n\n{about}");
                Console.Out.Write(FlagHelp.Text(table));
                return 0;
            }

            values.RequireNoWords();
            await work(values, stop.Token);
            return 0;
        }
        catch (FlagException error)
        {
            await Console.Error.WriteLineAsync($"{table.Role}: {error.Message}");
            await Console.Error.WriteLineAsync($"'{table.Role} --help' lists what there is.");
            return 2;
        }
        catch (Exception error) when (error is ReportException or DecodeException or SourceException or RpcTransportException or RpcCallException)
        {
            await Console.Error.WriteLineAsync($"{table.Role}: {error.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"{table.Role}: stopped");
            return 130;
        }
    }

    /// <summary>A connection that a flag names. A list follows several sequencers: its first is asked.</summary>
    /// <exception cref="FlagException">The flag is not given, or is not http.</exception>
    public static HttpRpcClient Open(FlagValues values, string flag)
    {
        List<Uri> urls = NodeSettings.Urls(values, flag);
        return new HttpRpcClient(urls.Count > 0 ? urls[0] : throw new FlagException($"give --{flag}=http://127.0.0.1:8545"), new HttpRpcClientOptions { MaxConcurrency = 10 });
    }
}
