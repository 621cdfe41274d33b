namespace Opal.Benchmarks;

/// <summary>`opal bench evm`.</summary>
internal static class EvmCommand
{
    /// <param name="Filter">Part of group/name; empty for all.</param>
    /// <param name="Group">A whole group; null for all.</param>
    /// <param name="Engine">The engine's name.</param>
    /// <param name="Seconds">How long each workload runs, here and in the peer.</param>
    /// <param name="Peer">The peer; null takes anvil where it is installed.</param>
    /// <param name="IsJson">Whether the report is JSON.</param>
    public sealed record Options(string Filter, string? Group, string Engine, double Seconds, string? Peer, bool IsJson);

    /// <returns>0; 1 when a result was wrong; 2 when the options are wrong or there are no workloads.</returns>
    public static int Run(Options options, BenchOutput output)
    {
        if (!EvmEngine.TryFind(options.Engine, out EvmEngine engine, out string problem)) return Refuse(problem, output);
        if (!(options.Seconds > 0)) return Refuse("--seconds must be more than 0", output);
        if (!PeerChoice.TryFind(options.Peer, out string? anvil, out problem)) return Refuse(problem, output);
        if (problem.Length > 0) output.Say(problem);
        if (!BenchFolder.TryFind(Path.Combine("evm", "evm.json"), out string folder, out problem)) return Refuse(problem, output);
        List<EvmWorkload> all = EvmWorkload.Load(folder);
        List<EvmWorkload> chosen = all.Where(w => (options.Group is null || w.Group == options.Group) && w.FullName.Contains(options.Filter, StringComparison.OrdinalIgnoreCase)).ToList();
        if (chosen.Count == 0) return Refuse($"no workload fits; groups: {string.Join(", ", all.Select(w => w.Group).Distinct())}", output);

        List<EvmFigure> figures;
        try
        {
            using var bench = new EvmBench(engine, options.Seconds, anvil, output);
            figures = bench.Run(chosen);
        }
        catch (PeerException e)
        {
            return Refuse($"{e.Message}; --peer none measures without", output);
        }

        if (options.IsJson) BenchRecord.Write(figures.Select(f => f.ToRecord()), output.Text);
        else EvmReport.Write(figures, engine, output);
        return figures.All(f => f.Problem is null) ? 0 : 1;
    }

    private static int Refuse(string problem, BenchOutput output)
    {
        output.Error.WriteLine($"opal bench evm: {problem}");
        return 2;
    }
}
