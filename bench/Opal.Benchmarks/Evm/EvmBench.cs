namespace Opal.Benchmarks;

/// <summary>Part 1 of the workloads: one top-level message call over a fresh journal, timed, alternating with the peer; every result is checked.</summary>
internal sealed class EvmBench(EvmEngine engine, double seconds, string? anvilProgram, BenchOutput output) : IDisposable
{
    private const int Rounds = 5;
    private const double WarmUpSeconds = 0.1;
    private Anvil? _ethereum;
    private Anvil? _optimism;

    /// <summary>Runs the workloads one after another.</summary>
    public List<EvmFigure> Run(IReadOnlyList<EvmWorkload> workloads)
    {
        var figures = new List<EvmFigure>();
        for (int i = 0; i < workloads.Count; i++)
        {
            output.Progress(i, workloads.Count, workloads[i].FullName);
            figures.Add(Measure(workloads[i]));
        }

        return figures;
    }

    private EvmFigure Measure(EvmWorkload workload)
    {
        using (var throwAway = new EvmCall(workload, engine)) throwAway.Run(out _); // .NET compiles the machine itself; the next one's first run compiles or decodes the contract
        using var ours = new EvmCall(workload, engine);
        string? problem = ours.Run(out double first);
        double warm = WarmUp(ours, ref problem);
        if (problem is not null) return new EvmFigure { Workload = workload, GasUsed = ours.GasUsed, Problem = problem };

        Anvil? anvil = PeerFor(workload);
        string snapshot = anvil is null ? "" : anvil.Ask("evm_snapshot", "").GetString()!;
        AnvilCall? peer = anvil is null ? null : AnvilCall.Prepare(anvil, workload, ours.Output, ours.GasUsed, warm);
        var times = new List<double>();
        long allocated = long.MaxValue;
        for (int round = 0; round < Rounds && problem is null; round++)
        {
            For(seconds / Rounds, () =>
            {
                string? wrong = ours.Run(out double time);
                problem ??= wrong;
                times.Add(time);
                allocated = Math.Min(allocated, ours.Allocated);
                return time;
            });
            if (peer is null) continue;
            For(seconds / Rounds, peer.Run);
            For(seconds / Rounds / 5, peer.RunIdle, least: 5);
        }

        if (anvil is not null) anvil.Ask("evm_revert", $"\"{snapshot}\"");
        return new EvmFigure
        {
            Workload = workload,
            GasUsed = ours.GasUsed,
            Times = problem is null ? new Samples(times) : null,
            First = first,
            Output = ours.Output,
            Allocated = allocated,
            Peer = problem is null ? peer?.Finish() : null,
            Problem = problem,
        };
    }

    /// <returns>The best time so far.</returns>
    private double WarmUp(EvmCall call, ref string? problem)
    {
        string? wrong = problem;
        double best = double.MaxValue;
        For(WarmUpSeconds, Once, least: 2);
        engine.Settle();
        Once();
        problem = wrong;
        return best;

        double Once()
        {
            string? found = call.Run(out double time);
            wrong ??= found;
            best = Math.Min(best, time);
            return time;
        }
    }

    /// <summary>Repeats something until it has taken so long, measured with its preparation.</summary>
    private static void For(double seconds, Func<double> run, int least = 1)
    {
        long begin = Clock.Now;
        for (int i = 0; i < least || Clock.Since(begin) < seconds; i++) run();
    }

    private Anvil? PeerFor(EvmWorkload workload)
    {
        if (anvilProgram is null) return null;
        return workload.IsOptimism
            ? _optimism ??= Anvil.Start(anvilProgram, "--network", "optimism")
            : _ethereum ??= Anvil.Start(anvilProgram, "--hardfork", "prague");
    }

    public void Dispose()
    {
        _ethereum?.Dispose();
        _optimism?.Dispose();
    }
}
