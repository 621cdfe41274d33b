using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>`opal bench derivation`.</summary>
internal static class DerivationCommand
{
    private const string NodeName = "node/devnet-like chain";

    /// <param name="Filter">Part of group/name; empty for all.</param>
    /// <param name="Blocks">L2 blocks of a run without execution, and of the long chain.</param>
    /// <param name="Runs">Runs of each, after a warm-up; the long chain is derived once.</param>
    /// <param name="IsJson">Whether the report is JSON.</param>
    public sealed record Options(string Filter, ulong Blocks, int Runs, bool IsJson);

    /// <returns>0; 1 when a result was wrong; 2 when the options are wrong.</returns>
    public static async Task<int> RunAsync(Options options, BenchOutput output)
    {
        if (options.Blocks is 0 or > 10_000_000) return Refuse("--blocks must be from 1 to 10,000,000", output);
        if (options.Runs < 1) return Refuse("--runs must be at least 1", output);
        List<DerivationFigure> figures = [];
        List<MemorySample> memory = [];

        // first, so that its memory is its own
        if (NodeName.Contains(options.Filter, StringComparison.OrdinalIgnoreCase))
        {
            output.Say(NodeName);
            (DerivationFigure figure, memory) = await RunNodeAsync(options.Blocks, output);
            figures.Add(figure);
        }

        figures.AddRange(new DerivationBench(options.Blocks, options.Runs, output).Run(options.Filter));
        if (figures.Count == 0) return Refuse($"nothing is called like '{options.Filter}'; groups: decode, pipeline, engine, node", output);
        if (options.IsJson)
        {
            BenchRecord.Write(figures.Select(static figure => figure.ToRecord()), output.Text);
        }
        else
        {
            DerivationFigure.Write(figures, output);
            WriteMemory(memory, output);
        }

        return figures.TrueForAll(static figure => figure.Problem is null) ? 0 : 1;
    }

    private static async Task<(DerivationFigure Figure, List<MemorySample> Memory)> RunNodeAsync(ulong blocks, BenchOutput output)
    {
        await using var node = new NodeRun(output.Error);
        (Spent spent, string? problem) = await node.RunAsync(blocks, output);
        var figure = new DerivationFigure
        {
            Group = "node",
            Name = NodeName["node/".Length..],
            Blocks = blocks,
            Transactions = node.Poster.Transactions,
            PostedBytes = node.Poster.PostedBytes,
            ContentBytes = node.Poster.ContentBytes,
            Times = problem is null ? new Samples([spent.Seconds]) : null,
            CpuSeconds = problem is null ? spent.CpuSeconds : null,
            Problem = problem,
            More = [.. node.Samples.SelectMany(static sample => new[]
            {
                ($"working_set_mb_at_{sample.Block}", sample.WorkingSetMB), ($"own_mb_at_{sample.Block}", sample.OwnMB), ($"heap_mb_at_{sample.Block}", sample.HeapMB),
            })],
        };
        return (figure, node.Samples);
    }

    private static void WriteMemory(List<MemorySample> samples, BenchOutput output)
    {
        var table = new TextTable("node: memory while deriving", "L2 block", "seconds", "working set MB", "own MB", "heap MB");
        foreach (MemorySample sample in samples)
        {
            table.Add(sample.Block.ToString("N0", CultureInfo.InvariantCulture), Target.Text(sample.Seconds), Target.Text(sample.WorkingSetMB), Target.Text(sample.OwnMB), Target.Text(sample.HeapMB));
        }

        table.Write(output);
    }

    private static int Refuse(string problem, BenchOutput output)
    {
        output.Error.WriteLine($"opal bench derivation: {problem}");
        return 2;
    }
}
