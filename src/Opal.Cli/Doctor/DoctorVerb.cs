using System.CommandLine;
using System.Diagnostics;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Cli.Node;
using Opal.Devnet;
using Opal.JsonRpc;
using Opal.Primitives;
using Spectre.Console;

namespace Opal.Cli.Doctor;

/// <summary><c>opal doctor</c>: checks a rollup node's configuration and surroundings, and changes nothing.</summary>
internal static class DoctorVerb
{
    public const string Name = "doctor";
    private const int WidthOfFiles = 160;

    /// <summary>The verb as the program's help lists it.</summary>
    public static Command Create() => new(Name, "Checks a rollup node's configuration and surroundings; takes the flags of 'opal node'.") { TreatUnmatchedTokensAsErrors = false };

    /// <summary>Runs the checks.</summary>
    /// <param name="arguments">The words after <c>doctor</c>.</param>
    /// <returns>0 nothing failed, 1 a check failed, 2 wrong usage.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        using var stop = new StopSignal();
        try
        {
            FlagValues values = FlagParser.Parse(DoctorFlags.Table, arguments, ProcessEnvironment.Variables());
            if (values.Bool("help")) return Help(Console.Out);
            if (values.Bool("version")) return VersionText.Print(Console.Out);
            if (values.Bool("list"))
            {
                Console.Out.Write(AllChecks.Markdown());
                return 0;
            }

            values.RequireNoWords();
            return await ExamineAsync(values, stop.Token);
        }
        catch (Exception error) when (error is FlagException or DevnetException)
        {
            await Console.Error.WriteLineAsync($"opal doctor: {error.Message}");
            await Console.Error.WriteLineAsync("'opal doctor --help' lists what there is.");
            return 2;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return 130;
        }
    }

    private static async Task<int> ExamineAsync(FlagValues values, CancellationToken stop)
    {
        if (values.TextOrNull("devnet") is { } devnet) DevnetSource.Fill(values, Path.GetFullPath(NodeSettings.Expand(devnet)));
        IReadOnlyList<Check> checks = AllChecks.Named(values.List("only"));
        foreach (string address in new[] { "batcher", "proposer" }) Examined.AddressOf(values, address);
        TimeSpan limit = values.Duration("check-timeout");
        if (limit <= TimeSpan.Zero) throw new FlagException("--check-timeout: a check needs some time; 5s is usual");
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 16), ports); // the checks begin all at once
        long from = Stopwatch.GetTimestamp();
        using var examined = new Examined(values, DoctorConnections.Open(values, SecretOf(values), limit * 0.8), new LinuxHost(), TimeProvider.System);
        IReadOnlyList<(Check Check, CheckResult Result)> results = await Examination.RunAsync(checks, examined, limit, stop);
        if (values.Bool("json"))
        {
            using Stream output = Console.OpenStandardOutput();
            DoctorJson.Write(output, results);
            output.WriteByte((byte)'\n');
        }
        else
        {
            PlainOutput.WhereRedirected(WidthOfFiles);
            AnsiConsole.Write(DoctorView.Render(results, values.Bool("brief"), Stopwatch.GetElapsedTime(from)));
            AnsiConsole.WriteLine();
        }

        return results.Any(static result => result.Result.Status == CheckStatus.Failed) ? 1 : 0;
    }

    /// <summary>The engine's secret, if there is a good one: engine.jwt-file says what is wrong with it otherwise.</summary>
    private static byte[]? SecretOf(FlagValues values)
    {
        if (values.TextOrNull("l2.jwt-secret-value") is { } text) return Hex.TryDecode(text, out byte[] secret) && secret.Length == 32 ? secret : null;
        if (values.TextOrNull("l2.jwt-secret") is not { } path) return null;
        try
        {
            return JwtSecretFile.Read(NodeSettings.Expand(path));
        }
        catch (ConfigFileException)
        {
            return null;
        }
    }

    private static int Help(TextWriter output)
    {
        output.WriteLine("opal doctor [flags]\n\nChecks what 'opal node' with the same flags would meet, or a devnet that runs (--devnet DIR). Nothing is changed.\nExit code: 0 nothing failed, 1 a check failed, 2 wrong usage.");
        output.Write(FlagHelp.Text(DoctorFlags.Table));
        return 0;
    }
}
