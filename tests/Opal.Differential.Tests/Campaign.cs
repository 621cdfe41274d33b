namespace Opal.Differential.Tests;

/// <summary>Runs the cases of a seed on a fork in batches, and takes every difference apart.</summary>
internal sealed class Campaign(FuzzFork fork, FuzzOptions options)
{
    private readonly Batch _batch = new(fork, new OpalRunner());

    /// <summary>What a run showed.</summary>
    public sealed record Result(int Cases, int Included, int Succeeded, ulong GasUsed, int Different);

    /// <summary>Runs all cases, or as many as it takes to find too many differences.</summary>
    public async Task<Result> RunAsync(TextWriter log)
    {
        var total = new Result(0, 0, 0, 0, 0);
        for (ulong at = options.Start; at < options.Start + options.Count; at += (ulong)options.BatchSize)
        {
            int size = (int)Math.Min((ulong)options.BatchSize, options.Start + options.Count - at);
            var programs = new FuzzProgram[size];
            for (int i = 0; i < size; i++) programs[i] = ProgramGenerator.Make(fork, options.Seed, at + (ulong)i, options.Kind);
            Batch.Report report = await _batch.RunAsync(programs, options.Outputs).ConfigureAwait(false);
            IReadOnlyList<TxOutcome> outcomes = report.Opal.Blocks[^1].Transactions;
            int found = report.Differences.Count == 0 ? 0 : await new Investigation(_batch, options, log).ExplainAsync(programs, report).ConfigureAwait(false);
            total = new Result(
                total.Cases + size,
                total.Included + outcomes.Count(o => o.Refusal is null),
                total.Succeeded + outcomes.Count(o => o.Succeeded),
                total.GasUsed + report.Opal.Blocks[^1].Header.GasUsed,
                total.Different + found);
            if (total.Different >= options.MostFindings) break;
        }

        return total;
    }
}
