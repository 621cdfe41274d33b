using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>`opal bench primitives`: part 3 of the workloads.</summary>
internal static class PrimitivesCommand
{
    private const int MinRuns = 5;
    private const int MinLongRuns = 2;

    /// <returns>0; 1 when a result was wrong; 2 when the options are wrong or there are no workloads.</returns>
    public static int Run(string filter, double seconds, string accounts, string entries, bool isJson, BenchOutput output)
    {
        if (!(seconds > 0)) return Refuse("--seconds must be more than 0", output);
        if (!BlocksCommand.TryReadAccounts(accounts, out int[] fillers, out string problem)) return Refuse(problem, output);
        if (!BlocksCommand.TryReadAccounts(entries, out int[] rows, out problem) || rows.Length != 1 || rows[0] == 0) return Refuse("--entries takes one number: 100k, 1M or 10M", output);
        if (!BenchFolder.TryFind(Path.Combine("blocks", "expect.json"), out string folder, out problem)) return Refuse(problem, output);
        BenchGenesis genesis = BenchGenesis.Load(folder);
        Primitive[] all = [.. KeccakPrimitives.All(), .. TransactionPrimitives.All(folder, genesis), .. TriePrimitives.All(genesis, fillers), .. StorePrimitives.All(rows[0])];
        Primitive[] chosen = all.Where(p => p.FullName.Contains(filter, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (chosen.Length == 0) return Refuse($"no primitive is called like '{filter}'; there are: {string.Join(", ", all.Select(p => p.Name))}", output);

        var records = new List<BenchRecord>();
        for (int i = 0; i < chosen.Length; i++)
        {
            output.Progress(i, chosen.Length, chosen[i].FullName);
            records.Add(Measure(chosen[i], seconds));
        }

        if (isJson) BenchRecord.Write(records, output.Text);
        else Write(records, output);
        return records.All(r => r.Problem is null) ? 0 : 1;
    }

    private static BenchRecord Measure(Primitive primitive, double seconds)
    {
        PreparedPrimitive prepared = primitive.Prepare();
        string? problem = prepared.Problem;
        double first = Once(prepared, ref problem);
        var times = new List<double>();
        int least = prepared.IsLong ? MinLongRuns : MinRuns;
        for (double spent = 0; (times.Count < least || spent < seconds) && problem is null; spent += times[^1]) times.Add(Once(prepared, ref problem));
        var more = new List<(string, double)>();
        if (problem is null)
        {
            var samples = new Samples(times);
            if (prepared.Bytes > 0) more.Add(("mb_s", prepared.Bytes / samples.Median / 1e6));
            if (prepared.Permutations > 0) more.AddRange([("mpermutations_s", prepared.Permutations / samples.Median / 1e6), ("mpermutations_best_s", prepared.Permutations / samples.Min / 1e6)]);
        }

        return new BenchRecord
        {
            Name = primitive.Name,
            Group = primitive.Group,
            Output = prepared.Output,
            Times = problem is null ? new Samples(times) : null,
            First = first,
            Work = (prepared.Amount, prepared.Unit),
            More = more,
            Problem = problem,
        };
    }

    private static double Once(PreparedPrimitive prepared, ref string? problem)
    {
        prepared.BeforeRun?.Invoke();
        long begin = Clock.Now;
        prepared.Run();
        double seconds = Clock.Since(begin);
        problem ??= prepared.Check?.Invoke();
        return seconds;
    }

    private static void Write(List<BenchRecord> records, BenchOutput output)
    {
        var table = new TextTable("primitives", "name", "a second, best", "median", "worst", "of", "MB/s", "M perm./s best", "median", "ms, best", "median", "runs");
        foreach (BenchRecord record in records)
        {
            if (record is not { Times: { } times, Work: { } work })
            {
                table.Add(record.Name, "WRONG");
                continue;
            }

            table.Add(record.Name, Target.Text(work.Amount / times.Min), Target.Text(work.Amount / times.Median), Target.Text(work.Amount / times.Max), work.Unit,
                Of(record, "mb_s"), Of(record, "mpermutations_best_s"), Of(record, "mpermutations_s"), Target.Text(times.Min * 1e3), Target.Text(times.Median * 1e3), $"{times.Runs}");
        }

        table.Write(output);
        foreach (BenchRecord record in records.Where(r => r.Problem is not null)) output.Text.WriteLine($"WRONG {record.Name}: {record.Problem}");
        Target.Write(Targets(records), output);
        output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{records.Count(r => r.Problem is null)} right, {records.Count(r => r.Problem is not null)} wrong; {Environment.ProcessorCount} processors"));
    }

    private static string Of(BenchRecord record, string name) => record.More.FirstOrDefault(m => m.Name == name) is { Name: not null } found ? Target.Text(found.Value) : "";

    private static IEnumerable<Target> Targets(List<BenchRecord> records)
    {
        foreach ((string figure, string name, double must, double goal) in ((string, string, double, double)[])[("keccak-256 one, M permutations/s", "keccak_532", 2.9, 3.2), ("keccak-256 batched, M permutations/s", "keccak_many", 7.8, 9.2)])
        {
            if (records.FirstOrDefault(r => r.Name == name && r.Times is not null) is not { } keccak) continue;
            yield return new Target(figure, keccak.More.First(m => m.Name == "mpermutations_best_s").Value, null, null, must, goal, TargetKind.AtLeast, $"{name}, best run");
        }

        if (records.FirstOrDefault(r => r.Name == "ecrecover") is { Times: { } times, Work: { } work })
        {
            yield return new Target("sender recovery a core, 1/s", work.Amount / times.Min, null, null, 17_000, 19_000, TargetKind.AtLeast, "hash included, best run");
        }
    }

    private static int Refuse(string problem, BenchOutput output)
    {
        output.Error.WriteLine($"opal bench primitives: {problem}");
        return 2;
    }
}
