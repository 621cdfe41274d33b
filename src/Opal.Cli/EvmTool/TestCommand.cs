using System.Text.RegularExpressions;

namespace Opal.Cli.EvmTool;

/// <summary>What <c>statetest</c> and <c>blocktest</c> have in common: the files, the fork, the names, the report.</summary>
public static class TestCommand
{
    /// <summary>Runs the tests and reports.</summary>
    /// <param name="command">The command's name, for messages.</param>
    /// <param name="paths">Files, folders or .tar.gz archives.</param>
    /// <param name="fork">The only fork to run; null for all.</param>
    /// <param name="run">A regular expression of the names of the tests to run; null for all.</param>
    /// <param name="json">Whether to print the results as JSON.</param>
    /// <param name="isFork">Whether a fork is one that these tests may name.</param>
    /// <param name="makeRunner">Makes a runner for a fork, or for all.</param>
    /// <param name="stdout">Gets the results.</param>
    /// <param name="stderr">Gets complaints.</param>
    /// <returns>0 when all passed, 1 when any failed, 2 when the arguments are no good or a file or test cannot be read.</returns>
    public static int Run(
        string command, IReadOnlyList<string> paths, string? fork, string? run, bool json, Func<string, bool> isFork, Func<string?, ITestRunner> makeRunner, TextWriter stdout, TextWriter stderr)
    {
        if (paths.Count == 0) return Complain("no path is given");
        if (fork is not null && !isFork(fork)) return Complain(ToolForks.Refusal(fork, ToolForks.EthereumNames));
        Regex? wanted = null;
        try
        {
            if (run is not null) wanted = new Regex(run, RegexOptions.CultureInvariant);
        }
        catch (ArgumentException e)
        {
            return Complain($"--run: {e.Message}");
        }

        TestSink sink = TestSuite.Run(InputFiles.ReadJson(paths), () => makeRunner(fork), wanted);
        return TestReport.Write(command, sink, json, stdout, stderr);

        int Complain(string what)
        {
            stderr.WriteLine($"{command}: {what}");
            return 2;
        }
    }
}
