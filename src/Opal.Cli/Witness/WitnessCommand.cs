using System.Globalization;
using System.Text;
using System.Text.Json;
using Opal.Cli.EvmTool;

namespace Opal.Cli.Witness;

/// <summary><c>opal witness run [--json] FILE...</c></summary>
public static class WitnessCommand
{
    private const string Name = "opal witness run";

    /// <summary>Runs the blocks one after another, so that their times mean something, and reports.</summary>
    /// <param name="paths">Files, folders or .tar.gz archives.</param>
    /// <param name="json">Whether to print the results as JSON.</param>
    /// <param name="stdout">Gets the results and, as the last line, the count.</param>
    /// <param name="stderr">Gets what could not be read.</param>
    /// <returns>0 when all passed, 1 when any failed, 2 when anything could not be read.</returns>
    public static int Run(IReadOnlyList<string> paths, bool json, TextWriter stdout, TextWriter stderr)
    {
        var results = new List<WitnessResult>();
        int problems = 0;
        foreach (WitnessFile file in WitnessFiles.Read(paths))
        {
            string? problem = file.Problem;
            if (problem is null)
            {
                try
                {
                    results.Add(WitnessRunner.Run(file.Name, WitnessBlock.Read(file.Json, file.Preimages)));
                    if (!json) WriteText(results[^1], stdout);
                    continue;
                }
                catch (InputFormatException e)
                {
                    problem = e.Message;
                }
            }

            problems++;
            stderr.WriteLine($"{Name}: {file.Path}: {problem}");
        }

        if (json) WriteJson(results, stdout);
        int failed = results.Count(r => !r.Pass);
        stdout.WriteLine($"{results.Count - failed} passed, {failed} failed");
        return problems > 0 ? 2 : failed > 0 ? 1 : 0;
    }

    private static void WriteText(WitnessResult result, TextWriter stdout)
    {
        string time = result.Elapsed.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture);
        stdout.WriteLine(result.Pass
            ? $"ok   {result.Name}: {result.BlockHash}, {result.GasUsed} gas, {time} ms"
            : $"FAIL {result.Name}: {result.Error}; block hash {result.BlockHash?.ToString() ?? "none"}, expected {result.Expected}");
    }

    private static void WriteJson(List<WitnessResult> results, TextWriter stdout)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, ToolJson.Indented))
        {
            writer.WriteStartArray();
            foreach (WitnessResult result in results)
            {
                writer.WriteStartObject();
                writer.WriteString("name", result.Name);
                writer.WriteBoolean("pass", result.Pass);
                writer.WriteString("blockHash", result.BlockHash?.ToString());
                writer.WriteString("expected", result.Expected.ToString());
                writer.WriteNumber("gasUsed", result.GasUsed);
                writer.WriteNumber("ms", Math.Round(result.Elapsed.TotalMilliseconds, 3));
                if (result.Error is not null) writer.WriteString("error", result.Error);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        stdout.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
