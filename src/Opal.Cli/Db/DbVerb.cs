using System.CommandLine;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Storage;

namespace Opal.Cli.Db;

/// <summary><c>opal db</c>: looks after the files of an execution client that does not run.</summary>
/// <remarks>It takes the execution client's flags, environment and configuration file, so that it finds what that client would open.</remarks>
internal static class DbVerb
{
    public const string Name = "db";

    private const string Usage = """
        opal db stats|verify|prune [--datadir DIR] [flags of opal geth]

          stats     what the data directory holds: heads, how far history goes back, bytes on disk
          verify    reads every block and every row of the state, and names what does not fit
          prune     frees history older than --history.state and --history.transactions keep (--gcmode=archive keeps all state)

        The client must not be running.
        """;

    /// <summary>The verb as the program's help lists it.</summary>
    public static Command Create() => new(Name, "Statistics, verification and pruning of an execution client's files.") { TreatUnmatchedTokensAsErrors = false };

    /// <summary>Runs a command.</summary>
    /// <returns>0 done, 1 the work failed or damage was found, 2 wrong usage.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        try
        {
            FlagValues values = GethVerb.Parse(arguments);
            if (values.Bool("help"))
            {
                Console.Out.WriteLine(Usage);
                return Task.FromResult(0);
            }

            if (values.Words.Count != 1) throw new FlagException("one command is wanted: stats, verify or prune");
            return Task.FromResult(Run(values.Words[0], values));
        }
        catch (FlagException error)
        {
            Console.Error.WriteLine($"opal db: {error.Message}");
            Console.Error.WriteLine("'opal db --help' lists what there is.");
            return Task.FromResult(2);
        }
        catch (Exception error) when (error is ChainDatabaseException or StoreCorruptException or ConfigFileException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"opal db: {error.Message}");
            return Task.FromResult(1);
        }
    }

    private static int Run(string command, FlagValues values)
    {
        string directory = DataDirectory.Of(values);
        switch (command)
        {
            case "stats":
                Write(Console.Out, ChainDatabase.Statistics(directory));
                return 0;
            case "verify":
                return Verify(directory);
            case "prune":
                StorageOptions keep = GethOptions.StorageOf(values);
                long freed = ChainDatabase.Prune(directory, keep.StateHistory, keep.TransactionHistory);
                Console.Out.WriteLine($"{directory}: {Size(freed)} freed; kept: state of {Blocks(keep.StateHistory)}, transactions by hash of {Blocks(keep.TransactionHistory)}");
                return 0;
            default:
                string? nearest = UsageErrors.Nearest(command, ["stats", "verify", "prune"]);
                throw new FlagException($"unknown command '{command}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")}");
        }
    }

    private static int Verify(string directory)
    {
        using var stop = new StopSignal();
        WorkProgress progress = WorkProgress.OnConsole("verifying:");
        try
        {
            VerifyProgress done = ChainDatabase.Verify(
                directory,
                at => progress.Report(at.TotalBlocks == 0 ? 0 : (double)at.Blocks / at.TotalBlocks, elapsed =>
                    at.StateRows > 0 ? $"{at.StateRows:N0} rows of the state, {WorkProgress.Rate(at.StateRows, elapsed, "rows")}" : $"block {at.Blocks:N0} of {at.TotalBlocks:N0}, {WorkProgress.Rate(at.Blocks, elapsed, "blocks")}"),
                stop.Token);
            progress.Finish(elapsed => $"{directory}: {done.Blocks:N0} blocks and {done.StateRows:N0} rows of the state are good ({elapsed.TotalSeconds:F1} s)");
            return 0;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            Console.Error.WriteLine("opal db: stopped before everything was looked at; what was looked at is good");
            return 1;
        }
    }

    /// <summary>Writes statistics for people.</summary>
    internal static void Write(TextWriter output, DatabaseStatistics statistics)
    {
        void Line(string name, object? value) => output.WriteLine($"{name,-22}{value ?? "none"}");
        Line("chain id", statistics.ChainId);
        Line("layout", statistics.Schema);
        Line("head", statistics.Head);
        Line("safe", statistics.Safe);
        Line("finalized", statistics.Finalized);
        Line("state on disk", statistics.PersistedState);
        Line("oldest state", statistics.OldestState);
        Line("oldest proof", statistics.OldestProof);
        foreach ((string part, long bytes) in statistics.Sizes) Line(part, Size(bytes));
        Line("total", Size(statistics.Sizes.Sum(size => size.Bytes)));
    }

    private static string Blocks(ulong count) => count == 0 ? "all blocks" : $"{count:N0} blocks";

    private static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):F2} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):F2} MiB",
        >= 1L << 10 => $"{bytes / (double)(1L << 10):F1} KiB",
        _ => $"{bytes} B",
    };
}
