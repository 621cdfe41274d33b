using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>Takes a batch that differs apart: which cases, how small they can be, what exactly differs, and from which step on.</summary>
internal sealed class Investigation(Batch batch, FuzzOptions options, TextWriter log)
{
    private const int ShrinkTries = 200;

    /// <summary>Reports the cases that differ, each shrunk, and writes a vector for each.</summary>
    /// <returns>How many there are, at least 1.</returns>
    public async Task<int> ExplainAsync(IReadOnlyList<FuzzProgram> programs, Batch.Report report)
    {
        List<int> suspects = [.. report.Differences.Where(d => d.Case >= 0).Select(d => d.Case).Distinct()];
        if (suspects.Count == 0) suspects = await BisectAsync([.. Enumerable.Range(0, programs.Count)], programs).ConfigureAwait(false);
        if (suspects.Count == 0)
        {
            await WriteAsync($"{batch.Fork.Name}: a block of {programs.Count} programs from {programs[0].Name} differs, no program of it alone does", report.Differences).ConfigureAwait(false);
            return 1;
        }

        foreach (int suspect in suspects.Take(options.MostFindings)) await ExplainOneAsync(programs[suspect], [.. report.Differences.Where(d => d.Case == suspect)]).ConfigureAwait(false);
        return suspects.Count;
    }

    /// <summary>The cases that differ by themselves, where only the block as a whole shows it.</summary>
    private async Task<List<int>> BisectAsync(List<int> candidates, IReadOnlyList<FuzzProgram> programs)
    {
        if (!await DiffersAsync([.. candidates.Select(i => programs[i])]).ConfigureAwait(false)) return [];
        if (candidates.Count == 1) return candidates;
        int half = candidates.Count / 2;
        List<int> found = await BisectAsync(candidates[..half], programs).ConfigureAwait(false);
        if (found.Count >= options.MostFindings) return found;
        return [.. found, .. await BisectAsync(candidates[half..], programs).ConfigureAwait(false)];
    }

    private async Task<bool> DiffersAsync(IReadOnlyList<FuzzProgram> programs) => (await batch.RunAsync(programs, programs.Count).ConfigureAwait(false)).Differences.Count > 0;

    private async Task ExplainOneAsync(FuzzProgram program, List<Difference> inBlock)
    {
        if (!await DiffersAsync([program]).ConfigureAwait(false))
        {
            await WriteAsync($"{program.Name} differs in its block, not alone", inBlock).ConfigureAwait(false);
            return;
        }

        FuzzProgram small = await new Shrinker(p => DiffersAsync([p]), ShrinkTries).ShrinkAsync(program).ConfigureAwait(false);
        (Batch.Report report, List<Difference> state, string? step) = await batch.RunInDetailAsync(small).ConfigureAwait(false);
        await WriteAsync($"{program.Name} differs", [.. report.Differences, .. state]).ConfigureAwait(false);
        Transaction tx = small.Transaction;
        await log.WriteLineAsync($"  transaction: type {tx.Type} gas {tx.GasLimit} to {tx.To?.ToString() ?? "(creation)"} value {tx.Value} data {Hex.Encode(tx.Data.Span)} authorizations {tx.AuthorizationList.Length}")
            .ConfigureAwait(false);
        foreach (GenesisAccount account in small.Accounts.Where(a => a.Code.Length > 0)) await log.WriteLineAsync($"  code {account.Address}: {Hex.Encode(account.Code)}").ConfigureAwait(false);
        await log.WriteLineAsync(step is null ? "  the steps are the same" : "  " + step).ConfigureAwait(false);
        Directory.CreateDirectory(options.VectorFolder);
        string file = Path.Combine(options.VectorFolder, program.Name.Replace('/', '-') + ".json");
        await File.WriteAllBytesAsync(file, VectorFile.Write(program.Name, "anvil's outcome", report.Anvil.Script, report.Anvil.Blocks)).ConfigureAwait(false);
        await log.WriteLineAsync($"  vector (with anvil's outcome): {file}").ConfigureAwait(false);
    }

    private async Task WriteAsync(string title, IReadOnlyList<Difference> differences)
    {
        await log.WriteLineAsync(title).ConfigureAwait(false);
        foreach (Difference difference in differences.Take(20)) await log.WriteLineAsync("  " + difference).ConfigureAwait(false);
    }
}
