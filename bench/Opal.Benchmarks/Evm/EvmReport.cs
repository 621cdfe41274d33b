using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>Prints the EVM's figures: each workload, group means, headlines, and what they have to reach.</summary>
internal static class EvmReport
{
    private static readonly string[] Judged = ["EVM-main", "compute", "opcode", "calls", "token", "storage"];

    public static void Write(IReadOnlyList<EvmFigure> figures, EvmEngine engine, BenchOutput output)
    {
        WriteWorkloads(figures, engine, output);
        WriteGroups(figures, output);
        WriteProblems(figures, output);
        if (figures.Any(f => f.IsCompared)) Target.Write(Targets(figures, engine), output);
        output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{figures.Count(f => f.Problem is null)} right, {figures.Count(f => f.Problem is not null)} wrong; engine {engine.Name}; one thread of {Environment.ProcessorCount} processors"));
    }

    private static void WriteWorkloads(IReadOnlyList<EvmFigure> figures, EvmEngine engine, BenchOutput output)
    {
        var table = new TextTable($"EVM calls, engine {engine.Name}; Mgas/s of the best, median and worst run; ns per run (median)",
            "workload", "best", "median", "worst", "ns", "first ns", "runs", "anvil best", "median", "ratio best", "median", "note");
        foreach (EvmFigure figure in figures)
        {
            if (figure.Times is not { } times)
            {
                table.Add(figure.Workload.FullName, "WRONG");
                continue;
            }

            Samples? peer = figure.Peer?.Times;
            table.Add(figure.Workload.FullName, Speed(times.Min), Speed(times.Median), Speed(times.Max), Nanoseconds(times.Median),
                figure.ShowsFirst ? Nanoseconds(figure.First) : "", $"{times.Runs}", Speed(peer?.Min), Speed(peer?.Median),
                Ratio(figure, peer?.Min / times.Min), Ratio(figure, peer?.Median / times.Median), Note(figure.Peer));

            string Speed(double? seconds) => seconds is { } s ? Target.Text(figure.Mgas(s)) : "";
        }

        table.Write(output);
    }

    private static string Nanoseconds(double seconds) => (seconds * 1e9).ToString("N0", CultureInfo.InvariantCulture);

    private static string Ratio(EvmFigure figure, double? ratio) => ratio is not { } r ? "" : figure.Peer!.IsUnsure ? $"({Target.Text(r)})" : Target.Text(r);

    private static string Note(PeerTimes? peer) => peer switch
    {
        null => "",
        { Problem: not null } => "peer WRONG",
        { IsUnsure: true } => peer.Loop > 1 ? $"unsure, x{peer.Loop}" : "unsure",
        { Loop: > 1 } => $"x{peer.Loop}",
        _ => "",
    };

    private static void WriteGroups(IReadOnlyList<EvmFigure> figures, BenchOutput output)
    {
        var table = new TextTable("geometric means, Mgas/s", "group", "best", "median", "worst", "anvil best", "median", "ratio best", "median", "workloads", "compared");
        foreach ((string name, List<EvmFigure> members) in Groups(figures))
        {
            EvmFigure[] timed = members.Where(f => f.Times is not null).ToArray(), compared = members.Where(f => f.IsCompared).ToArray();
            table.Add(name,
                Mean(timed, f => f.Mgas(f.Times!.Min)), Mean(timed, f => f.Mgas(f.Times!.Median)), Mean(timed, f => f.Mgas(f.Times!.Max)),
                Mean(compared, f => f.Mgas(f.Peer!.Times!.Min)), Mean(compared, f => f.Mgas(f.Peer!.Times!.Median)),
                Mean(compared, f => f.BestRatio!.Value), Mean(compared, f => f.MedianRatio!.Value), $"{timed.Length}", $"{compared.Length}");
        }

        table.Write(output);
    }

    private static string Mean(EvmFigure[] figures, Func<EvmFigure, double> value) => Means.Geometric(figures.Select(value)) is { } mean ? Target.Text(mean) : "";

    /// <summary>The groups in the order of the file, then the headline figures.</summary>
    private static IEnumerable<(string Name, List<EvmFigure> Members)> Groups(IReadOnlyList<EvmFigure> figures)
    {
        foreach (IGrouping<string, EvmFigure> group in figures.GroupBy(f => f.Workload.Group)) yield return (group.Key, group.ToList());
        foreach (string headline in (string[])["EVM-main", "EVM-token", "EVM-precompile"])
        {
            List<EvmFigure> members = Members(figures, headline);
            if (members.Count > 0) yield return (headline, members);
        }
    }

    /// <summary>The workloads of a group or headline figure. EVM-main is, of each main/* program, the input that uses most gas.</summary>
    public static List<EvmFigure> Members(IReadOnlyList<EvmFigure> figures, string name) => name switch
    {
        "EVM-main" => figures.Where(f => f.Workload.Name.StartsWith("main/", StringComparison.Ordinal))
            .GroupBy(f => f.Workload.Name.Split('/')[1]).Select(g => g.MaxBy(f => f.Workload.Expect.GasUsed)!).ToList(),
        "EVM-token" => Members(figures, "token"),
        "EVM-precompile" => Members(figures, "precompile"),
        _ => figures.Where(f => f.Workload.Group == name).ToList(),
    };

    private static void WriteProblems(IReadOnlyList<EvmFigure> figures, BenchOutput output)
    {
        foreach (EvmFigure figure in figures)
        {
            if (figure.Problem is { } problem) output.Text.WriteLine($"WRONG {figure.Workload.FullName}: {problem}");
            if (figure.Peer?.Problem is { } peers) output.Text.WriteLine($"{figure.Peer.Name} does not do the same in {figure.Workload.FullName}: {peers}");
        }
    }

    /// <summary>The figures that execution has to reach, best run against best run: on a shared machine the slower runs measure the neighbours.</summary>
    public static IEnumerable<Target> Targets(IReadOnlyList<EvmFigure> figures, EvmEngine engine)
    {
        foreach (string name in Judged)
        {
            EvmFigure[] compared = Members(figures, name).Where(f => f.IsCompared).ToArray();
            if (compared.Length == 0) continue;
            bool isCompiled = engine.IsCompiled && name is ("EVM-main" or "compute");
            yield return new Target(
                $"{name}, Mgas/s", Means.Geometric(compared.Select(f => f.Mgas(f.Times!.Min))), Means.Geometric(compared.Select(f => f.Mgas(f.Peer!.Times!.Min))),
                Means.Geometric(compared.Select(f => f.BestRatio!.Value)), isCompiled ? 2.5 : 1.6, isCompiled ? 4.0 : 2.0, TargetKind.Ratio,
                isCompiled ? "compiled" : $"geometric mean of {compared.Length}");
        }

        foreach (Target target in Singles(figures.Where(f => !IsPrecompile(f)), 0.8, 1.0)) yield return target;
        foreach (Target target in Singles(figures.Where(IsPrecompile), 0.5, 0.9)) yield return target;
        if (figures.FirstOrDefault(f => f.Workload.Name == "call_20000") is { Times: not null } calls)
        {
            yield return new Target("allocation per call, bytes", calls.Allocated / 20_000.0, null, null, 0.1, 0.1, TargetKind.AtMost, "call_20000, with the top-level call's own");
        }
    }

    private static bool IsPrecompile(EvmFigure figure) => figure.Workload.Group.StartsWith("precompile", StringComparison.Ordinal);

    /// <summary>The weakest workload, and all others that do not reach the goal.</summary>
    private static IEnumerable<Target> Singles(IEnumerable<EvmFigure> figures, double must, double goal)
    {
        EvmFigure[] ordered = figures.Where(f => f.IsCompared).OrderBy(f => f.BestRatio).ToArray();
        for (int i = 0; i < ordered.Length && (i == 0 || ordered[i].BestRatio < goal); i++)
        {
            EvmFigure f = ordered[i];
            yield return new Target($"{f.Workload.FullName}, Mgas/s", f.Mgas(f.Times!.Min), f.Mgas(f.Peer!.Times!.Min), f.BestRatio, must, goal, TargetKind.Ratio, i == 0 ? "the weakest" : "");
        }
    }
}
