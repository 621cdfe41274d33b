namespace Opal.Benchmarks;

/// <summary>`opal bench blocks`.</summary>
internal static class BlocksCommand
{
    /// <param name="Filter">Part of a list's name; empty for all.</param>
    /// <param name="Fillers">Numbers of filler accounts.</param>
    /// <param name="Variants">What is done with the blocks.</param>
    /// <param name="Runs">How often each list is run after a warm-up.</param>
    /// <param name="Peer">The peer; null takes anvil where it is installed.</param>
    /// <param name="IsJson">Whether the report is JSON.</param>
    public sealed record Options(string Filter, int[] Fillers, BlockVariant[] Variants, int Runs, string? Peer, bool IsJson);

    /// <returns>0; 1 when a result was wrong; 2 when the options are wrong or there are no workloads.</returns>
    public static int Run(string filter, string accounts, string variants, int runs, string? peer, bool isJson, BenchOutput output)
    {
        if (!TryReadAccounts(accounts, out int[] fillers, out string problem) || !TryReadVariants(variants, out BlockVariant[] chosen, out problem)) return Refuse(problem, output);
        return runs < 1 ? Refuse("--runs must be at least 1", output) : Run(new Options(filter, fillers, chosen, runs, peer, isJson), output);
    }

    private static int Run(Options options, BenchOutput output)
    {
        if (!PeerChoice.TryFind(options.Peer, out string? anvil, out string problem)) return Refuse(problem, output);
        if (problem.Length > 0) output.Say(problem);
        if (!BenchFolder.TryFind(Path.Combine("blocks", "expect.json"), out string folder, out problem)) return Refuse(problem, output);
        List<BlockFigure> figures;
        try
        {
            figures = new BlocksBench(folder, BenchGenesis.Load(folder), options, anvil, output).Run();
        }
        catch (Exception e) when (e is PeerException or InvalidDataException or FileNotFoundException)
        {
            return Refuse(e.Message, output);
        }

        if (figures.Count == 0) return Refuse($"no list is called like '{options.Filter}'; there are: {string.Join(", ", TransactionList.Names)}", output);
        if (options.IsJson) BenchRecord.Write(figures.Select(f => f.ToRecord()), output.Text);
        else BlocksReport.Write(figures, output);
        return figures.All(f => f.IsPeer || f.Problem is null) ? 0 : 1;
    }

    /// <summary>Numbers separated by commas; 100k and 1M are numbers too.</summary>
    internal static bool TryReadAccounts(string text, out int[] numbers, out string problem)
    {
        var read = new List<int>();
        problem = "";
        numbers = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int factor = part[^1] switch { 'k' or 'K' => 1_000, 'm' or 'M' => 1_000_000, _ => 1 };
            ReadOnlySpan<char> digits = factor == 1 ? part : part.AsSpan(0, part.Length - 1);
            if (!int.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) || (long)number * factor > 100_000_000)
            {
                problem = $"--accounts: '{part}' is no number of accounts; examples: 0, 100k, 1M, 10M";
                return false;
            }

            read.Add(number * factor);
        }

        numbers = read.Distinct().ToArray();
        if (numbers.Length == 0) problem = "--accounts: no number is given";
        return numbers.Length > 0;
    }

    /// <summary>Letters: ABCD.</summary>
    private static bool TryReadVariants(string text, out BlockVariant[] variants, out string problem)
    {
        problem = text.Length > 0 && text.All(c => "ABCDabcd".Contains(c)) ? "" : $"--variants: '{text}' is none of A (exec), B (exec+root), C (import), D (build)";
        variants = problem.Length == 0 ? text.Select(c => (BlockVariant)(char.ToUpperInvariant(c) - 'A')).Distinct().Order().ToArray() : [];
        return problem.Length == 0;
    }

    private static int Refuse(string problem, BenchOutput output)
    {
        output.Error.WriteLine($"opal bench blocks: {problem}");
        return 2;
    }
}
