using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>Prints the blocks' figures and what they have to reach.</summary>
internal static class BlocksReport
{
    public static void Write(IReadOnlyList<BlockFigure> figures, BenchOutput output)
    {
        var table = new TextTable($"blocks; state {NodeState.Kind}; best, median and worst block",
            "list", "variant", "rules", "fillers", "tx/s best", "median", "Mgas/s", "ms/block", "median", "max", "root ms", "median", "max", "decode+recover ms", "peak MiB");
        foreach (BlockFigure figure in figures)
        {
            if (figure.Seconds is not { } times)
            {
                table.Add(figure.List, figure.Variant, figure.Mode, Count(figure.Fillers), "WRONG");
                continue;
            }

            Samples? root = figure.RootSeconds;
            table.Add(figure.List, figure.Variant, figure.Mode, Count(figure.Fillers),
                Target.Text(figure.TransactionsPerBlock / times.Min), Target.Text(figure.TransactionsPerBlock / times.Median), Target.Text(figure.GasPerBlock / times.Median / 1e6),
                Ms(times.Min), Ms(times.Median), Ms(times.Max), Ms(root?.Min), Ms(root?.Median), Ms(root?.Max), Ms(figure.PrepareSeconds?.Median),
                figure.PeakMegabytes == 0 ? "" : Target.Text(figure.PeakMegabytes));
        }

        table.Write(output);
        output.Text.WriteLine("R-anvil takes raw transactions over HTTP and mines them; its decode+recover is the sending.");
        output.Text.WriteLine("C-import: the state is in memory, so nothing is written; `opal bench import` does the same on the node's database.");
        foreach (BlockFigure figure in figures.Where(f => f.Problem is not null)) output.Text.WriteLine($"WRONG {figure.List} {figure.Group}: {figure.Problem}");
        output.Text.WriteLine();
        Target.Write(Targets(figures), output);
        output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{figures.Count(f => !f.IsPeer && f.Problem is null)} right, {figures.Count(f => !f.IsPeer && f.Problem is not null)} wrong; {Environment.ProcessorCount} processors"));
    }

    private static string Count(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Ms(double? seconds) => seconds is { } s ? (s * 1e3).ToString("F2", CultureInfo.InvariantCulture) : "";

    private static IEnumerable<Target> Targets(IReadOnlyList<BlockFigure> figures)
    {
        (string List, double Must, double Goal)[] exec =
            [("transfers_fresh", 250e3, 400e3), ("transfers_existing", 250e3, 400e3), ("erc20", 55e3, 75e3), ("swaps", 18e3, 25e3), ("mixed", 35e3, 50e3)];
        foreach ((string list, double must, double goal) in exec)
        {
            if (figures.FirstOrDefault(f => f.List == list && f.Variant == BlocksBench.NameOf(BlockVariant.Exec) && f.Seconds is not null) is not { } figure) continue;
            yield return new Target($"execution only, {list}, tx/s", figure.TransactionsPerBlock / figure.Seconds!.Min, null, null, must, goal, TargetKind.AtLeast, $"{Count(figure.Fillers)} fillers, best block");
        }

        foreach ((int fillers, double must, double goal) in ((int, double, double)[])[(1_000_000, 12, 6), (10_000_000, 15, 9)])
        {
            if (figures.FirstOrDefault(f => f.List == "mixed" && f.Fillers == fillers && f.Variant == BlocksBench.NameOf(BlockVariant.ExecRoot)) is not { RootSeconds: { } root }) continue;
            yield return new Target($"root of a mixed block, {Count(fillers)} accounts, ms", root.Min * 1e3, null, null, must, goal, TargetKind.AtMost, "best block");
        }

        foreach (string list in TransactionList.Names)
        {
            BlockFigure? ours = figures.FirstOrDefault(f => f is { Fillers: 0, Mode: "L1", Seconds: not null } && f.List == list && f.Variant == BlocksBench.NameOf(BlockVariant.Import));
            BlockFigure? peer = figures.FirstOrDefault(f => f.List == list && f.IsPeer && f.Seconds is not null);
            if (ours is null || peer is null) continue;
            double us = ours.TransactionsPerBlock / ours.Seconds!.Min, them = peer.TransactionsPerBlock / peer.Seconds!.Min;
            yield return new Target($"import, {list}, tx/s", us, them, us / them, 1, 1, TargetKind.Ratio, "for orientation: anvil takes and mines");
        }
    }
}
