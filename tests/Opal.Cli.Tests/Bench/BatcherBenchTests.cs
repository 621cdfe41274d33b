using System.Text.Json;
using Opal.Benchmarks;
using Opal.Testing;

namespace Opal.Cli.Tests;

/// <summary>The benchmark of the batcher at a small count: rows of every group run, and are right.</summary>
public sealed class BatcherBenchTests
{
    private static (int Code, string Output, string Error) Run(string filter, int megabytes = 1, int runs = 1, bool isJson = true)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = BatcherCommand.Run(new BatcherCommand.Options(filter, megabytes, runs, isJson), new BenchOutput(output, error, isTerminal: false));
        return (code, output.ToString(), error.ToString());
    }

    [Theory]
    [InlineData("build/50 token calls a block, singular, zlib")]
    [InlineData("build/50 token calls a block, span, brotli-9")]
    [InlineData("fill/10 token calls a block, 1 blob")]
    public void A_made_load_runs(string filter)
    {
        (int code, string output, string error) = Run(filter);
        Assert.True(code == 0, output + error);
        JsonElement row = Assert.Single(JsonDocument.Parse(output).RootElement.EnumerateArray());
        if (filter.StartsWith("fill", StringComparison.Ordinal)) Assert.InRange(row.GetProperty("fill").GetDouble(), 0.98, 1);
        else Assert.InRange(row.GetProperty("per_s").GetDouble(), 1, double.MaxValue);
    }

    [VectorFact]
    public void Real_batches_take_no_more_than_they_took()
    {
        (int code, string output, string error) = Run("size/OP Sepolia blob");
        Assert.True(code == 0, output + error);
        Assert.Equal(8, JsonDocument.Parse(output).RootElement.GetArrayLength());
        Assert.Contains("of posted", Run("size/OP Sepolia blob", isJson: false).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing like it", 1, 1, "groups: size, build, fill")]
    [InlineData("", 0, 1, "--megabytes")]
    [InlineData("", 1, 0, "--runs")]
    public void Wrong_options_are_refused(string filter, int megabytes, int runs, string problem)
    {
        (int code, _, string error) = Run(filter, megabytes, runs);
        Assert.Equal(2, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }
}
