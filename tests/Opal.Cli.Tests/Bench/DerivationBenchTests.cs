using System.Text.Json;
using Opal.Benchmarks;

namespace Opal.Cli.Tests.Bench;

/// <summary>The benchmark of derivation at a small count: every row runs, and is right.</summary>
public sealed class DerivationBenchTests
{
    private static async Task<(int Code, string Output, string Error)> RunAsync(string filter, ulong blocks, bool isJson = true, int runs = 1)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await DerivationCommand.RunAsync(new DerivationCommand.Options(filter, blocks, runs, isJson), new BenchOutput(output, error, isTerminal: false));
        return (code, output.ToString(), error.ToString());
    }

    [Theory]
    [InlineData("pipeline/s", 1000, 8)] // singular and span
    [InlineData("engine/", 1200, 8)]
    public async Task Every_form_is_derived_to_the_last_block(string filter, ulong blocks, int rows)
    {
        (int code, string text, string error) = await RunAsync(filter, blocks);
        Assert.True(code == 0, text + error);
        JsonElement[] records = [.. JsonDocument.Parse(text).RootElement.EnumerateArray()];
        Assert.Equal(rows, records.Length);
        Assert.All(records, static record =>
        {
            Assert.True(record.GetProperty("per_s").GetDouble() > 0);
            Assert.True(record.GetProperty("posted_bytes").GetDouble() > 0);
            Assert.True(record.GetProperty("content_bytes").GetDouble() > record.GetProperty("posted_bytes").GetDouble());
        });
    }

    [Testing.VectorFact]
    public async Task Real_batches_are_decoded_and_derived()
    {
        (int code, string text, _) = await RunAsync("real blocks", 2000);
        Assert.Equal(0, code);
        Assert.Single(JsonDocument.Parse(text).RootElement.EnumerateArray());
        (code, text, _) = await RunAsync("decode/", 1);
        Assert.Equal(0, code);
        Assert.Equal(3, JsonDocument.Parse(text).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task A_whole_node_derives_a_chain_and_its_memory_is_sampled()
    {
        (int code, string text, string error) = await RunAsync("node/", 650, isJson: false);
        Assert.True(code == 0, text + error);
        Assert.Contains("devnet-like chain", text, StringComparison.Ordinal);
        Assert.Contains("working set MB", text, StringComparison.Ordinal);
        Assert.Contains("650", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_options_are_refused()
    {
        Assert.Equal(2, (await RunAsync("", 0)).Code);
        Assert.Equal(2, (await RunAsync("node/", 1, runs: 0)).Code);
        (int code, _, string error) = await RunAsync("no such row", 1);
        Assert.Equal(2, code);
        Assert.Contains("groups:", error, StringComparison.Ordinal);
    }
}
