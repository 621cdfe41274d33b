using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Opal.Cli.EvmTool;

/// <summary>Runs many test files, several at a time; the results come in the order of the files.</summary>
/// <remarks>A file is read when a core is free for it, so that memory holds no more files than there are cores.</remarks>
public static class TestSuite
{
    /// <summary>Runs them.</summary>
    /// <param name="files">The files: each an object of tests by name.</param>
    /// <param name="makeRunner">Makes a runner; there is one for each core.</param>
    /// <param name="wanted">The names of the tests to run; null is all.</param>
    public static TestSink Run(IEnumerable<InputFile> files, Func<ITestRunner> makeRunner, Regex? wanted = null)
    {
        var sinks = new ConcurrentDictionary<long, TestSink>();
        var runners = new ConcurrentBag<ITestRunner>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(
            Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering),
            options,
            () => runners.TryTake(out ITestRunner? runner) ? runner : makeRunner(),
            (file, _, index, runner) =>
            {
                var sink = new TestSink();
                RunFile(runner, file, wanted, sink);
                sinks[index] = sink;
                return runner;
            },
            runners.Add);
        foreach (ITestRunner runner in runners) runner.Dispose();
        var all = new TestSink();
        foreach ((long _, TestSink sink) in sinks.OrderBy(s => s.Key)) all.Add(sink);
        return all;
    }

    private static void RunFile(ITestRunner runner, InputFile file, Regex? wanted, TestSink sink)
    {
        if (file.Problem is not null)
        {
            sink.Problems.Add($"{file.Name}: {file.Problem}");
            return;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(file.Content);
        }
        catch (JsonException e)
        {
            sink.Problems.Add($"{file.Name}: not JSON: {e.Message}");
            return;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                sink.Problems.Add($"{file.Name}: no object of tests by name");
                return;
            }

            foreach (JsonProperty test in document.RootElement.EnumerateObject())
            {
                if (wanted is null || wanted.IsMatch(test.Name)) RunTest(runner, file.Name, test, sink);
            }
        }
    }

    private static void RunTest(ITestRunner runner, string file, JsonProperty test, TestSink sink)
    {
        try
        {
            runner.Run(test.Name, test.Value, sink);
        }
        catch (Exception e) when (e is InputFormatException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            // the JSON reader's own exceptions for a value of another kind than the format asks
            sink.Results.Add(new TestResult(test.Name, "", false, null, "cannot be read: " + e.Message));
            sink.Problems.Add($"{file}: test {test.Name}: {e.Message}");
        }
    }
}
