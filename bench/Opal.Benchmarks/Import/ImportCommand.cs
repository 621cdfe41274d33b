using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>`opal bench import`: variant C of the block workloads, on the node's own database.</summary>
internal static class ImportCommand
{
    private sealed record Figure(string List, int Fillers, int Transactions, ulong Gas, ImportResult Result, double? PeerSeconds);

    /// <returns>0; 1 when a result was wrong; 2 when the options are wrong or there are no workloads.</returns>
    public static int Run(string filter, string accounts, string? peer, bool isJson, BenchOutput output)
    {
        if (!BlocksCommand.TryReadAccounts(accounts, out int[] fillers, out string problem)) return Refuse(problem, output);
        if (!PeerChoice.TryFind(peer, out string? anvil, out problem)) return Refuse(problem, output);
        if (problem.Length > 0) output.Say(problem);
        if (!BenchFolder.TryFind(Path.Combine("blocks", "expect.json"), out string folder, out problem)) return Refuse(problem, output);
        try
        {
            List<Figure> figures = Measure(filter, fillers, folder, anvil, output);
            if (figures.Count == 0) return Refuse($"no list is called like '{filter}'; there are: {string.Join(", ", TransactionList.Names)}", output);
            if (isJson) BenchRecord.Write(figures.Select(Record), output.Text);
            else Write(figures, output);
            return figures.All(f => f.Result.Problem is null) ? 0 : 1;
        }
        catch (Exception e) when (e is PeerException or InvalidDataException or FileNotFoundException)
        {
            return Refuse(e.Message, output);
        }
    }

    private static List<Figure> Measure(string filter, int[] fillers, string folder, string? anvil, BenchOutput output)
    {
        BenchGenesis genesis = BenchGenesis.Load(folder);
        var figures = new List<Figure>();
        string[] names = TransactionList.Names.Where(name => name.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToArray();
        foreach (int count in names.Length == 0 ? [] : fillers)
        {
            output.Say($"a store of {count:N0} accounts");
            using var template = new StoreTemplate(BenchChain.Ethereum, genesis.Accounts, count);
            output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0} accounts: made in {template.BuildSeconds:F1} s, {template.StateBytes / 1e6:F0} MB on disk, {(double)template.StateBytes / (count + genesis.Accounts.Count):F0} bytes an account"));
            foreach (string name in names)
            {
                output.Say($"{name}, {count:N0} accounts");
                TransactionList list = TransactionList.Load(folder, name, genesis.Expect);
                ImportResult result = new ImportRun(BenchChain.Ethereum, template, list, count).Run();
                figures.Add(new Figure(name, count, list.TransactionCount, (ulong)list.GasUsed.Sum(gas => (long)gas), result, anvil is null ? null : AskPeer(anvil, genesis, count, list, output)));
            }
        }

        return figures;
    }

    private static double? AskPeer(string program, BenchGenesis genesis, int fillers, TransactionList list, BenchOutput output)
    {
        if (fillers > 1_000_000) return null; // it holds all in memory and takes minutes to load
        var times = new List<BlockTime>();
        using Anvil anvil = RpcCommand.StartPeer(program, genesis, fillers, import: null);
        if (AnvilBlocks.Run(anvil, list, times) is not { } problem) return times.Sum(time => time.Seconds);
        output.Say($"{Anvil.Name}: {problem}");
        return null;
    }

    private static void Write(List<Figure> figures, BenchOutput output)
    {
        var table = new TextTable("import, on disk", "list, accounts", "Mgas/s", "tx/s", "ms a block, best", "median", "worst", "R-anvil tx/s", "close, s", "block bytes/tx", "history bytes/tx", "own memory, MB", "mapped, MB");
        foreach (Figure f in figures)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{f.List}, {f.Fillers:N0}");
            if (f.Result.Problem is not null || f.Result.Seconds.Count == 0)
            {
                table.Add(name, "WRONG");
                continue;
            }

            var times = new Samples(f.Result.Seconds);
            double total = f.Result.Seconds.Sum();
            table.Add(name, Target.Text(f.Gas / total / 1e6), Target.Text(f.Transactions / total), Target.Text(times.Min * 1e3), Target.Text(times.Median * 1e3), Target.Text(times.Max * 1e3),
                Target.Text(f.PeerSeconds is { } peer ? f.Transactions / peer : null), Target.Text(f.Result.CloseSeconds),
                Target.Text((double)f.Result.JournalBytes / f.Transactions), Target.Text((double)f.Result.HistoryBytes / f.Transactions), Target.Text(f.Result.Memory.OwnBytes / 1e6), Target.Text(f.Result.Memory.MappedBytes / 1e6));
        }

        table.Write(output);
        foreach (Figure f in figures.Where(f => f.Result.Problem is not null)) output.Text.WriteLine($"WRONG {f.List}: {f.Result.Problem}");
        Target.Write(Targets(figures), output);
    }

    /// <summary>How import falls as the state grows: not more than by half from the smallest to the largest.</summary>
    private static IEnumerable<Target> Targets(List<Figure> figures)
    {
        foreach (Figure f in figures.Where(f => f.Result.Problem is null && f.Fillers >= 10_000_000))
        {
            yield return new Target($"{f.List}, {f.Fillers:N0}: own memory of the process, MB", f.Result.Memory.OwnBytes / 1e6, null, null, 1000, 1000, TargetKind.AtMost);
        }

        foreach (IGrouping<string, Figure> list in figures.Where(f => f.Result.Seconds.Count > 0).GroupBy(f => f.List))
        {
            Figure smallest = list.MinBy(f => f.Fillers)!, largest = list.MaxBy(f => f.Fillers)!;
            if (smallest.Fillers == largest.Fillers) continue;
            double fall = largest.Result.Seconds.Sum() / smallest.Result.Seconds.Sum();
            yield return new Target($"{list.Key}: times slower at {largest.Fillers:N0} than at {smallest.Fillers:N0}", fall, null, null, 4, 2, TargetKind.AtMost);
        }
    }

    private static BenchRecord Record(Figure f) => new()
    {
        Name = $"{f.List}/{f.Fillers}",
        Group = "import",
        GasUsed = (long)(f.Gas / (ulong)Math.Max(1, f.Result.Seconds.Count)),
        Times = f.Result.Problem is null ? new Samples(f.Result.Seconds) : null,
        Work = (f.Transactions / (double)Math.Max(1, f.Result.Seconds.Count), "transactions"),
        More = [("close_s", f.Result.CloseSeconds), ("journal_bytes", f.Result.JournalBytes), ("history_bytes", f.Result.HistoryBytes), ("own_bytes", f.Result.Memory.OwnBytes), ("mapped_bytes", f.Result.Memory.MappedBytes)],
        Problem = f.Result.Problem,
    };

    private static int Refuse(string problem, BenchOutput output)
    {
        output.Error.WriteLine($"opal bench import: {problem}");
        return 2;
    }
}
