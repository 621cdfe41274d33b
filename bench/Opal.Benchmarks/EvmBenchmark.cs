using System.Diagnostics;
using System.Text.Json;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>Part 1 of the workloads: one top-level message call over a fresh journal, timed; what it returns is checked every time.</summary>
internal static class EvmBenchmark
{
    private const int MinRuns = 5;

    private sealed record Figure(EvmWorkload Workload, long Gas, double FirstNs, double MinNs, double MedianNs, double MaxNs)
    {
        public double Mgas(double ns) => Gas / ns * 1e3;
    }

    /// <summary>Runs and prints.</summary>
    /// <returns>0, or 1 when a result was wrong.</returns>
    public static int Run(string folder, string filter, double seconds, TextWriter output)
    {
        List<EvmWorkload> workloads = EvmWorkload.Load(folder, filter);
        using var machine = new EvmMachine(NativeCrypto.Instance);
        var figures = new List<Figure>();
        int wrong = 0;
        output.WriteLine($"{"workload",-58} {"min",9} {"median",9} {"max",9}  Mgas/s   {"median ns",14} {"first ns",14}");
        foreach (EvmWorkload workload in workloads)
        {
            if (!TryMeasure(machine, workload, seconds, out Figure? figure, out string? problem))
            {
                output.WriteLine($"{workload.Group + "/" + workload.Name,-58} WRONG: {problem}");
                wrong++;
                continue;
            }

            figures.Add(figure!);
            output.WriteLine($"{workload.Group + "/" + workload.Name,-58} {figure!.Mgas(figure.MaxNs),9:F1} {figure.Mgas(figure.MedianNs),9:F1} "
                + $"{figure.Mgas(figure.MinNs),9:F1}           {figure.MedianNs,14:F0} {figure.FirstNs,14:F0}");
        }

        foreach (IGrouping<string, Figure> group in figures.GroupBy(f => f.Workload.Group))
        {
            PrintMean(output, "group " + group.Key, group);
        }

        PrintMean(output, "EVM-main", LargestMain(figures));
        PrintMean(output, "EVM-token", figures.Where(f => f.Workload.Group == "token"));
        PrintMean(output, "EVM-precompile", figures.Where(f => f.Workload.Group == "precompile"));
        output.WriteLine($"{figures.Count} right, {wrong} wrong; {Environment.ProcessorCount} processors");
        return wrong == 0 ? 0 : 1;
    }

    /// <summary>Of each main/* program the input that uses most gas.</summary>
    private static IEnumerable<Figure> LargestMain(List<Figure> figures) =>
        figures.Where(f => f.Workload.Name.StartsWith("main/", StringComparison.Ordinal))
            .GroupBy(f => f.Workload.Name.Split('/')[1])
            .Select(g => g.MaxBy(f => f.Gas)!);

    private static void PrintMean(TextWriter output, string name, IEnumerable<Figure> figures)
    {
        var list = figures.ToList();
        if (list.Count == 0) return;
        output.WriteLine($"{name,-58} {Mean(f => f.MaxNs),9:F1} {Mean(f => f.MedianNs),9:F1} {Mean(f => f.MinNs),9:F1}  (geometric mean of {list.Count})");

        double Mean(Func<Figure, double> ns) => Math.Exp(list.Average(f => Math.Log(f.Mgas(ns(f)))));
    }

    private static bool TryMeasure(EvmMachine machine, EvmWorkload workload, double seconds, out Figure? figure, out string? problem)
    {
        figure = null;
        double first = RunOnce(machine, workload, out CallResult result);
        problem = Check(machine, workload, result);
        if (problem is not null) return false;
        RunOnce(machine, workload, out _);
        var times = new List<double>();
        long begin = Stopwatch.GetTimestamp();
        while (times.Count < MinRuns || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds)
        {
            times.Add(RunOnce(machine, workload, out result));
            problem = Check(machine, workload, result);
            if (problem is not null) return false;
        }

        times.Sort();
        figure = new Figure(workload, workload.Gas - result.GasLeft, first, times[0], times[times.Count / 2], times[^1]);
        return true;
    }

    private static double RunOnce(EvmMachine machine, EvmWorkload workload, out CallResult result)
    {
        bool isOp = workload.Name.StartsWith("p256verify", StringComparison.Ordinal);
        var block = new BlockContext
        {
            ChainId = 1u,
            Number = 1,
            Timestamp = 1_700_000_000,
            GasLimit = 1_000_000_000_000,
            BaseFee = 1_000_000_000u,
            BlobBaseFee = 1u,
            Coinbase = Address.FromNumber(0xc014ba5e),
        };
        machine.StartBlock(workload.State, workload.State, block, isOp ? EvmRules.OpFjord : EvmRules.Prague);
        machine.StartTransaction(new TransactionContext { Origin = workload.From, GasPrice = 1_000_000_000u });
        machine.Journal.WarmAddress(workload.From);
        machine.Journal.WarmAddress(workload.To);
        var message = new CallMessage { Caller = workload.From, To = workload.To, Input = workload.Data, Gas = workload.Gas };
        long begin = Stopwatch.GetTimestamp();
        result = machine.Call(message);
        return Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
    }

    private static string? Check(EvmMachine machine, EvmWorkload workload, in CallResult result)
    {
        JsonElement expect = workload.Expect;
        if (!result.IsSuccess) return $"halted with {result.Halt}";
        long gas = workload.Gas - result.GasLeft;
        if (expect.TryGetProperty("gasUsed", out JsonElement e) && e.GetInt64() != gas) return $"gas {gas}, expected {e.GetInt64()}";
        if (expect.TryGetProperty("refundCounter", out e) && e.GetInt64() != machine.Journal.Refund) return $"refund {machine.Journal.Refund}, expected {e.GetInt64()}";
        if (expect.TryGetProperty("logs", out e) && e.GetInt32() != machine.Journal.LogCount) return $"{machine.Journal.LogCount} logs, expected {e.GetInt32()}";
        ReadOnlySpan<byte> output = result.Output.Span;
        if (expect.TryGetProperty("output", out e) && e.GetString() != Hex.Encode(output)) return $"output {Hex.Encode(output)}";
        if (expect.TryGetProperty("outputKeccak", out e) && e.GetString() != Keccak256.Hash(output).ToString()) return "output differs";
        return null;
    }
}
