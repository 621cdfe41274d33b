using System.Text.Json;

namespace Opal.Cli.EvmTool;

/// <summary><c>opal evm statetest [--fork F] [--json] PATH...</c></summary>
public static class StateTestCommand
{
    private const string Usage = "usage: opal evm statetest [--fork FORK] [--json] PATH...   (PATH: a state test file, a folder, or a .tar.gz of one)";

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows <c>evm statetest</c>.</param>
    /// <param name="stdout">Gets the results.</param>
    /// <param name="stderr">Gets complaints.</param>
    /// <returns>0 when all passed, 1 when any failed, 2 when the arguments or a path are no good.</returns>
    public static int Run(string[] args, TextWriter stdout, TextWriter stderr)
    {
        string? fork = null;
        bool json = false;
        var paths = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--json") json = true;
            else if (args[i] == "--fork" && i + 1 < args.Length) fork = args[++i];
            else if (args[i].StartsWith("--fork=", StringComparison.Ordinal)) fork = args[i][7..];
            else if (args[i].StartsWith('-')) return Complain(stderr, $"unknown option {args[i]}");
            else paths.Add(args[i]);
        }

        return Run(paths, fork, json, stdout, stderr);
    }

    /// <summary>Runs the command with its options parsed.</summary>
    /// <returns>As the other overload.</returns>
    public static int Run(IReadOnlyList<string> paths, string? fork, bool json, TextWriter stdout, TextWriter stderr)
    {
        if (paths.Count == 0) return Complain(stderr, "no path is given");
        if (fork is not null && StateTestForks.Find(fork) is null) return Complain(stderr, $"unknown fork {fork} (known: {string.Join(", ", StateTestForks.Names)})");
        if (paths.FirstOrDefault(p => !File.Exists(p) && !Directory.Exists(p)) is { } missing) return Complain(stderr, $"there is no file or folder {missing}");
        List<StateTestResult> results;
        try
        {
            results = StateTestSuite.Run(StateTestFiles.Read(paths), fork);
        }
        catch (Exception e) when ((e is AggregateException a ? a.InnerException : e) is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Complain(stderr, "cannot read: " + (e.InnerException ?? e).Message);
        }

        if (json) WriteJson(results, stdout);
        else WriteText(results, stdout);
        int failed = results.Count(r => !r.Pass);
        stdout.WriteLine($"{results.Count - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static int Complain(TextWriter stderr, string what)
    {
        stderr.WriteLine("opal evm statetest: " + what);
        stderr.WriteLine(Usage);
        return 2;
    }

    private static void WriteText(List<StateTestResult> results, TextWriter stdout)
    {
        foreach (StateTestResult result in results.Where(r => !r.Pass)) stdout.WriteLine($"FAIL {result.Name} [{result.Fork}]: {result.Error}");
    }

    private static void WriteJson(List<StateTestResult> results, TextWriter stdout)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartArray();
            foreach (StateTestResult result in results)
            {
                writer.WriteStartObject();
                writer.WriteString("name", result.Name);
                writer.WriteString("fork", result.Fork);
                writer.WriteBoolean("pass", result.Pass);
                if (result.StateRoot is { } root) writer.WriteString("stateRoot", root.ToString());
                if (result.Error is not null) writer.WriteString("error", result.Error);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        stdout.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
