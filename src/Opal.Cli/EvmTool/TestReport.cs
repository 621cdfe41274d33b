using System.Text;
using System.Text.Json;

namespace Opal.Cli.EvmTool;

/// <summary>Prints what running tests gave: as text the failures only, or as a JSON array all; then what does not apply, and the count.</summary>
internal static class TestReport
{
    /// <summary>Prints it.</summary>
    /// <param name="command">The command's name, for messages.</param>
    /// <param name="sink">What there is to report.</param>
    /// <param name="json">Whether to print the results as JSON; the tests that do not apply then go to <paramref name="stderr"/>.</param>
    /// <param name="stdout">Gets the results and, as the last line, the count.</param>
    /// <param name="stderr">Gets what could not be read.</param>
    /// <returns>0 when all passed, 1 when any failed, 2 when anything could not be read.</returns>
    public static int Write(string command, TestSink sink, bool json, TextWriter stdout, TextWriter stderr)
    {
        if (json) WriteJson(sink.Results, stdout);
        else WriteFailures(sink.Results, stdout);
        foreach ((string reason, int count) in sink.NotRun) (json ? stderr : stdout).WriteLine($"not run: {count} ({reason})");
        foreach (string problem in sink.Problems) stderr.WriteLine($"{command}: {problem}");
        int failed = sink.Results.Count(r => !r.Pass);
        stdout.WriteLine($"{sink.Results.Count - failed} passed, {failed} failed");
        return sink.Problems.Count > 0 ? 2 : failed > 0 ? 1 : 0;
    }

    private static void WriteFailures(List<TestResult> results, TextWriter stdout)
    {
        foreach (TestResult result in results.Where(r => !r.Pass)) stdout.WriteLine($"FAIL {result.Name} [{result.Fork}]: {result.Error}");
    }

    private static void WriteJson(List<TestResult> results, TextWriter stdout)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, ToolJson.Indented))
        {
            writer.WriteStartArray();
            foreach (TestResult result in results)
            {
                writer.WriteStartObject();
                writer.WriteString("name", result.Name);
                writer.WriteBoolean("pass", result.Pass);
                if (result.StateRoot is { } root) writer.WriteString("stateRoot", root.ToString());
                writer.WriteString("fork", result.Fork);
                if (result.Error is not null) writer.WriteString("error", result.Error);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        stdout.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
